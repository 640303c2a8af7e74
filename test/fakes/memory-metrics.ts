import type { MetricSource, Range } from '../../src/adapters/metrics/port.ts';
import type { Histogram, Sample } from '../../src/domain/judge/sample.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';

/** What one tick of the service looks like; null: nothing was seen. */
export interface Weather {
  readonly total: number;
  readonly errors: number;
  /** All requests took about this long, in ms. */
  readonly latencyMs: number;
  /** Critical alerts, which a source only knows as they are now. */
  readonly alerts?: readonly string[];
  /** Since when all of them fire, ms since the epoch; absent: they do not say. */
  readonly alertsSince?: number;
}

const EDGES_MS = Array.from({ length: 120 }, (_, index) => 1.06 ** index);

function histogram(total: number, latencyMs: number): Histogram {
  const counts = new Array<number>(EDGES_MS.length + 1).fill(0);
  const found = EDGES_MS.findIndex((edge) => latencyMs <= edge);
  counts[found < 0 ? EDGES_MS.length : found] = total;
  return { edges_ms: EDGES_MS, counts };
}

function alertsIn({ alerts = [], alertsSince }: Weather): Pick<Sample, 'alerts' | 'alerts_since'> {
  if (alertsSince === undefined) return { alerts };
  const since = new Date(alertsSince).toISOString();
  return { alerts, alerts_since: Object.fromEntries(alerts.map((one) => [one, since])) };
}

/**
 * A source that knows every tick there ever was, without waiting for it. The weather is a function of the
 * tick's end (ms since the epoch) and its phase, so that a test decides what production looks like and when.
 */
export class MemoryMetrics implements MetricSource {
  readonly kind = 'memory';
  /** How far `observe` was asked to go, ms since the epoch. */
  observedUntilMs = 0;
  closed = false;
  /** Critical alerts that fire now. */
  firing: readonly string[] = [];
  #weather: (endMs: number, phase: Sample['phase']) => Weather | null;
  #blind: string | null = null;
  #down = false;

  constructor(weather?: (endMs: number, phase: Sample['phase']) => Weather | null) {
    this.#weather = weather ?? (() => ({ total: 600, errors: 0, latencyMs: 20 }));
  }

  weather(weather: (endMs: number, phase: Sample['phase']) => Weather | null): this {
    this.#weather = weather;
    return this;
  }

  /** The source answers but does not know the service; null: it does again. */
  blind(reason: string | null): this {
    this.#blind = reason;
    return this;
  }

  /** The source does not answer. */
  down(down: boolean): this {
    this.#down = down;
    return this;
  }

  async preflight(): Promise<string> {
    this.#answering();
    if (this.#blind !== null) throw new Refusal('metrics-blind', { source: 'memory', reason: this.#blind });
    return 'The source answers.';
  }

  observe(untilMs: number): void {
    this.observedUntilMs = Math.max(this.observedUntilMs, untilMs);
  }

  async read(range: Range, phase: Sample['phase']): Promise<readonly Sample[]> {
    this.#answering();
    const samples: Sample[] = [];
    for (let end = range.fromMs + range.stepMs; end <= range.toMs; end += range.stepMs) {
      const seen = this.#blind === null ? this.#weather(end, phase) : null;
      if (seen === null) continue;
      samples.push({
        at: new Date(end).toISOString(),
        phase,
        total: seen.total,
        errors: seen.errors,
        latency: histogram(seen.total, seen.latencyMs),
        ...(range.isLive && end + range.stepMs > range.toMs ? alertsIn(seen) : {}),
      });
    }
    return samples;
  }

  async alerts(): Promise<readonly string[]> {
    this.#answering();
    return this.firing;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #answering(): void {
    if (this.#down) throw new Unavailable('the metrics source', 'connection refused');
  }
}
