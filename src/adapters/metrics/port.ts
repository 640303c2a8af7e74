import type { Sample } from '../../domain/judge/sample.ts';

/** Whole ticks from `fromMs` on, each `stepMs` long, that end at or before `toMs`. Times in ms since the epoch. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a tick. */
  readonly stepMs: number;
}

/** Where request counts, errors and latency come from. Throws Unavailable when the source does not answer now. */
export interface MetricSource {
  readonly kind: string;
  /** How long after its end a tick can be read whole, in ms; absent: at once. */
  readonly delayMs?: number;
  /** A sentence for the gate: the source answers and knows the service; Refusal `metrics-blind` when it does not. */
  preflight(signal?: AbortSignal): Promise<string>;
  /** For sources without a history of their own: keep collecting until then. Others do nothing. */
  observe(untilMs: number): void;
  /**
   * One sample per tick that the source knows something of, in order; `at` is the end of the tick.
   * A tick without a sample is missing, never good.
   */
  read(range: Range, phase: Sample['phase'], signal?: AbortSignal): Promise<readonly Sample[]>;
  /** Names of the critical alerts that fire now; absent where the source knows of none. */
  alerts?(signal?: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}
