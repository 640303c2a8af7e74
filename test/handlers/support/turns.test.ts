import { expect, test } from 'vitest';
import { Turns } from '../../../src/handlers/support/turns.ts';

test('work is not begun before the turn of the event loop is over, and a few at a time', async () => {
  const turns = new Turns();
  let begun = 0;
  const ends: (() => void)[] = [];
  for (let index = 0; index < 20; index += 1) {
    turns.start(() => {
      begun += 1;
      return new Promise((resolve) => ends.push(resolve));
    });
  }
  expect(begun).toBe(0);
  await expect.poll(() => begun, { interval: 1 }).toBeGreaterThanOrEqual(8);
  // More only where this process stood still for longer than one waits for another.
  expect(begun).toBeLessThan(20);
  ends[0]?.();
  await expect.poll(() => begun).toBeGreaterThanOrEqual(9);
});

test('what waits for somebody else does not keep the rest waiting', async () => {
  const turns = new Turns();
  let begun = 0;
  for (let index = 0; index < 10; index += 1) {
    turns.start(() => {
      begun += 1;
      return new Promise(() => undefined);
    });
  }
  await expect.poll(() => begun, { timeout: 2_000 }).toBe(10);
});

test('a stop waits for what was acknowledged', async () => {
  const turns = new Turns();
  const done: number[] = [];
  for (let index = 0; index < 12; index += 1) {
    turns.start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done.push(index);
    });
  }
  await turns.drained();
  expect(done).toHaveLength(12);
  await turns.drained();
});

test('whoever asks for a lot waits for themselves: others come next, and too much is not taken', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const ask = (who: string) =>
    turns.start(async () => {
      begun.push(who);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }, who);
  const taken = Array.from({ length: 1_000 }, () => ask('U_FLOOD')).filter(Boolean).length;
  expect(taken).toBeLessThanOrEqual(200);
  expect(ask('U_ADA')).toBe(true);
  expect(ask('U_GRACE')).toBe(true);
  expect(ask('U_ADA')).toBe(true);
  await turns.drained();
  expect(begun).toHaveLength(taken + 3);
  expect(begun.slice(0, 8).filter((who) => who !== 'U_FLOOD')).toEqual(['U_ADA', 'U_GRACE', 'U_ADA']);
  expect(ask('U_FLOOD'), 'once it is done they may ask again').toBe(true);
});
