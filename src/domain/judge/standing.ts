import { spell } from './format.ts';

/** How one metric is judged. */
export interface MetricRules {
  readonly tickMs: number;
  /** Ticks after the deploy that are no evidence of a rise; slower is critical only from twice as many on. */
  readonly settle: number;
  /** Allowed rise: of the bad share, ratio 0..1; of a quantile of latency, as a ratio. */
  readonly limit: number;
  /** K: metrics that are judged together, each of which may raise a false alarm. */
  readonly metrics: number;
  /**
   * What fails is counted late: that little does proves nothing. `left`: it takes none, as others have to prove health; what
   * speaks against health still does.
   */
  readonly proof?: 'none' | 'left';
}

/** What the evidence says now, whatever it said before. */
export type Severity = 'none' | 'watching' | 'warning' | 'critical';
type Alarm = 'warning' | 'critical';

/** An alarm that stands; plain JSON. */
export interface Standing {
  readonly alarm: Alarm | null;
  /** Calm ticks in a row. */
  readonly calm: number;
  /** The alarm ended with this tick. */
  readonly recovered: boolean;
}

export const NOTHING_STANDS: Standing = { alarm: null, calm: 0, recovered: false };
/** So many calm ticks in a row end an alarm. */
export const CALM_TICKS = 5;

/**
 * An alarm stands until the evidence was calm for five ticks in a row; then it has recovered, once. A critical may
 * follow a warning, not the reverse: one change of mind for a bad window.
 */
export function stand(before: Standing, now: Severity, isCalm: boolean): Standing {
  const calm = isCalm ? before.calm + 1 : 0;
  if (now === 'critical' || (now === 'warning' && before.alarm === null)) {
    return { alarm: now, calm, recovered: false };
  }
  const alarm = calm >= CALM_TICKS ? null : before.alarm;
  return { alarm, calm, recovered: before.alarm !== null && alarm === null };
}

/** Evidence that each severity needs, as an e-value, times the number of metrics that are judged together. */
const NEEDED = { watching: 30, warning: 100, critical: 1_000 } as const;

/** The severity of evidence for a warning and for a critical, both natural logarithms of e-values. */
export function severityOf(warning: number, critical: number, metrics: number): Severity {
  if (critical >= Math.log(NEEDED.critical * metrics)) return 'critical';
  if (warning >= Math.log(NEEDED.warning * metrics)) return 'warning';
  return warning >= Math.log(NEEDED.watching * metrics) ? 'watching' : 'none';
}

/** How long an alarm still stands, after so many calm ticks. */
export function standsUntil(calm: number, tickMs: number): string {
  const soFar = calm === 0 ? '' : `; so far: ${spell(calm * tickMs)}`;
  return `The alarm ends after ${spell(CALM_TICKS * tickMs)} of calm${soFar}.`;
}

/** An alarm has ended. */
export function recoveredFor(tickMs: number): string {
  return `Recovered: calm for ${spell(CALM_TICKS * tickMs)}.`;
}
