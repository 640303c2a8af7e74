import { z } from 'zod';
import type { FreezeRule, FreezeSpan, YearDay } from '../domain/policy/freeze.ts';
import { isZone } from '../domain/policy/wall-clock.ts';
import { nearest } from '../domain/text/nearest.ts';

const DAY_MINUTES = 1_440;
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
/** No leap day: a rule of every year needs a day that every year has. */
const A_COMMON_YEAR = 2_027;

const Zone = z
  .string()
  .meta({ description: 'IANA time zone whose clocks count.', examples: ['Europe/Berlin'] })
  .superRefine((text, context) => {
    if (isZone(text)) return;
    const close = nearest(text, Intl.supportedValuesOf('timeZone'));
    context.addIssue({ code: 'custom', message: `a time zone such as ${close ?? 'Europe/Berlin'}` });
  });

const Time = parsed('a time of day such as 16:00', timeOf).meta({
  description: 'Time of day, 00:00 to 24:00.',
  examples: ['16:00'],
});

const Day = parsed('a day such as Mon', dayOf).meta({ description: 'Day of the week.', examples: ['Mon'] });

const WeekTime = parsed('a day and a time such as Fri 16:00', (text) => {
  const [day = '', time = '', ...more] = text.trim().split(/\s+/);
  const [at, minutes] = [dayOf(day), timeOf(time)];
  return at === null || minutes === null || more.length > 0
    ? null
    : (at * DAY_MINUTES + minutes) % (7 * DAY_MINUTES);
}).meta({ description: 'Day of the week and time.', examples: ['Fri 16:00'] });

/** `2026-12-24`, `2026-12-24 16:00`; with a `null` time when none was given. */
const DateTime = parsed('a date such as 2026-12-24, or with a time: 2026-12-24 16:00', (text) => {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2}))?$/.exec(text.trim()) ?? [];
  const at = Date.parse(`${date}T00:00Z`);
  if (date === undefined || Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date) return null;
  const minutes = time === undefined ? null : timeOf(time);
  return time !== undefined && minutes === null ? null : { at, minutes };
}).meta({ description: 'Date, or date and time.', examples: ['2026-12-24'] });

/** `12-24`, `12-24 16:00`; with a `null` time when none was given. */
const YearTime = parsed('a day of every year such as 12-24, or with a time: 12-24 16:00', (text) => {
  const [, month = '', day = '', time] = /^(\d{2})-(\d{2})(?:[ T](\d{1,2}:\d{2}))?$/.exec(text.trim()) ?? [];
  const at = new Date(Date.UTC(A_COMMON_YEAR, Number(month) - 1, Number(day)));
  const isDay = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day);
  const minutes = time === undefined ? null : timeOf(time);
  if (!isDay || (time !== undefined && minutes === null)) return null;
  return { month: Number(month), day: Number(day), minutes };
}).meta({ description: 'Month and day, or with a time.', examples: ['12-24'] });

const SPANS = ['weekly', 'daily', 'dates', 'every-year'] as const;

/** One entry of `freeze`. */
const FreezeEntry = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .meta({ description: 'Shown to people who want to ship.', examples: ['weekend'] }),
    zone: Zone,
    weekly: z
      .strictObject({ from: WeekTime, to: WeekTime })
      .refine(({ from, to }) => from !== to, { error: 'another end than the beginning' })
      .optional()
      .meta({
        description: 'Every week.',
        examples: [{ from: 'Fri 16:00', to: 'Mon 08:00' }],
      }),
    daily: z
      .strictObject({
        from: Time,
        to: Time,
        on: z
          .array(Day)
          .min(1)
          .optional()
          .meta({ description: 'Days on which it begins; every day by default.' }),
      })
      .refine(({ from, to }) => from !== to && from < DAY_MINUTES, {
        error: 'another end than the beginning',
      })
      .optional()
      .meta({ description: 'Every day, over midnight too.', examples: [{ from: '18:00', to: '08:00' }] }),
    dates: z
      .strictObject({ from: DateTime, to: DateTime })
      .refine(({ from, to }) => dateEnd(to) > dateStart(from), { error: 'an end after the beginning' })
      .optional()
      .meta({
        description: 'Once. A last day without a time is frozen as a whole.',
        examples: [{ from: '2026-11-26', to: '2026-11-30' }],
      }),
    'every-year': z
      .strictObject({ from: YearTime, to: YearTime.optional() })
      .refine(({ from, to }) => to === undefined || !sameYearDay(yearStart(from), yearEnd(to)), {
        error: 'another end than the beginning',
      })
      .optional()
      .meta({
        description:
          'Every year, over the end of the year too. A last day without a time is frozen as a whole.',
        examples: [{ from: '12-24', to: '12-26' }],
      }),
  })
  .refine((entry) => SPANS.filter((span) => entry[span] !== undefined).length === 1, {
    error: `exactly one of ${SPANS.join(', ')}`,
  });
type FreezeEntry = z.output<typeof FreezeEntry>;

export const FreezeSettings = z
  .array(FreezeEntry)
  .max(100)
  .refine((entries) => new Set(entries.map(({ name }) => name)).size === entries.length, {
    error: 'a different name for each freeze',
  })
  .default([])
  .meta({
    description:
      'When nothing is shipped, unless somebody breaks the glass: a name, a zone and one of weekly, daily, dates and every-year. A last day without a time is frozen as a whole.',
    examples: [[{ name: 'weekend', zone: 'Europe/Berlin', weekly: { from: 'Fri 16:00', to: 'Mon 08:00' } }]],
  });
export type FreezeSettings = z.output<typeof FreezeSettings>;

/** The entries of the config in the words of the domain. */
export function freezeRules(entries: FreezeSettings): readonly FreezeRule[] {
  return entries.flatMap((entry) =>
    spansOf(entry).map((span): FreezeRule => ({ name: entry.name, zone: entry.zone, span })),
  );
}

function spansOf({ weekly, daily, dates, 'every-year': yearly }: FreezeEntry): readonly FreezeSpan[] {
  const spans: FreezeSpan[] = [];
  if (weekly) spans.push({ kind: 'weekly', ...weekly });
  if (daily) {
    const over = daily.to <= daily.from ? DAY_MINUTES : 0;
    for (const day of [...new Set(daily.on ?? [0, 1, 2, 3, 4, 5, 6])].sort()) {
      const from = day * DAY_MINUTES + daily.from;
      const to = day * DAY_MINUTES + daily.to + over;
      spans.push({ kind: 'weekly', from, to: to % (7 * DAY_MINUTES) });
    }
  }
  if (dates) spans.push({ kind: 'dates', from: local(dateStart(dates.from)), to: local(dateEnd(dates.to)) });
  if (yearly)
    spans.push({ kind: 'yearly', from: yearStart(yearly.from), to: yearEnd(yearly.to ?? yearly.from) });
  return spans;
}

type GivenDate = z.output<typeof DateTime>;
type GivenYearDay = z.output<typeof YearTime>;

function dateStart({ at, minutes }: GivenDate): number {
  return at + (minutes ?? 0) * 60_000;
}

/** A day without a time ends with the day. */
function dateEnd({ at, minutes }: GivenDate): number {
  return at + (minutes ?? DAY_MINUTES) * 60_000;
}

function yearStart({ month, day, minutes }: GivenYearDay): YearDay {
  return { month, day, minutes: minutes ?? 0 };
}

function yearEnd({ month, day, minutes }: GivenYearDay): YearDay {
  return { month, day, minutes: minutes ?? DAY_MINUTES };
}

function sameYearDay(a: YearDay, b: YearDay): boolean {
  return a.month === b.month && a.day === b.day && a.minutes === b.minutes;
}

function local(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

function timeOf(text: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):([0-5]\d)$/.exec(text.trim()) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total >= 0 && total <= DAY_MINUTES ? total : null;
}

/** 0 is Monday. Any beginning of the English name, of at least two letters, will do. */
function dayOf(text: string): number | null {
  const name = text.trim().toLowerCase();
  const found = name.length < 2 ? -1 : DAYS.findIndex((day) => day.startsWith(name));
  return found < 0 ? null : found;
}

function parsed<T>(expected: string, parse: (text: string) => T | null) {
  return z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}
