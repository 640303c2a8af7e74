import { firstMoment, lastMoment, wallTime } from './wall-clock.ts';

/** A day of every year, with the minutes since its midnight; 1,440 is the midnight after it. */
export interface YearDay {
  /** 1..12 */
  readonly month: number;
  readonly day: number;
  readonly minutes: number;
}

/** When a freeze is in force, on the clocks of its zone. `to` is the first minute that is free again. */
export type FreezeSpan =
  /** Minutes since Monday 00:00; `to` may be earlier in the week than `from`. */
  | { readonly kind: 'weekly'; readonly from: number; readonly to: number }
  /** `2026-12-24T16:00` */
  | { readonly kind: 'dates'; readonly from: string; readonly to: string }
  /** `to` may be earlier in the year than `from`. */
  | { readonly kind: 'yearly'; readonly from: YearDay; readonly to: YearDay };

/** One rule of the config under which nothing is shipped. */
export interface FreezeRule {
  /** `weekend`, `year end`; raw text. */
  readonly name: string;
  /** IANA zone whose clocks count. */
  readonly zone: string;
  readonly span: FreezeSpan;
}

/** A freeze in force. Rules that touch or overlap make one freeze. */
export interface Freeze {
  /** Names of the rules in force now. */
  readonly reason: string;
  /**
   * ms since the epoch; the first moment that no rule covers. Absent when rules follow each other without a gap
   * for so long that there is no telling.
   */
  readonly until?: number;
}

/** From the first to before the last, ms since the epoch. */
interface Window {
  readonly rule: FreezeRule;
  readonly from: number;
  readonly until: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05 was a Monday. */
const A_MONDAY = 4 * DAY_MS;
/** How far is looked ahead for a gap between rules that follow each other, and for the next freeze. */
const HORIZON_MS = 400 * DAY_MS;

/**
 * What keeps anything from being shipped at that moment; null when nothing does. Where the clocks change, a
 * freeze is as long as it can be read: it begins when its first minute is first shown and ends when its end is
 * last shown; a minute that is jumped over counts as the moment of the jump.
 */
export function frozenAt(rules: readonly FreezeRule[], at: number): Freeze | null {
  const now = windowsAround(rules, at).filter((window) => covers(window, at));
  if (now.length === 0) return null;
  const names = [...new Set(now.map(({ rule }) => rule.name))];
  let until = at;
  for (let next: readonly Window[] = now; next.length > 0; ) {
    until = Math.max(...next.map((window) => window.until));
    next = windowsAround(rules, until).filter((window) => covers(window, until));
    if (next.length > 0 && until - at >= HORIZON_MS) return { reason: names.join(', ') };
  }
  return { reason: names.join(', '), until };
}

/** When the next freeze begins, or the present one ends; null when neither is known within a year. */
export function nextChange(rules: readonly FreezeRule[], at: number): number | null {
  const freeze = frozenAt(rules, at);
  if (freeze) return freeze.until ?? null;
  const begins = windowsAround(rules, at)
    .map((window) => window.from)
    .filter((from) => from > at && from - at < HORIZON_MS);
  return begins.length === 0 ? null : Math.min(...begins);
}

function covers({ from, until }: Window, at: number): boolean {
  return from <= at && at < until;
}

/** Of each rule: the windows that begin around that moment, those that cover it and the next one among them. */
function windowsAround(rules: readonly FreezeRule[], at: number): readonly Window[] {
  return rules.flatMap((rule) => {
    const here = wallTime(rule.zone, at);
    return spansAround(rule.span, here)
      .map(([from, to]) => ({ rule, from: firstMoment(rule.zone, from), until: lastMoment(rule.zone, to) }))
      .filter(({ from, until }) => from < until);
  });
}

/** Pairs of wall times. */
function spansAround(span: FreezeSpan, here: number): readonly (readonly [from: number, to: number])[] {
  switch (span.kind) {
    case 'weekly': {
      const monday = here - modulo(here - A_MONDAY, WEEK_MS);
      const length = modulo(span.to - span.from, WEEK_MS / MINUTE_MS) || WEEK_MS / MINUTE_MS;
      return [-2, -1, 0, 1, 2].map((weeks) => {
        const from = monday + weeks * WEEK_MS + span.from * MINUTE_MS;
        return [from, from + length * MINUTE_MS];
      });
    }
    case 'dates':
      return [[Date.parse(`${span.from}Z`), Date.parse(`${span.to}Z`)]];
    case 'yearly': {
      const year = new Date(here).getUTCFullYear();
      return [-1, 0, 1].map((years) => {
        const from = inYear(year + years, span.from);
        const to = inYear(year + years, span.to);
        return [from, to > from ? to : inYear(year + years + 1, span.to)];
      });
    }
  }
}

function inYear(year: number, { month, day, minutes }: YearDay): number {
  return Date.UTC(year, month - 1, day) + minutes * MINUTE_MS;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
