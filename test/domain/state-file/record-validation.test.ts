import { describe, expect, it } from 'vitest';
import { stagingValidationGate } from '../../../src/domain/gates/staging-validation.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import { recordValidation } from '../../../src/domain/state-file/record-validation.ts';

const PATH = 'specs/014-coupons/state.yaml';
const validation = { by: 'Grace\nHopper', at: Date.UTC(2026, 10, 20, 10), commit: 'a1b2c3d'.padEnd(40, '0') };
const record = (text: string) => recordValidation(PATH, text, validation);
const read = (text: string) =>
  readStateFiles([{ path: PATH, bytes: new TextEncoder().encode(text) }], {
    slug: '014-coupons',
    dir: 'specs/014-coupons',
  });

describe('recording a validation', () => {
  it('fills the gate that is there, in its names, and leaves everything else as it is', () => {
    const text = [
      '# ours',
      'manual_gates:',
      '  staging_validation:',
      '    status: pending # not yet',
      '    approved_at: null',
      '    approved_by: null',
      'deployment:',
      '  staging:',
      '    commit_sha: a1b2c3d',
      '    validated: false',
      '',
    ].join('\n');
    const written = record(text);
    expect(written).toBe(
      [
        '# ours',
        'manual_gates:',
        '  staging_validation:',
        '    status: approved # not yet',
        '    approved_at: "2026-11-20T10:00:00Z"',
        '    approved_by: Grace Hopper',
        `    validated_commit: ${validation.commit}`,
        'deployment:',
        '  staging:',
        '    commit_sha: a1b2c3d',
        '    validated: true',
        '',
      ].join('\n'),
    );
    expect(read(written)).toMatchObject({ stagingValidation: { value: 'approved' } });
    expect(read(written).approvals).toMatchObject([{ at: '2026-11-20T10:00:00Z' }]);
    expect(record(written)).toBe(written);
  });

  it('writes the canonical gate where there is none, and keeps to the place of older files', () => {
    expect(read(record('deployment:\n  staging:\n    commit_sha: a1b2c3d\n'))).toMatchObject({
      stagingValidation: { value: 'approved' },
    });
    const older = record('workflow:\n  manual_gates:\n    validate_staging:\n      status: pending\n');
    expect(older).toContain('  manual_gates:\n    validate_staging:\n      status: approved\n');
    expect(record('manual_gates:\n  staging_validation: pending\n')).toContain(
      'staging_validation: approved',
    );
  });

  it('writes its time where only that tells it from the approval before a rollback', () => {
    const back = 'deployment: { production: { rolled_back_at: "2026-11-20T09:00:00Z" } }\n';
    for (const gate of [
      '  staging_validation: approved # by Ada\n',
      '  staging_validation: { status: approved }\n',
      '  staging_validation:\n    status: approved\n    approved_at: 2026-11-19\n    validated_at: 2026-11-19\n',
      '  staging_validation:\n    status: approved\n    date: 2026-11-19\n',
    ]) {
      const written = record(`manual_gates:\n${gate}${back}`);
      expect(stagingValidationGate(read(written)), written).toMatchObject({ verdict: 'passed' });
    }
    expect(record(`manual_gates: { staging_validation: approved }\n${back}`)).toContain(
      'staging_validation: { status: approved, validated_at: "2026-11-20T10:00:00Z"',
    );
  });

  it('is refused where the file would go on to say no, or cannot be read', () => {
    const blocked =
      'manual_gates:\n  staging_validation:\n    status: pending\n    blockers:\n      - the till is empty\n';
    expect(() => record(blocked)).toThrow(expect.objectContaining({ code: 'state-file-unwritable' }));
    expect(() => record('a: [')).toThrow(expect.objectContaining({ code: 'state-file-unwritable' }));
  });
});
