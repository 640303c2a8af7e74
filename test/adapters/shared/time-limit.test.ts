import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { withinTime } from '../../../src/adapters/checks/shared/within-time.ts';
import { limited } from '../../../src/adapters/shared/time-limit.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Garbage is collected while it is waited for. */
async function collecting<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(collect, 10);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

test('a time limit holds, whatever is collected meanwhile', async () => {
  const outer = new AbortController();
  const signals = Array.from({ length: 20 }, () => limited(150, outer.signal));
  let fired = 0;
  for (const signal of signals) signal.addEventListener('abort', () => (fired += 1));
  await collecting(pause(400));
  expect(fired).toBe(20);
});

test('the other signal counts too, and alone it is a time limit', async () => {
  const outer = new AbortController();
  const signal = limited(60_000, outer.signal);
  outer.abort('enough');
  expect(signal.reason).toBe('enough');
  const alone = limited(20);
  await pause(60);
  expect(alone.aborted).toBe(true);
});

test('an attempt of a check ends in time', async () => {
  const looks = Array.from({ length: 20 }, () =>
    withinTime(150, AbortSignal.timeout(5_000), () => new Promise(() => undefined)),
  );
  const seen = await collecting(Promise.all(looks));
  expect(new Set(seen.map(({ detail }) => detail))).toEqual(new Set(['no answer within 150 ms']));
});
