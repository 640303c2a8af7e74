import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { clockSteps, startClockWatch } from '../../src/jobs/clock.ts';
import { ManualClock } from '../support/manual-clock.ts';

test('sees by how much a clock is set, once, and not that it is kept right', async () => {
  const clock = new ManualClock();
  const look = clockSteps({ now: () => clock.now(), elapsed: () => clock.elapsed() });
  await clock.pass(60_000);
  expect(look()).toBe(0);
  clock.setBack(4_000);
  expect(look()).toBe(0);
  clock.setBack(3_600_000);
  await clock.pass(1_000);
  expect(look()).toBe(-3_600_000);
  expect(look()).toBe(0);
  clock.setBack(-30_000);
  expect(look()).toBe(30_000);
});

test('says in the log what that means for promotions that wait', async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const watch = startClockWatch({ now: () => clock.now(), elapsed: () => clock.elapsed() }, log);
  clock.setBack(3_600_000);
  await vi.waitUntil(() => lines.length > 0, { timeout: 15_000 });
  await watch.stop();
  expect(lines).toEqual([expect.stringMatching(/"seconds":3600.*set back.*that much later/)]);
});
