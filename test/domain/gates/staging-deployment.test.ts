import { describe, expect, test } from 'vitest';
import type { GateResult } from '../../../src/domain/gates/gate.ts';
import { confirmedByHost } from '../../../src/domain/gates/staging-deployment.ts';

const COMMIT = '1a2b3c4d'.repeat(5);
const GATE = { id: 'staging-deployment', title: 'Staging deployment', tookMs: 0 };
const passed: GateResult = { ...GATE, verdict: 'passed', reason: 'Deployed to staging: deployed_at.' };
const unsaid: GateResult = { ...GATE, verdict: 'unknown', reason: 'Nothing says so.' };
const shown = (state: string | null) => ({ environment: 'staging', state, url: 'https://host.test/d/1' });

describe('what the host shows of the validated commit', () => {
  test.each(['success', 'inactive'])('%s confirms what the state file says', (state) => {
    expect(confirmedByHost(passed, 'value', shown(state), COMMIT)).toMatchObject({
      verdict: 'passed',
      reason: 'Deployed to staging: deployed_at. The git host shows it too.',
    });
  });

  test('makes up for a state file that says nothing', () => {
    expect(confirmedByHost(unsaid, 'missing', shown('success'), COMMIT)).toMatchObject({
      verdict: 'passed',
      reason: 'The git host shows the deployment of 1a2b3c4 to staging.',
      link: 'https://host.test/d/1',
    });
  });

  test('does not overrule one that says no: the two contradict each other', () => {
    const no: GateResult = { ...GATE, verdict: 'failed', reason: 'It was not deployed.' };
    expect(confirmedByHost(no, 'value', shown('success'), COMMIT)).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringMatching(/but the state file does not\. It was not deployed\.$/),
    });
  });

  test('nor one that contradicts itself', () => {
    expect(confirmedByHost(unsaid, 'contradiction', shown('success'), COMMIT)).toEqual(unsaid);
  });

  test.each([
    ['failure', 'failed', 'The deployment of 1a2b3c4 to staging failed.'],
    ['error', 'failed', 'The deployment of 1a2b3c4 to staging failed.'],
    ['in_progress', 'pending', 'The deployment of 1a2b3c4 to staging has not ended (in_progress).'],
    [null, 'pending', 'The deployment of 1a2b3c4 to staging has not ended (no status yet).'],
  ] as const)('%s does not pass, whatever the state file says', (state, verdict, reason) => {
    expect(confirmedByHost(passed, 'value', shown(state), COMMIT)).toMatchObject({ verdict, reason });
  });

  test('nothing at all does not pass either', () => {
    expect(confirmedByHost(passed, 'value', null, COMMIT)).toMatchObject({
      verdict: 'failed',
      reason: 'The git host shows no deployment of 1a2b3c4 to staging.',
      remedy: 'Deploy exactly 1a2b3c4 to staging, then re-check.',
    });
  });
});
