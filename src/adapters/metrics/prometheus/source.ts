import { sinceThen } from '../../../domain/alerts/alert.ts';
import { namedAlert } from '../../../domain/judge/alerts.ts';
import type { Sample } from '../../../domain/judge/sample.ts';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { awayFor } from '../away.ts';
import { doubtOf } from '../doubt.ts';
import { type CountSetting, countedBy } from '../names.ts';
import type { CountedMetric, MetricSource, Range } from '../port.ts';
import type { PrometheusApi } from './api.ts';
import type { Queries, Told } from './queries.ts';
import { type CountRead, samplesOf } from './samples.ts';
import type { Series } from './series.ts';

const PREFLIGHT_WINDOW = '5m';
const PREFLIGHT_SECONDS = 300;
const MOST_ALERTS = 100;
const MOST_ALERT_CHARS = 300;
const NO_RULES =
  'Prometheus tells of no alerting rule, so its `alerts` fire only once it has one; VictoriaMetrics tells those of vmalert with -vmalert.proxyURL, and prom-label-proxy only those with its label.';

interface Options {
  /** How often Prometheus asks the service, in ms. */
  readonly scrape: number;
  /** How long after its end a tick is there whole, in ms. */
  readonly delay: number;
  readonly alerts?: { readonly labels: Readonly<Record<string, string>> } | undefined;
  readonly compare?: { readonly label: string } | undefined;
  readonly counts: Readonly<Record<string, CountSetting<string>>>;
}

/** The queries of before or after the deploy. */
type QueriesFor = (phase: Sample['phase'], told: Told) => Queries;

/** Requests, errors, latency and alerts as Prometheus has them. */
export class PrometheusSource implements MetricSource {
  readonly kind = 'prometheus';
  readonly delayMs: number;
  /** An increase takes two scrapes. */
  readonly shortestTickMs: number;
  readonly counts: Readonly<Record<string, CountedMetric>>;
  readonly alerts?: (signal?: AbortSignal) => Promise<readonly string[]>;
  /** Labels of the alerts that count; undefined: none do. */
  readonly #alerting: Readonly<Record<string, string>> | undefined;
  readonly #api: PrometheusApi;
  /** Tells releases apart; null: nothing does. */
  readonly #label: string | null;
  readonly #queries: QueriesFor;
  readonly #context: Pick<AdapterContext, 'log' | 'now'>;

  constructor(
    api: PrometheusApi,
    queries: QueriesFor,
    { scrape, delay, alerts, compare, counts }: Options,
    context: Pick<AdapterContext, 'log' | 'now'>,
  ) {
    this.#api = api;
    this.#queries = queries;
    this.#label = compare?.label ?? null;
    this.shortestTickMs = 2 * scrape;
    this.delayMs = delay;
    this.counts = countedBy(counts);
    this.#context = context;
    this.#alerting = alerts?.labels;
    if (alerts) this.alerts = async (signal) => (await this.#firing(alerts.labels, signal)).alerts;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { total, errors, latency, counts } = this.#queries('baseline', { label: this.#label });
    const now = async (name: string, query: string) =>
      this.#api.instant(name, query.replaceAll('$window', PREFLIGHT_WINDOW), signal);
    const others = Object.entries(counts).map(async ([name, count]) => {
      const [found] = await Promise.all(
        'value' in count ? [now(name, count.value)] : [now(name, count.total), now(name, count.bad)],
      );
      return found?.some(({ values }) => values.size > 0) ? [] : [name];
    });
    const [counted, , buckets, unknown] = await Promise.all([
      now('total', total),
      errors === null ? [] : now('errors', errors),
      latency === null ? [] : now('latency', latency),
      Promise.all(others),
      this.alerts?.(signal),
    ]);
    const requests = counted.flatMap((series) => [...series.values.values()]);
    if (requests.length === 0) {
      const reason = 'the query for the total of requests finds nothing in the last five minutes';
      throw new Refusal('metrics-blind', { source: 'Prometheus', reason });
    }
    const rate = requests.reduce((all, one) => all + one, 0) / PREFLIGHT_SECONDS;
    const missing = unknown.flat();
    if (missing.length > 0) {
      const reason = `the query for ${missing.join(', ')} finds nothing in the last five minutes`;
      throw new Refusal('metrics-blind', { source: 'Prometheus', reason });
    }
    const unseen = latency !== null && buckets.length === 0 ? '; it has no latency histogram' : '';
    return `Prometheus sees ${Number(rate.toPrecision(2))} requests a second${unseen}.${this.#unlabelled(counted)}`;
  }

  async doubt(signal?: AbortSignal): Promise<string | null> {
    const failures = Object.entries(this.#queries('baseline', {}).failures);
    const never = doubtOf('Prometheus', this.#context.now() - this.delayMs, async (times) => {
      const found = await Promise.all(
        failures.map(async ([name, query]) => {
          const text = query.replaceAll('$window', `${times.stepMs}ms`);
          const series = await this.#api.range(name, text, times, signal);
          const isSeen = series.some(({ values, histograms }) => values.size + (histograms?.size ?? 0) > 0);
          return isSeen ? [] : [name];
        }),
      );
      return found.flat();
    });
    const canFire = this.#alerting === undefined || (await this.#api.canAlert(signal));
    return [await never, canFire ? null : NO_RULES].filter((one) => one !== null).join(' ') || null;
  }

  /** A sentence when nothing says of which release a request is. */
  #unlabelled(counted: readonly Series[]): string {
    const label = this.#label;
    if (label === null || counted.some(({ labels }) => labels[label] !== undefined)) return '';
    return ` No series has the label ${label}, so a release is only compared with the time before its deploy.`;
  }

  /** Prometheus keeps its own history. */
  observe(): void {}

  async read(range: Range, phase: Sample['phase'], signal?: AbortSignal): Promise<readonly Sample[]> {
    if (range.toMs - range.fromMs < range.stepMs) return [];
    const { release } = range;
    const compare =
      this.#label === null || release === undefined || phase === 'baseline'
        ? null
        : { label: this.#label, release };
    const queries = this.#queries(phase, {
      label: compare?.label ?? null,
      release: release ?? null,
    });
    try {
      const [total, errors, latency, counts, firing] = await Promise.all([
        this.#values('total', queries.total, range, signal),
        this.#values('errors', queries.errors, range, signal),
        this.#values('latency', queries.latency, range, signal),
        this.#counts(queries, range, signal),
        range.isLive && this.#alerting ? this.#firing(this.#alerting, signal) : null,
      ]);
      const read = { total, errors, latency, counts, firing, unitMs: queries.unitMs, compare };
      return samplesOf(read, range, phase);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#context.log.warn({ code: error.code, facts: error.facts }, 'metrics cannot be read');
      throw awayFor('Prometheus', error);
    }
  }

  async close(): Promise<void> {}

  async #counts(
    { counts }: Queries,
    range: Range,
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, CountRead>>> {
    const read = Object.entries(counts).map(async ([name, count]): Promise<[string, CountRead]> => {
      const values = (query: string) => this.#values(name, query, range, signal);
      if ('value' in count) return [name, { value: await values(count.value), limit: count.limit }];
      const [total, bad] = await Promise.all([values(count.total), values(count.bad)]);
      return [name, { total, bad }];
    });
    return Object.fromEntries(await Promise.all(read));
  }

  async #values(
    name: string,
    query: string | null,
    range: Range,
    signal: AbortSignal | undefined,
  ): Promise<readonly Series[]> {
    if (query === null) return [];
    const text = query.replaceAll('$window', `${range.stepMs}ms`);
    const { fromMs, toMs, stepMs } = range;
    return this.#api.range(name, text, { fromMs: fromMs + stepMs, toMs, stepMs }, signal);
  }

  /** The alerts with all these labels, as samples name them, and since when they fire. */
  async #firing(
    wanted: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Pick<Sample, 'alerts_since'> & { readonly alerts: readonly string[] }> {
    const matching = (await this.#api.firing(signal)).filter(({ labels }) =>
      Object.entries(wanted).every(([name, value]) => labels[name] === value),
    );
    const named = matching.map(({ labels, activeAt }) => {
      const name = namedAlert((labels['alertname'] ?? 'unnamed').slice(0, 100), labels);
      const { since } = sinceThen(activeAt ?? '', this.#context.now());
      return [name.slice(0, MOST_ALERT_CHARS), since] as const;
    });
    const alerts = [...new Set(named.map(([name]) => name))].sort().slice(0, MOST_ALERTS);
    const times = named.flatMap(([name, since]) =>
      since === undefined || !alerts.includes(name) ? [] : [[name, new Date(since).toISOString()] as const],
    );
    if (times.length === 0) return { alerts };
    return { alerts, alerts_since: Object.fromEntries(times.sort(([, a], [, b]) => (a < b ? -1 : 1))) };
  }
}
