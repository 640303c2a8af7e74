import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FreezeRule, type FreezeSpan, frozenAt, nextChange } from '../../../src/domain/policy/freeze.ts';
import { runs } from '../../support/whole.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [MON, TUE, , , FRI, SAT, SUN] = [0, 1, 2, 3, 4, 5, 6].map((day) => day * 24 * 60) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

function rule(zone: string, span: FreezeSpan, name = 'freeze'): FreezeRule {
  return { name, zone, span };
}

function weekly(zone: string, from: number, to: number): FreezeRule[] {
  return [rule(zone, { kind: 'weekly', from, to })];
}

function iso(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}

/** The freeze at a moment given with its offset, and when it ends. */
function until(rules: readonly FreezeRule[], at: string): string | null {
  return iso(frozenAt(rules, Date.parse(at))?.until);
}

function flips(rules: readonly FreezeRule[], from: string, to: string): string[] {
  const found: string[] = [];
  for (let at = nextChange(rules, Date.parse(from)); at !== null && at < Date.parse(to); ) {
    found.push(`${frozenAt(rules, at) ? 'frozen' : 'free'} ${iso(at)}`);
    at = nextChange(rules, at);
  }
  return found;
}

describe('a weekend in Berlin', () => {
  const weekend = weekly('Europe/Berlin', FRI + 16 * 60, MON + 8 * 60);

  it('begins on Friday at four and ends on Monday at eight', () => {
    expect(until(weekend, '2026-06-12T15:59:59.999+02:00')).toBeNull();
    expect(until(weekend, '2026-06-12T16:00:00+02:00')).toBe('2026-06-15T06:00:00.000Z');
    expect(until(weekend, '2026-06-14T23:00:00+02:00')).toBe('2026-06-15T06:00:00.000Z');
    expect(until(weekend, '2026-06-15T07:59:59.999+02:00')).toBe('2026-06-15T06:00:00.000Z');
    expect(until(weekend, '2026-06-15T08:00:00+02:00')).toBeNull();
  });

  it('is an hour shorter or longer when the clocks change in it', () => {
    expect(flips(weekend, '2026-03-26T00:00Z', '2026-04-01T00:00Z')).toEqual([
      'frozen 2026-03-27T15:00:00.000Z',
      'free 2026-03-30T06:00:00.000Z',
    ]);
    expect(flips(weekend, '2026-10-22T00:00Z', '2026-10-28T00:00Z')).toEqual([
      'frozen 2026-10-23T14:00:00.000Z',
      'free 2026-10-26T07:00:00.000Z',
    ]);
  });

  it('says who freezes and what comes next', () => {
    expect(frozenAt(weekend, Date.parse('2026-06-13T00:00Z'))?.reason).toBe('freeze');
    expect(iso(nextChange(weekend, Date.parse('2026-06-16T00:00Z')))).toBe('2026-06-19T14:00:00.000Z');
    expect(iso(nextChange(weekend, Date.parse('2026-06-13T00:00Z')))).toBe('2026-06-15T06:00:00.000Z');
  });
});

/**
 * Both changes of the clocks of a year in each zone: the day, the wall times that are jumped over or shown twice,
 * and the moments that they stand for.
 */
describe.each([
  {
    zone: 'Europe/Berlin', // 02:00 → 03:00 and 03:00 → 02:00
    forward: { from: SUN + 150, to: SUN + 300, day: '2026-03-29', flips: ['T01:00', 'T03:00'] },
    forwardEnd: { from: SUN + 60, to: SUN + 150, flips: ['T00:00', 'T01:00'] },
    inside: { from: SUN + 125, to: SUN + 170 },
    back: { from: SUN + 150, to: SUN + 300, day: '2026-10-25', flips: ['T00:30', 'T04:00'] },
    backEnd: { from: SUN + 60, to: SUN + 150, flips: ['-1T23:00', 'T01:30'] },
    twice: { from: SUN + 130, to: SUN + 140, flips: ['T00:10', 'T01:20'] },
  },
  {
    zone: 'America/New_York', // 02:00 → 03:00 and 02:00 → 01:00
    forward: { from: SUN + 150, to: SUN + 300, day: '2026-03-08', flips: ['T07:00', 'T09:00'] },
    forwardEnd: { from: SUN + 60, to: SUN + 150, flips: ['T06:00', 'T07:00'] },
    inside: { from: SUN + 125, to: SUN + 170 },
    back: { from: SUN + 90, to: SUN + 300, day: '2026-11-01', flips: ['T05:30', 'T10:00'] },
    backEnd: { from: SUN + 30, to: SUN + 90, flips: ['T04:30', 'T06:30'] },
    twice: { from: SUN + 70, to: SUN + 80, flips: ['T05:10', 'T06:20'] },
  },
  {
    zone: 'Australia/Lord_Howe', // half an hour: 02:00 → 02:30 and 02:00 → 01:30
    forward: { from: SUN + 135, to: SUN + 300, day: '2026-10-04', flips: ['-1T15:30', '-1T18:00'] },
    forwardEnd: { from: SUN + 60, to: SUN + 135, flips: ['-1T14:30', '-1T15:30'] },
    inside: { from: SUN + 125, to: SUN + 145 },
    back: { from: SUN + 105, to: SUN + 300, day: '2026-04-05', flips: ['-1T14:45', '-1T18:30'] },
    backEnd: { from: SUN + 30, to: SUN + 105, flips: ['-1T13:30', '-1T15:15'] },
    twice: { from: SUN + 100, to: SUN + 110, flips: ['-1T14:40', '-1T15:20'] },
  },
])('the clocks of $zone', ({ zone, forward, forwardEnd, inside, back, backEnd, twice }) => {
  const around = (day: string): [string, string] => {
    const noon = Date.parse(`${day}T12:00Z`);
    return [new Date(noon - 40 * HOUR).toISOString(), new Date(noon + 30 * HOUR).toISOString()];
  };
  /** `T01:00` of that day, `-1T23:00` of the day before, in UTC. */
  const moment = (day: string, text: string): string => {
    const [, before, time] = /^(-1)?T(.*)$/.exec(text) ?? [];
    return iso(Date.parse(`${day}T${time}Z`) - (before ? 24 * HOUR : 0)) ?? '';
  };
  const expected = (day: string, [from = '', to = '']: readonly string[]): string[] => [
    `frozen ${moment(day, from)}`,
    `free ${moment(day, to)}`,
  ];

  it('begins in the jump when the beginning is jumped over', () => {
    const { from, to, day } = forward;
    expect(flips(weekly(zone, from, to), ...around(day))).toEqual(expected(day, forward.flips));
  });

  it('ends in the jump when the end is jumped over', () => {
    const { from, to, flips: moments } = forwardEnd;
    expect(flips(weekly(zone, from, to), ...around(forward.day))).toEqual(expected(forward.day, moments));
  });

  it('is left out when all of it is jumped over', () => {
    expect(flips(weekly(zone, inside.from, inside.to), ...around(forward.day))).toEqual([]);
  });

  it('begins the first time that its beginning is shown', () => {
    const { from, to, day } = back;
    expect(flips(weekly(zone, from, to), ...around(day))).toEqual(expected(day, back.flips));
  });

  it('ends the last time that its end is shown', () => {
    const { from, to, flips: moments } = backEnd;
    expect(flips(weekly(zone, from, to), ...around(back.day))).toEqual(expected(back.day, moments));
  });

  it('covers all between, when both are shown twice', () => {
    const { from, to, flips: moments } = twice;
    expect(flips(weekly(zone, from, to), ...around(back.day))).toEqual(expected(back.day, moments));
  });
});

it('is there at all when a zone skipped a whole day', () => {
  // Samoa had no 30 December 2011.
  const samoa = [rule('Pacific/Apia', { kind: 'dates', from: '2011-12-30T12:00', to: '2011-12-31T12:00' })];
  expect(flips(samoa, '2011-12-29T00:00Z', '2012-01-02T00:00Z')).toEqual([
    'frozen 2011-12-30T10:00:00.000Z',
    'free 2011-12-30T22:00:00.000Z',
  ]);
});

describe('ranges', () => {
  it('go over midnight, and from Sunday to Monday', () => {
    const nights = weekly('UTC', MON + 22 * 60, TUE + 6 * 60);
    expect(until(nights, '2026-06-16T05:59:00Z')).toBe('2026-06-16T06:00:00.000Z');
    expect(until(nights, '2026-06-16T06:00:00Z')).toBeNull();
    const sunday = weekly('UTC', SUN + 22 * 60, MON + 6 * 60);
    expect(until(sunday, '2026-06-14T23:00:00Z')).toBe('2026-06-15T06:00:00.000Z');
    expect(until(sunday, '2026-06-15T05:00:00Z')).toBe('2026-06-15T06:00:00.000Z');
  });

  it('of dates are in force once', () => {
    const sale = [
      rule('America/New_York', { kind: 'dates', from: '2026-11-26T00:00', to: '2026-12-01T00:00' }),
    ];
    expect(until(sale, '2026-11-26T04:59:00Z')).toBeNull();
    expect(until(sale, '2026-11-26T05:00:00Z')).toBe('2026-12-01T05:00:00.000Z');
    expect(until(sale, '2027-11-27T05:00:00Z')).toBeNull();
    expect(nextChange(sale, Date.parse('2027-01-01T00:00Z'))).toBeNull();
  });

  it('of every year come again, also over the end of the year and after 28 February', () => {
    const day = (month: number, date: number, minutes = 0) => ({ month, day: date, minutes });
    const holidays = [rule('Europe/Berlin', { kind: 'yearly', from: day(12, 24), to: day(12, 26, 1_440) })];
    for (const year of [2026, 2027, 2031]) {
      expect(until(holidays, `${year}-12-24T00:00+01:00`)).toBe(`${year}-12-26T23:00:00.000Z`);
      expect(until(holidays, `${year}-12-27T00:00+01:00`)).toBeNull();
    }
    const turn = [rule('UTC', { kind: 'yearly', from: day(12, 30), to: day(1, 2, 1_440) })];
    expect(until(turn, '2027-01-01T12:00Z')).toBe('2027-01-03T00:00:00.000Z');
    expect(until(turn, '2026-12-31T12:00Z')).toBe('2027-01-03T00:00:00.000Z');
    expect(iso(nextChange(turn, Date.parse('2027-01-03T00:00Z')))).toBe('2027-12-30T00:00:00.000Z');
    const february = [rule('UTC', { kind: 'yearly', from: day(2, 27), to: day(2, 28, 1_440) })];
    expect(until(february, '2027-02-28T12:00Z')).toBe('2027-03-01T00:00:00.000Z');
    expect(until(february, '2028-02-28T12:00Z')).toBe('2028-02-29T00:00:00.000Z');
  });

  it('that touch are one freeze, with the names of those in force', () => {
    const rules = [
      rule('UTC', { kind: 'weekly', from: FRI + 960, to: MON + 480 }, 'weekend'),
      rule('UTC', { kind: 'dates', from: '2026-06-15T08:00', to: '2026-06-17T00:00' }, 'audit'),
      rule('UTC', { kind: 'dates', from: '2026-06-13T00:00', to: '2026-06-14T00:00' }, 'moving'),
    ];
    const saturday = frozenAt(rules, Date.parse('2026-06-13T12:00Z'));
    expect(saturday?.reason).toBe('weekend, moving');
    expect(iso(saturday?.until)).toBe('2026-06-17T00:00:00.000Z');
    expect(frozenAt(rules, Date.parse('2026-06-16T12:00Z'))?.reason).toBe('audit');
  });

  it('that never end have no end to tell', () => {
    const always = [...weekly('UTC', MON, SAT), ...weekly('UTC', SAT, MON)];
    const at = Date.parse('2026-06-13T12:00Z');
    expect(frozenAt(always, at)).toEqual({ reason: 'freeze' });
    expect(nextChange(always, at)).toBeNull();
    const century = [rule('UTC', { kind: 'dates', from: '2020-01-01T00:00', to: '2120-01-01T00:00' })];
    expect(until(century, '2026-06-13T12:00Z')).toBe('2120-01-01T00:00:00.000Z');
  });
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Africa/Casablanca',
  'Pacific/Chatham',
];
const anyMoment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });
const anyMinute = fc.integer({ min: 0, max: 7 * 1_440 - 1 });
const anyRule = fc
  .tuple(fc.constantFrom(...ZONES), anyMinute, anyMinute)
  .filter(([, from, to]) => from !== to)
  .map(([zone, from, to]) => rule(zone, { kind: 'weekly', from, to }));
const anyRules = fc.array(anyRule, { minLength: 1, maxLength: 3 });

describe('for any rules at any moment', () => {
  it('a freeze holds until its end and not at its end', () => {
    fc.assert(
      fc.property(anyRules, anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (rules, at, part) => {
        const freeze = frozenAt(rules, at);
        if (freeze?.until === undefined) return;
        expect(freeze.until).toBeGreaterThan(at);
        expect(frozenAt(rules, freeze.until)).toBeNull();
        const between = at + Math.floor((freeze.until - 1 - at) * part);
        expect(frozenAt(rules, between)?.until).toBe(freeze.until);
      }),
      { numRuns: runs({ sample: 40, whole: 100 }) },
    );
  });

  it('nothing changes before the next change, and something does in it', () => {
    fc.assert(
      fc.property(anyRules, anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (rules, at, part) => {
        const next = nextChange(rules, at);
        if (next === null) return;
        const frozen = frozenAt(rules, at) !== null;
        const between = at + Math.floor((next - 1 - at) * part);
        expect(frozenAt(rules, between) !== null).toBe(frozen);
        expect(frozenAt(rules, next) !== null).toBe(!frozen);
      }),
      { numRuns: runs({ sample: 40, whole: 100 }) },
    );
  });

  it('more rules never freeze less', () => {
    fc.assert(
      fc.property(anyRules, anyRule, anyMoment, (rules, more, at) => {
        const before = frozenAt(rules, at);
        const after = frozenAt([...rules, more], at);
        if (!before) return;
        expect(after).not.toBeNull();
        const end = after?.until ?? Number.POSITIVE_INFINITY;
        expect(end).toBeGreaterThanOrEqual(before.until ?? Number.POSITIVE_INFINITY);
      }),
      { numRuns: runs({ sample: 15, whole: 100 }) },
    );
  });

  it('without a change of the clocks it is what the wall says', () => {
    fc.assert(
      fc.property(anyMinute, anyMinute, anyMoment, (from, to, at) => {
        fc.pre(from !== to);
        const minute = Math.floor((at - Date.UTC(2024, 0, 1)) / MINUTE);
        const ofWeek = ((minute % 10_080) + 10_080) % 10_080;
        const inside = from < to ? ofWeek >= from && ofWeek < to : ofWeek >= from || ofWeek < to;
        expect(frozenAt(weekly('UTC', from, to), at) !== null).toBe(inside);
      }),
    );
  });
});
