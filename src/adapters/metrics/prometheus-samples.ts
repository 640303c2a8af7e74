import type { Histogram, Sample } from '../../domain/judge/sample.ts';
import type { Range } from './port.ts';
import type { Series } from './prometheus-api.ts';

/** What was read of a range. */
interface Read {
  readonly total: readonly Series[];
  readonly errors: readonly Series[];
  readonly latency: readonly Series[];
  /** Those that fire at the end of the range; null when that is not known. */
  readonly alerts: readonly string[] | null;
  readonly unitMs: number;
}

/** One sample for each tick that something is known of; `at` is the end of the tick. */
export function samplesOf(read: Read, range: Range, phase: Sample['phase']): Sample[] {
  const samples: Sample[] = [];
  const ticks = Math.floor((range.toMs - range.fromMs) / range.stepMs);
  for (let tick = 1; tick <= ticks; tick++) {
    const at = range.fromMs + tick * range.stepMs;
    const total = sumAt(read.total, at);
    const errors = sumAt(read.errors, at);
    const latency = histogramAt(read.latency, at, read.unitMs);
    const alerts = tick === ticks ? read.alerts : null;
    if (total === null && errors === null && latency === null && alerts === null) continue;
    samples.push({
      at: new Date(at).toISOString(),
      phase,
      ...(total === null ? {} : { total }),
      ...(errors === null ? {} : { errors: total === null ? errors : Math.min(errors, total) }),
      ...(latency === null ? {} : { latency }),
      ...(alerts === null ? {} : { alerts }),
    });
  }
  return samples;
}

/** Null when no series has a value there: missing stays missing. */
function sumAt(series: readonly Series[], at: number): number | null {
  const values = series.flatMap((one) => one.values.get(at) ?? []);
  return values.length === 0 ? null : rounded(values.reduce((all, one) => all + one, 0));
}

/** Cumulative buckets to counts per bucket. Null without a value for +Inf, which every histogram has. */
function histogramAt(series: readonly Series[], at: number, unitMs: number): Histogram | null {
  const upTo = new Map<number, number>();
  for (const { labels, values } of series) {
    const { le } = labels;
    const value = values.get(at);
    const edge = edgeOf(le);
    if (value !== undefined && edge !== null) upTo.set(edge, (upTo.get(edge) ?? 0) + value);
  }
  const all = upTo.get(Number.POSITIVE_INFINITY);
  if (all === undefined) return null;
  const edges = [...upTo.keys()].filter(Number.isFinite).sort((a, b) => a - b);
  const counts: number[] = [];
  let below = 0;
  for (const edge of [...edges, Number.POSITIVE_INFINITY]) {
    const here = Math.max(below, upTo.get(edge) ?? below); // increases are estimates and may cross each other
    counts.push(rounded(here - below));
    below = here;
  }
  return { edges_ms: edges.map((edge) => rounded(edge * unitMs)), counts };
}

function edgeOf(le: string | undefined): number | null {
  if (le === '+Inf') return Number.POSITIVE_INFINITY;
  const edge = Number(le);
  return le === undefined || le === '' || !Number.isFinite(edge) ? null : edge;
}

function rounded(value: number): number {
  return Math.max(0, Math.round(value * 1_000) / 1_000);
}
