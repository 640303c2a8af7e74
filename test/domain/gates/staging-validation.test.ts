import { describe, expect, test } from 'vitest';
import { rollbackGate } from '../../../src/domain/gates/rollback-gate.ts';
import { stagingValidationGate } from '../../../src/domain/gates/staging-validation.ts';
import { isReady } from '../../../src/domain/promotion/feature.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import { recordValidation } from '../../../src/domain/state-file/record-validation.ts';

const FEATURE = { slug: '015-sizes', dir: 'specs/015-sizes' };
const PATH = `${FEATURE.dir}/state.yaml`;
const COMMIT = '4f9c1d0a7be2365d18c04b9ad2f1e6035c7a9b84';
const STAGING = `deployment: { staging: { deployed_at: 2029-12-31T10:00:00Z, commit_sha: ${COMMIT} } }`;

const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) });
const read = (text: string) => readStateFiles([file(PATH, text)], FEATURE);
const approved = (more: string, deployment = STAGING) =>
  read(`manual_gates: { staging_validation: { status: approved${more} } }\n${deployment}`);

describe('an approval of an earlier build of staging', () => {
  test.each([
    ['is older', ', approved_at: 2029-11-01T10:00:00Z'],
    ['is of two days before', ', validated_at: 2029-12-29'],
    ['is older, in the same zone', ', approved_at: 2029-12-31T09:59:00Z'],
  ])('fails when it %s', (_name, more) => {
    const reading = approved(more);
    expect(stagingValidationGate(reading)).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining(
        'is older than the deployment of what is on staging now, 2029-12-31T10:00:00Z (specs/015-sizes/state.yaml:2); it names no commit, so it may be of an earlier build.',
      ),
      remedy: expect.stringMatching(/`\/ship-prod validate`.*`validated_commit`/),
    });
    expect(isReady(reading)).toBe(false);
  });

  test.each([
    ['is later', ', approved_at: 2029-12-31T11:00:00Z'],
    ['is of the same moment', ', approved_at: 2029-12-31T10:00:00Z'],
    ['is of the same day, without its hour', ', approved_at: 2029-12-31'],
    ['is some hours older by a clock of no zone', ', approved_at: 2029-12-31 08:00'],
    ['has no time', ''],
    [
      'names the commit that was deployed again',
      `, approved_at: 2029-11-01, validated_commit: ${COMMIT.slice(0, 9)}`,
    ],
  ])('does not when it %s', (_name, more) => {
    const reading = approved(more);
    expect(stagingValidationGate(reading).verdict).toBe('passed');
    expect(isReady(reading)).toBe(true);
  });

  test('is mended by a validation that is recorded', () => {
    const text = `manual_gates:\n  staging_validation:\n    status: approved\n    approved_at: 2029-11-01\n${STAGING}\n`;
    const written = recordValidation(PATH, text, { by: 'bea', at: Date.UTC(2030, 0, 1), commit: COMMIT });
    expect(stagingValidationGate(read(written)).verdict).toBe('passed');
  });
});

describe('several approvals', () => {
  const gate = (at: string, more = '') =>
    `{ name: staging_validation, status: approved, approved_at: ${at}${more} }`;
  const OLD = '2029-11-01';
  const NEW = '2029-12-31T12:00:00Z';

  test.each([
    ['of a list', `manual_gates: [${gate(OLD)}, ${gate(NEW)}]\n${STAGING}`],
    ['in two places', `manual_gates: [${gate(NEW)}]\nworkflow: { manual_gates: [${gate(OLD)}] }\n${STAGING}`],
    [
      'after a rollback',
      `manual_gates: [${gate(OLD)}, ${gate(NEW)}]\n${STAGING}\n`.replace(
        '} }\n',
        '}, production: { rolled_back_at: 2029-12-30T10:00:00Z } }\n',
      ),
    ],
  ])('count by the newest: %s', (_name, text) => {
    const reading = read(text);
    expect(stagingValidationGate(reading).verdict).toBe('passed');
    expect(isReady(reading)).toBe(true);
  });

  test('fail when all of them are older', () => {
    const reading = read(`manual_gates: [${gate(OLD)}, ${gate('2029-12-01')}]\n${STAGING}`);
    expect(stagingValidationGate(reading).reason).toContain('The approval of 2029-12-01 is older');
  });

  test.each([
    ['an old time does not fail', NEW, gate(OLD), 'passed'],
    ['a commit does not pass', OLD, gate(OLD, `, commit_sha: ${COMMIT}`), 'failed'],
  ])(
    'of a shared file that names no feature, of which %s that of the feature',
    (_name, at, more, verdict) => {
      const reading = readStateFiles(
        [
          file(PATH, `manual_gates: [${gate(at)}]\n${STAGING}`),
          file('.spec-flow/memory/state.yaml', `manual_gates: [${more}]`),
        ],
        FEATURE,
      );
      expect(stagingValidationGate(reading).verdict).toBe(verdict);
    },
  );
});

describe('a shared file that names no feature', () => {
  const both = (at: string) =>
    readStateFiles(
      [
        file(PATH, `phase: ship-prod\n${STAGING}`),
        file(
          '.spec-flow/memory/state.yaml',
          `manual_gates: { staging_validation: { status: approved, approved_at: ${at} } }\nquality_gates: { rollback: { status: passed, tested_at: ${at} } }`,
        ),
      ],
      FEATURE,
    );

  test('says nothing good of a build that is younger', () => {
    const reading = both('2029-02-01');
    expect(stagingValidationGate(reading).verdict).toBe('failed');
    expect(rollbackGate(reading)).toMatchObject({
      verdict: 'failed',
      reason: expect.stringMatching(/^The rollback test of 2029-02-01 is older .* its file names no feature/),
    });
  });

  test('counts for what was deployed before', () => {
    const reading = both('2029-12-31T12:00:00Z');
    expect(stagingValidationGate(reading).verdict).toBe('passed');
    expect(rollbackGate(reading).verdict).toBe('passed');
  });

  test('of an older test does not fail that of the feature', () => {
    const reading = readStateFiles(
      [
        file(PATH, `quality_gates: { rollback: passed }\n${STAGING}`),
        file(
          '.spec-flow/memory/state.yaml',
          'quality_gates: { rollback: { status: passed, tested_at: 2029-02-01 } }',
        ),
      ],
      FEATURE,
    );
    expect(rollbackGate(reading).verdict).toBe('passed');
  });

  test('the test that a feature has in its own file is not tied to one build', () => {
    const reading = read(
      `quality_gates: { rollback: { status: passed, tested_at: 2029-12-01 } }\n${STAGING}`,
    );
    expect(rollbackGate(reading).verdict).toBe('passed');
  });
});

describe('what speaks against a gate counts, wherever it stands', () => {
  test.each([
    ['revoked: true'],
    ['withdrawn: true'],
    ['cancelled: yes'],
    ['expired: true'],
    ['revoked_at: 2029-12-31T12:00:00Z'],
  ])('an approval with `%s`', (more) => {
    expect(stagingValidationGate(approved(`, ${more}`)).verdict).toBe('unknown');
  });

  test('an approval that was given again after it was revoked', () => {
    const again = approved(', revoked_at: 2029-12-31T12:00:00Z, approved_at: 2030-01-01');
    expect(stagingValidationGate(again).verdict).toBe('passed');
  });

  test('but not a time at which it will expire', () => {
    const reading = approved(', approved_at: 2030-01-01, expired_at: 2030-02-01');
    expect(stagingValidationGate(reading).verdict).toBe('passed');
  });

  test.each(['revoked', 'withdrawn', 'expired'])('the status %s', (status) => {
    const reading = read(`manual_gates: { staging_validation: { status: ${status} } }`);
    expect(stagingValidationGate(reading).verdict).toBe('failed');
  });

  test('the section of the other kind of gates, but only when it says no', () => {
    const rollback = read(
      'quality_gates: { rollback: passed }\nmanual_gates: { rollback: { status: failed } }',
    );
    expect(rollbackGate(rollback)).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('manual_gates.rollback.status: failed'),
    });
    const staging = read(
      'manual_gates: { staging_validation: approved }\nquality_gates: { staging_validation: rejected }',
    );
    expect(stagingValidationGate(staging).verdict).toBe('unknown');
    const alone = read('quality_gates: { staging_validation: approved }\nmanual_gates: { rollback: passed }');
    expect(stagingValidationGate(alone).verdict).toBe('unknown');
    expect(rollbackGate(alone).verdict).toBe('unknown');
  });
});

describe('`rollback_tested: false` beside a test that passed', () => {
  const state = (staging: string, rollback = '') =>
    read(
      `manual_gates: { staging_validation: { ${staging}, rollback_tested: false } }\nquality_gates: { rollback: { status: passed${rollback} } }\n${STAGING}`,
    );

  test.each([
    [
      'counts once staging is approved, where the test is of before it was deployed',
      state('status: approved, validated_at: 2029-12-31T12:00:00Z', ', tested_at: 2029-12-01'),
      'unknown',
    ],
    [
      'counts where nothing else is said',
      read('manual_gates: { staging_validation: { status: approved, rollback_tested: false } }'),
      'failed',
    ],
    ['gives way to a test without a time', state('status: approved'), 'passed'],
    [
      'gives way to a test before the approval',
      state('status: approved, validated_at: 2029-12-31T12:00:00Z', ', tested_at: 2029-12-31T11:00:00Z'),
      'passed',
    ],
    ['is the default of the template before', state('status: pending'), 'passed'],
    [
      'gives way to a test of later',
      state('status: approved, validated_at: 2029-12-31T12:00:00Z', ', tested_at: 2030-01-01'),
      'passed',
    ],
  ])('%s', (_name, reading, verdict) => {
    expect(rollbackGate(reading).verdict).toBe(verdict);
  });

  test('is set when Slipway records the validation', () => {
    const text =
      'manual_gates:\n  staging_validation:\n    status: pending\n    rollback_tested: false\nquality_gates:\n  rollback: { status: passed }\n';
    const written = recordValidation(PATH, text, { by: 'bea', at: Date.UTC(2030, 0, 1), commit: COMMIT });
    expect(written).toContain('rollback_tested: true');
    expect(rollbackGate(read(written)).verdict).toBe('passed');
  });
});
