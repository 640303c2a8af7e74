import type { Histogram, Sample } from '../../domain/judge/sample.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../shared/context.ts';
import { resolveHeaders } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import type { MetricSource, Range } from './port.ts';
import { PrometheusApi, type Series } from './prometheus-api.ts';
import { queriesOf } from './prometheus-queries.ts';
import { PrometheusSettings } from './prometheus-settings.ts';

const PREFLIGHT_WINDOW = '5m';
const MOST_ALERTS = 20;

export const prometheusMetrics = defineKind({ settings: PrometheusSettings, open: openPrometheus });

function openPrometheus(settings: PrometheusSettings, context: AdapterContext): MetricSource {
  const api = new PrometheusApi(settings.url, resolveHeaders(settings.headers, context), settings.timeout);
  const queries = queriesOf(settings);

  /** An increase needs two scrapes: with ticks shorter than that, a tick gets its share of a longer window. */
  const windowMs = (stepMs: number) => Math.max(stepMs, 2 * settings.scrape);

  async function values(
    name: string,
    query: string | null,
    range: Range,
    signal?: AbortSignal,
  ): Promise<readonly Series[]> {
    if (query === null) return [];
    const text = query.replaceAll('$window', `${windowMs(range.stepMs)}ms`);
    return api.range(name, text, { ...range, fromMs: range.fromMs + range.stepMs }, signal);
  }

  const { alerts } = settings;
  const firing =
    alerts &&
    (async (signal?: AbortSignal): Promise<readonly string[]> => {
      const matching = (await api.firing(signal)).filter(({ labels }) =>
        Object.entries(alerts.labels).every(([name, value]) => labels[name] === value),
      );
      const names = matching.map(({ labels: { alertname = 'unnamed' } }) => alertname.slice(0, 100));
      return [...new Set(names)].sort().slice(0, MOST_ALERTS);
    });

  return {
    kind: 'prometheus',
    ...(firing ? { alerts: firing } : {}),
    preflight: async (signal) => {
      const now = async (name: string, query: string) =>
        api.instant(name, query.replaceAll('$window', PREFLIGHT_WINDOW), signal);
      const [total, , latency] = await Promise.all([
        now('total', queries.total),
        queries.errors === null ? [] : now('errors', queries.errors),
        queries.latency === null ? [] : now('latency', queries.latency),
        firing?.(signal),
      ]);
      const requests = total.flatMap((series) => [...series.values.values()]);
      if (requests.length === 0) {
        const reason = 'the query for the total of requests finds nothing in the last five minutes';
        throw new Refusal('metrics-blind', { source: 'Prometheus', reason });
      }
      const rate = requests.reduce((all, one) => all + one, 0) / 300;
      const unseen = queries.latency !== null && latency.length === 0 ? '; it has no latency histogram' : '';
      return `Prometheus sees ${Number(rate.toPrecision(2))} requests a second${unseen}.`;
    },
    observe: () => {}, // Prometheus keeps its own history
    read: async (range, phase, signal) => {
      if (range.toMs - range.fromMs < range.stepMs) return [];
      try {
        const [total, errors, latency, alerts] = await Promise.all([
          values('total', queries.total, range, signal),
          values('errors', queries.errors, range, signal),
          values('latency', queries.latency, range, signal),
          isNow(range, context.now()) ? (firing?.(signal) ?? null) : null,
        ]);
        const share = range.stepMs / windowMs(range.stepMs);
        return samplesOf({ total, errors, latency, alerts, share, unitMs: queries.unitMs }, range, phase);
      } catch (error) {
        // While production is watched, whatever is wrong with the source means the same: nothing is seen.
        if (!(error instanceof Refusal)) throw error;
        context.log.warn({ code: error.code, facts: error.facts }, 'metrics cannot be read');
        throw new Unavailable('Prometheus', error.code, { cause: error });
      }
    },
    close: async () => {},
  };
}

/** Alerts are only known as they are now. */
function isNow(range: Range, nowMs: number): boolean {
  return nowMs - range.toMs < 2 * range.stepMs;
}

interface Read {
  readonly total: readonly Series[];
  readonly errors: readonly Series[];
  readonly latency: readonly Series[];
  readonly alerts: readonly string[] | null;
  /** Of the query's window that one tick is. */
  readonly share: number;
  readonly unitMs: number;
}

function samplesOf(read: Read, range: Range, phase: Sample['phase']): Sample[] {
  const samples: Sample[] = [];
  const ticks = Math.floor((range.toMs - range.fromMs) / range.stepMs);
  for (let tick = 1; tick <= ticks; tick++) {
    const at = range.fromMs + tick * range.stepMs;
    const total = sumAt(read.total, at, read.share);
    const errors = sumAt(read.errors, at, read.share);
    const latency = histogramAt(read.latency, at, read.share, read.unitMs);
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
function sumAt(series: readonly Series[], at: number, share: number): number | null {
  const values = series.flatMap((one) => one.values.get(at) ?? []);
  return values.length === 0 ? null : rounded(values.reduce((all, one) => all + one, 0) * share);
}

/** Cumulative buckets to counts per bucket. Null without a value for +Inf, which every histogram has. */
function histogramAt(series: readonly Series[], at: number, share: number, unitMs: number): Histogram | null {
  const upTo = new Map<number, number>();
  for (const { labels, values } of series) {
    const { le } = labels;
    const value = values.get(at);
    const edge = edgeOf(le);
    if (value !== undefined && edge !== null) upTo.set(edge, (upTo.get(edge) ?? 0) + value * share);
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
