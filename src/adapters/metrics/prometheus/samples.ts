import { mergeHistograms } from '../../../domain/judge/histogram.ts';
import type { Histogram, Sample } from '../../../domain/judge/sample.ts';
import { type CountSetting, isOver } from '../names.ts';
import type { Range } from '../port.ts';
import { badAmong, countFrom } from '../readings.ts';
import { SERIES_LABEL } from './bucket-series.ts';
import { onFixedEdges } from './native-histogram.ts';
import type { Series } from './series.ts';
import { type ReleaseLabel, sidesAt } from './sides.ts';

/** What was read of a range. */
interface Read {
  readonly total: readonly Series[];
  readonly errors: readonly Series[];
  readonly latency: readonly Series[];
  /** What fires now; null when that is not known. */
  readonly firing: Pick<Sample, 'alerts' | 'alerts_since'> | null;
  readonly unitMs: number;
  readonly counts: Readonly<Record<string, CountRead>>;
  /** How requests of the release before are told from those of the new one; null: they are not. */
  readonly compare: ReleaseLabel | null;
}

type Counts = NonNullable<Sample['counts']>;

/** What was read of a metric beside the error rate. */
export type CountRead =
  | { readonly total: readonly Series[]; readonly bad: readonly Series[] }
  | { readonly value: readonly Series[]; readonly limit: CountSetting<unknown> };

/** One sample for each tick that something is known of; `at` is the end of the tick. */
export function samplesOf(read: Read, range: Range, phase: Sample['phase']): Sample[] {
  const samples: Sample[] = [];
  const ticks = Math.floor((range.toMs - range.fromMs) / range.stepMs);
  for (let tick = 1; tick <= ticks; tick++) {
    const at = range.fromMs + tick * range.stepMs;
    const total = sumAt(read.total, at);
    const given = sumAt(read.errors, at);
    const errors = given === null || total === null ? given : badAmong(total, given);
    const sides = read.compare && sidesAt(read.total, read.errors, at, read.compare);
    const latency = nativeAt(read.latency, at, read.unitMs) ?? histogramAt(read.latency, at, read.unitMs);
    const counts = countsAt(read.counts, at);
    const firing = tick === ticks ? read.firing : null;
    if (total === null && errors === null && latency === null && counts === null && firing === null) continue;
    samples.push({
      at: new Date(at).toISOString(),
      phase,
      ...(total === null ? {} : { total }),
      ...(errors === null ? {} : { errors }),
      ...sides,
      ...(latency === null ? {} : { latency }),
      ...(counts === null ? {} : { counts }),
      ...firing,
    });
  }
  return samples;
}

/** Null when no series has a value there: missing stays missing. */
function sumAt(series: readonly Series[], at: number): number | null {
  const values = series.flatMap((one) => one.values.get(at) ?? []);
  return values.length === 0 ? null : countFrom(values.reduce((all, one) => all + one, 0));
}

/** Null where nothing is known of any. */
function countsAt(reads: Readonly<Record<string, CountRead>>, at: number): Counts | null {
  const counts: Record<string, Counts[string]> = {};
  for (const [name, read] of Object.entries(reads)) {
    if ('value' in read) {
      const values = read.value.flatMap((one) => one.values.get(at) ?? []);
      const bad = values.filter((value) => isOver(read.limit, value)).length;
      if (values.length > 0) counts[name] = { total: values.length, bad };
      continue;
    }
    const [total, given] = [sumAt(read.total, at), sumAt(read.bad, at)];
    const bad = total === null || given === null ? null : badAmong(total, given);
    if (total !== null && bad !== null) counts[name] = { total, bad };
  }
  return Object.keys(counts).length === 0 ? null : counts;
}

/** The sum of native histograms; null where there is none. */
function nativeAt(series: readonly Series[], at: number, unitMs: number): Histogram | null {
  const found = series.flatMap(({ histograms }) => histograms?.get(at) ?? []);
  const read = found.map((native) => onFixedEdges(native, unitMs));
  return read.some((one) => one === null) ? null : mergeHistograms(read.filter((one) => one !== null));
}

/**
 * Cumulative buckets to counts per bucket, at the edges that all requests were counted at. Null without any, and without
 * a value for +Inf, which every histogram has.
 */
function histogramAt(series: readonly Series[], at: number, unitMs: number): Histogram | null {
  const [upTo, given, told] = [
    new Map<number, number>(),
    new Map<number, number>(),
    new Map<number, number>(),
  ];
  const add = (sums: Map<number, number>, edge: number, value: number) =>
    sums.set(edge, (sums.get(edge) ?? 0) + value);
  for (const { labels, values } of series) {
    const value = values.get(at);
    const edge = edgeOf(labels['le']);
    if (value === undefined || edge === null) continue;
    if (labels[SERIES_LABEL] !== undefined) {
      add(told, edge, value);
    } else {
      add(upTo, edge, value);
      add(given, edge, 1);
    }
  }
  const counted = told.size > 0 ? told : given;
  const all = counted.get(Number.POSITIVE_INFINITY);
  const edges = [...upTo.keys()]
    .filter((edge) => Number.isFinite(edge) && counted.get(edge) === all)
    .sort((a, b) => a - b);
  if (edges.length === 0 || !upTo.has(Number.POSITIVE_INFINITY)) return null;
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
