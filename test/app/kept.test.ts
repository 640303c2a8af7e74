import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { kept, orNull } from '../../src/app/operations/kept.ts';

test('many who ask at once ask once, and again when the answer is old', async () => {
  let [time, asked] = [0, 0];
  const ask = kept(
    async () => {
      asked += 1;
      return asked;
    },
    1_000,
    () => time,
  );
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  time = 999;
  expect(await ask()).toBe(1);
  time = 1_000;
  expect(await ask()).toBe(2);
});

test('an answer gets old also where the clock is set back', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const ask = vi.fn(async () => 'ok');
    const often = kept(ask, 20);
    await often();
    vi.setSystemTime(Date.now() - 3_600_000);
    await pause(40);
    await often();
    expect(ask).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test('while no answer comes nobody asks a second time', async () => {
  let asked = 0;
  const ask = kept(
    () => {
      asked += 1;
      return new Promise<never>(() => undefined);
    },
    1,
    () => performance.now(),
  );
  expect(await Promise.all([orNull(ask(), 5), orNull(ask(), 20)])).toEqual([null, null]);
  expect(await orNull(ask(), 5)).toBeNull();
  expect(asked).toBe(1);
});

test('what fails is no answer', async () => {
  expect(await orNull(Promise.reject(new Error('away')), 1_000)).toBeNull();
});
