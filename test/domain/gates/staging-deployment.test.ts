import { describe, expect, test } from 'vitest';
import type { GateResult } from '../../../src/domain/gates/gate.ts';
import { confirmedByHost, stagingDeploymentGate } from '../../../src/domain/gates/staging-deployment.ts';
import { stagingValidationGate } from '../../../src/domain/gates/staging-validation.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import type { StateReading } from '../../../src/domain/state-file/reading.ts';

const COMMIT = '1a2b3c4d'.repeat(5);
const GATE = { id: 'staging-deployment', title: 'Staging deployment', tookMs: 0 };
const passed: GateResult = { ...GATE, verdict: 'passed', reason: 'Deployed to staging: deployed_at.' };
const unsaid: GateResult = { ...GATE, verdict: 'unknown', reason: 'Nothing says so.' };
const shown = (state: string | null) => ({ environment: 'staging', state, url: 'https://host.test/d/1' });

const read = (text: string) =>
  readStateFiles([{ path: 'state.yaml', bytes: new TextEncoder().encode(text) }]);
const FILE = {
  value: read('deployment: { staging: { deployed: true } }'),
  denied: read('deployment: { staging: { deployed: false } }'),
  missing: read('phase: ship-prod'),
  contradiction: read('deployment: { staging: { deployed: true, status: not_deployed } }'),
};

describe('what the host shows of the validated commit', () => {
  test.each(['success', 'inactive'])('%s confirms what the state file says', (state) => {
    expect(confirmedByHost(passed, FILE.value, shown(state), COMMIT)).toMatchObject({
      verdict: 'passed',
      reason: 'Deployed to staging: deployed_at. The git host shows it too.',
    });
  });

  test('makes up for a state file that says nothing', () => {
    expect(confirmedByHost(unsaid, FILE.missing, shown('success'), COMMIT)).toMatchObject({
      verdict: 'passed',
      reason: 'The git host shows the deployment of 1a2b3c4 to staging.',
      link: 'https://host.test/d/1',
    });
  });

  test('does not overrule one that says no: the two contradict each other', () => {
    const no: GateResult = { ...GATE, verdict: 'failed', reason: 'It was not deployed.' };
    expect(confirmedByHost(no, FILE.denied, shown('success'), COMMIT)).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringMatching(/but the state file does not\. It was not deployed\.$/),
    });
  });

  test('nor one that contradicts itself', () => {
    expect(confirmedByHost(unsaid, FILE.contradiction, shown('success'), COMMIT)).toEqual(unsaid);
  });

  test.each([
    ['failure', 'failed', 'The deployment of 1a2b3c4 to staging failed.'],
    ['error', 'failed', 'The deployment of 1a2b3c4 to staging failed.'],
    ['in_progress', 'pending', 'The deployment of 1a2b3c4 to staging has not ended (in_progress).'],
    [null, 'pending', 'The deployment of 1a2b3c4 to staging has not ended (no status yet).'],
  ] as const)('%s does not pass, whatever the state file says', (state, verdict, reason) => {
    expect(confirmedByHost(passed, FILE.value, shown(state), COMMIT)).toMatchObject({ verdict, reason });
  });

  test('nothing at all does not pass either', () => {
    expect(confirmedByHost(passed, FILE.value, null, COMMIT)).toMatchObject({
      verdict: 'failed',
      reason: 'The git host shows no deployment of 1a2b3c4 to staging.',
      remedy: 'Deploy exactly 1a2b3c4 to staging, then re-check.',
    });
  });
});

describe('after a rollback of production', () => {
  const BACK = '2026-11-01T11:00:00Z';
  const state = (approval: string, staging: string, production = `rolled_back_at: ${BACK}`) =>
    read(
      `manual_gates: { staging_validation: { status: approved${approval} } }\n` +
        `deployment: { staging: { deployed: true${staging} }, production: { ${production} } }`,
    );
  const verdicts = (reading: StateReading) => [
    stagingValidationGate(reading).verdict,
    stagingDeploymentGate(reading).verdict,
  ];
  const at = (key: string, time: string) => `, ${key}: ${time}`;

  test.each([
    ['no time', '', '', ['unknown', 'unknown']],
    ['no readable time', ', approved_at: yesterday', ', deployed_at: last week', ['unknown', 'unknown']],
    ['the same moment', at('approved_at', BACK), at('deployed_at', BACK), ['unknown', 'unknown']],
    ['a staging deployment alone', '', at('deployed_at', '2026-11-02T10:00:00Z'), ['unknown', 'passed']],
    ['an approval alone', at('approved_at', '2026-11-02T10:00:00Z'), '', ['passed', 'unknown']],
    ['what is older', at('approved_at', '2026-10-31'), at('deployed_at', '2026-10-31'), ['failed', 'failed']],
    [
      'both',
      at('approved_at', '2026-11-02T11:00:00Z'),
      at('deployed_at', '2026-11-02'),
      ['passed', 'passed'],
    ],
  ])('%s', (_name, approval, staging, expected) => {
    expect(verdicts(state(approval, staging))).toEqual(expected);
  });

  test('a rollback of which nobody knows when it was, or whether, lets nothing pass', () => {
    const [approval, staging] = [at('approved_at', '2026-11-02'), at('deployed_at', '2026-11-02')];
    const undated = state(approval, staging, 'rolled_back: true');
    expect(verdicts(undated)).toEqual(['unknown', 'unknown']);
    expect(stagingValidationGate(undated).remedy).toContain('`rolled_back_at`');
    const unclear = readStateFiles(
      ['deployed_at: 2026-11-01', `rolled_back_at: ${BACK}`].map((production, at) => ({
        path: `${at}.yaml`,
        bytes: new TextEncoder().encode(
          `manual_gates: { staging_validation: { status: approved } }\ndeployment: { staging: { deployed: true }, production: { ${production} } }`,
        ),
      })),
    );
    expect(verdicts(unclear)).toEqual(['unknown', 'unknown']);
    expect(stagingValidationGate(unclear).reason).toContain('contradict each other');
  });

  test('what is missing is said with what to do', () => {
    expect(stagingValidationGate(state('', ''))).toMatchObject({
      reason: `No time says that the approval came after production was rolled back: deployment.production.rolled_back_at: ${BACK} (state.yaml:2).`,
      remedy: expect.stringContaining('`/ship-prod validate` then records `approved` with its time'),
    });
  });

  test('the host makes up for nothing: what it shows has no time', () => {
    const silent = read(`deployment: { production: { rolled_back_at: ${BACK} } }`);
    expect(confirmedByHost(unsaid, silent, shown('success'), COMMIT)).toEqual(unsaid);
    const undated = state('', '');
    const said = stagingDeploymentGate(undated);
    expect(confirmedByHost(said, undated, shown('success'), COMMIT)).toEqual(said);
  });
});
