import { describe, expect, test } from 'vitest';
import type { JudgeVerdict } from '../../../src/domain/judge/verdict.ts';
import type { Alarm } from '../../../src/domain/promotion/alarm.ts';
import { alarmAfterTick } from '../../../src/domain/promotion/alarm-after-tick.ts';
import type { MonitorView } from '../../../src/domain/promotion/promotion.ts';

const MIN = 60_000;
const START = Date.parse('2026-11-20T03:00:00Z');

function view(verdict: JudgeVerdict, alarm?: Alarm): MonitorView {
  return {
    startedAt: START,
    endsAt: START + 60 * MIN,
    tick: 1,
    judgement: { verdict, findings: [] },
    held: false,
    errorRates: [],
    blind: 0,
    reports: 0,
    ...(alarm === undefined ? {} : { alarm }),
  };
}

/** After how many ms of healthy looks the thread hears that an alarm is over. */
function calmUntilOver(tickMs: number): number {
  const policy = { remindMs: 10 * MIN, rollsBack: false, tickMs };
  const said = { verdict: 'warning', at: START, asked: false } as const;
  let alarm: Alarm | undefined = {
    nr: 1,
    since: START,
    worst: 'warning',
    signals: ['error rate'],
    saidAt: START,
    reminders: 0,
  };
  for (let now = START + tickMs; ; now += tickMs) {
    const { view: after, next } = alarmAfterTick(view('healthy', alarm), said, now, policy);
    if (next.kind === 'say') {
      expect(next).toMatchObject({ alarm: false, change: 'over' });
      return now - START - tickMs;
    }
    alarm = after.alarm;
  }
}

test('a window closes when all of it was seen, however late its source tells it', () => {
  const policy = { remindMs: 10 * MIN, rollsBack: false, tickMs: 30_000 };
  const said = { verdict: 'healthy', at: START, asked: false } as const;
  const after = (tick: number) =>
    alarmAfterTick({ ...view('healthy'), tick }, said, START + 61 * MIN, policy).next.kind;
  expect(after(118)).toBe('go-on');
  expect(after(120)).toBe('close');
});

describe('an alarm that is over', () => {
  test.each([
    ['five minutes, where production is looked at every 30 s', 30_000, 5 * MIN],
    ['ten looks, where it is looked at more often', 6_000, MIN],
    ['five minutes, where it is looked at rarely', 2 * MIN, 6 * MIN],
  ])('is said after %s', (_name, tickMs, calmMs) => {
    expect(calmUntilOver(tickMs)).toBe(calmMs);
  });
});
