import type { Sample } from '../../domain/judge/sample.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import { durationInWords } from '../../domain/text/duration.ts';

/** Whole ticks from `fromMs` on, each `stepMs` long, that end at or before `toMs`. Times in ms since the epoch. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a tick. */
  readonly stepMs: number;
  /** What is asked about began then: nothing that was earlier is of it. Absent: no matter when. */
  readonly sinceMs?: number;
  /** It ends as near to now as can be read: what is only known of now, as alerts are, is told with the last tick. */
  readonly isLive?: boolean;
  /** What was deployed then: for sources that can tell its requests from those of the release before. */
  readonly release?: Pick<Release, 'version' | 'tag' | 'commit' | 'build'>;
}

/** How a metric is judged that is counted beside the error rate. */
export interface CountedMetric {
  /** Allowed rise of its bad share, ratio 0..1; absent: that of the error rate. */
  readonly rise?: number | undefined;
  /** As `isLate` of a source. */
  readonly isLate?: true | undefined;
}

/** Where request counts, errors and latency come from. Throws Unavailable when the source does not answer now. */
export interface MetricSource {
  readonly kind: string;
  /** How long after its end a tick can be read whole, in ms; absent: at once. */
  readonly delayMs?: number;
  /** The shortest tick that it can tell from the next one, in ms; absent: any. */
  readonly shortestTickMs?: number;
  /** It forgets what it saw when Slipway stops; absent: it has a history of its own. */
  readonly forgets?: boolean;
  /** What fails is counted later than `delayMs` says: errors may alarm, and that there are few proves nothing. */
  readonly isLate?: true | undefined;
  /** What it counts beside the error rate, by the names in `counts` of its samples. */
  readonly counts?: Readonly<Record<string, CountedMetric>>;
  /** Several sources that are read as one; absent: it is one. */
  readonly parts?: readonly MetricSource[];
  /** A sentence for the gate: the source answers and knows the service; Refusal `metrics-blind` when it does not. */
  preflight(signal?: AbortSignal): Promise<string>;
  /**
   * Why what it counts may be too good to be true though it answers, a sentence; null for nothing, also where that cannot
   * be told now. It is advice: nothing is decided by it.
   */
  doubt?(signal?: AbortSignal): Promise<string | null>;
  /** For sources that forget: keep collecting until then. Others do nothing. */
  observe(untilMs: number): void;
  /**
   * One sample per tick that the source knows something of, in order; `at` is the end of the tick.
   * A tick without a sample is missing, never good.
   */
  read(range: Range, phase: Sample['phase'], signal?: AbortSignal): Promise<readonly Sample[]>;
  /** What the last read does not hold because a part did not answer, a sentence each; absent: there are no parts. */
  absent?(): readonly string[];
  /** The critical alerts that fire now, as samples name them; absent where the source knows of none. */
  alerts?(signal?: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Refusal `metrics-tick` when the source cannot tell ticks of this length apart. */
export function mustTell({ kind, shortestTickMs = 0, parts = [] }: MetricSource, tickMs: number): void {
  for (const part of parts) mustTell(part, tickMs);
  if (tickMs >= shortestTickMs) return;
  const [tick, shortest] = [durationInWords(tickMs), durationInWords(shortestTickMs)];
  throw new Refusal('metrics-tick', { source: kind, tick, shortest });
}
