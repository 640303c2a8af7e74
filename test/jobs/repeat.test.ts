import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';
import { EVERY, repeat } from '../../src/jobs/repeat.ts';

function logged() {
  const lines: string[] = [];
  return { lines, log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }) };
}

test('does it at once and again, and logs what fails, but not what does not answer now', async () => {
  const { lines, log } = logged();
  const errors = [new Unavailable('Slack', 'connection refused'), new Error('a bug')];
  const work = vi.fn(async () => {
    const error = errors.shift();
    if (error) throw error;
  });
  const job = repeat(EVERY.fiveSeconds, work, { log, trouble: 'it could not be done' });
  await vi.waitUntil(() => work.mock.calls.length === 3, { timeout: 16_000 });
  await job.stop();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/a bug.*it could not be done/);
});

test.each([
  ['back', -3_600_000],
  ['forward', 30 * 86_400_000],
])('goes on in time when the clock is set %s', async (_way, ms) => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const work = vi.fn(async () => undefined);
    const job = repeat(EVERY.fiveSeconds, work, { log: logged().log, trouble: 'no', atOnce: false });
    vi.setSystemTime(Date.now() + ms);
    await pause(11_000);
    await job.stop();
    expect(work).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test('never does it twice at once, the first turn neither, and stops when the turn under way is over', async () => {
  const { log } = logged();
  let running = 0;
  let most = 0;
  const work = vi.fn(async () => {
    running += 1;
    most = Math.max(most, running);
    await pause(7_000);
    running -= 1;
  });
  const job = repeat(EVERY.fiveSeconds, work, { log, trouble: 'no' });
  await pause(5_500);
  await job.stop();
  expect({ most, running }).toEqual({ most: 1, running: 0 });
});

test('a process that was frozen does not complain of the turns that it missed', async () => {
  const { lines, log } = logged();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const job = repeat(EVERY.fiveSeconds, async () => undefined, { log, trouble: 'no', atOnce: false });
  const until = Date.now() + 6_000;
  // Nothing else runs meanwhile.
  while (Date.now() < until);
  await pause(1_500);
  await job.stop();
  expect(warn).not.toHaveBeenCalled();
  expect(lines).toEqual([]);
  warn.mockRestore();
});
