import { describe, expect, test } from 'vitest';
import { failed, pauseAfter, running, succeeded } from '../../../../src/adapters/targets/shared/status.ts';

const HANDLE = { id: 'run-1', startedAt: 1_000_000, state: {} };

describe('how a deployment goes', () => {
  test('has only the links that there are', () => {
    expect(succeeded('v2', 1, 2, { url: null, logUrl: undefined })).toEqual({
      kind: 'succeeded',
      deployment: { id: 'v2', startedAt: 1, finishedAt: 2 },
    });
    expect(succeeded('v2', 1, 2, { url: 'https://shop', logUrl: 'https://log' })).toEqual({
      kind: 'succeeded',
      deployment: { id: 'v2', url: 'https://shop', logUrl: 'https://log', startedAt: 1, finishedAt: 2 },
    });
    expect(failed('no', { log: [], logUrl: '' })).toEqual({ kind: 'failed', reason: 'no' });
    expect(failed('no', { log: ['a'] })).toEqual({ kind: 'failed', reason: 'no', log: ['a'] });
  });

  test('never ends before it began, whatever the clock of the platform says', () => {
    expect(succeeded('v2', 500, 200)).toMatchObject({ deployment: { startedAt: 500, finishedAt: 500 } });
  });

  test('is asked for often at first, then less, and not for ever', () => {
    const looked = (seconds: number) =>
      running(HANDLE, HANDLE.startedAt + seconds * 1_000, 'building', 'https://log');
    expect([-5, 0, 9, 10, 59, 60, 3_600].map((seconds) => looked(seconds))).toEqual(
      [1_000, 1_000, 1_000, 2_500, 2_500, 5_000, 5_000].map((askAgainMs) => ({
        kind: 'running',
        detail: 'building',
        askAgainMs,
        logUrl: 'https://log',
      })),
    );
    expect(looked(3_601)).toEqual({
      kind: 'failed',
      reason: 'It has not come to an end within 1 h: building.',
      goesOn: true,
      logUrl: 'https://log',
    });
  });

  test('the last pause begins when it is said to', () => {
    const pauses = [1, 2, 3] as const;
    expect([119_999, 120_000].map((elapsed) => pauseAfter(elapsed, pauses, 120_000))).toEqual([2, 3]);
  });
});
