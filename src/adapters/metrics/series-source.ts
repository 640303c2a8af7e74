import { PERCENTILES, type Sample } from '../../domain/judge/sample.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../shared/context.ts';
import { awayFor } from './away.ts';
import { doubtOf } from './doubt.ts';
import { type CountSetting, countedBy } from './names.ts';
import type { CountedMetric, MetricSource, Range } from './port.ts';
import { samplesOfReadings, type Values } from './readings.ts';
import { queriesByName, readingsByName, type SeriesQueries } from './series-queries.ts';

export interface SeriesOptions<Q> extends SeriesQueries<Q> {
  readonly kind: string;
  /** For people. */
  readonly title: string;
  readonly delayMs: number;
  readonly shortestTickMs: number;
  readonly latencyUnitMs: number;
  /** What fails has no value while nothing does, so a query that is spelt wrong looks like a service without errors. */
  readonly isSparse?: true;
}

/**
 * The values of such queries, each by the end of its bucket in ms, over buckets of a tick or shorter. A query that
 * finds nothing has no values.
 */
export type ReadSeries<Q> = (
  queries: Readonly<Record<string, Q>>,
  range: Range,
  signal: AbortSignal | undefined,
) => Promise<Readonly<Record<string, Values>>>;

const PREFLIGHT_MS = 900_000;
const PREFLIGHT_STEP_MS = 60_000;

/** A metrics source that keeps series: their buckets are summed up by ticks. */
export class SeriesSource<Q> implements MetricSource {
  readonly kind: string;
  readonly delayMs: number;
  readonly shortestTickMs: number;
  readonly counts: Readonly<Record<string, CountedMetric>>;
  readonly #options: SeriesOptions<Q>;
  readonly #series: ReadSeries<Q>;
  readonly #queries: Readonly<Record<string, Q>>;
  readonly #context: Pick<AdapterContext, 'log' | 'now'>;

  constructor(
    options: SeriesOptions<Q>,
    series: ReadSeries<Q>,
    context: Pick<AdapterContext, 'log' | 'now'>,
  ) {
    this.kind = options.kind;
    this.delayMs = options.delayMs;
    this.shortestTickMs = options.shortestTickMs;
    this.counts = countedBy(options.counts);
    this.#options = options;
    this.#series = series;
    this.#queries = queriesByName(options);
    this.#context = context;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { title, total, counts, latency } = this.#options;
    const toMs = Math.floor((this.#context.now() - this.delayMs) / PREFLIGHT_STEP_MS) * PREFLIGHT_STEP_MS;
    const range = { fromMs: toMs - PREFLIGHT_MS, toMs, stepMs: PREFLIGHT_STEP_MS };
    const found = await this.#series(this.#queries, range, signal);
    const within = (key: string) =>
      [...(found[key] ?? [])].flatMap(([at, value]) => (at > range.fromMs && at <= toMs ? [value] : []));
    const sum = (key: string) => within(key).reduce((all, one) => all + one, 0);
    const lacks = (key: string) => within(key).length === 0;
    const blind = [
      ...(total !== undefined && lacks('total') ? ['the total of requests'] : []),
      ...Object.keys(counts).filter((name) => lacks(keyOf(counts, name))),
    ];
    if (blind.length > 0) {
      const reason = `it has no value of ${blind.join(', ')} in the last 15 minutes`;
      throw new Refusal('metrics-blind', { source: title, reason });
    }
    if (total === undefined) return `${title} answers.`;
    const rate = Number(((sum('total') / PREFLIGHT_MS) * 1_000).toPrecision(2));
    const failed = Math.round(sum('errors')).toLocaleString('en');
    const slow = latency !== undefined && PERCENTILES.every((name) => lacks(`latency ${name}`));
    return `${title} sees ${rate} requests a second, of which ${failed} failed in 15 minutes${slow ? '; it has no latency' : ''}.`;
  }

  async doubt(signal?: AbortSignal): Promise<string | null> {
    const bad = Object.entries(this.#queries).filter(([key]) => key === 'errors' || key.startsWith(BAD_OF));
    if (this.#options.isSparse !== true || bad.length === 0) return null;
    return doubtOf(this.#options.title, this.#context.now() - this.delayMs, async (range) => {
      const found = await this.#series(Object.fromEntries(bad), range, signal);
      const unseen = bad.filter(([key]) => (found[key]?.size ?? 0) === 0);
      return unseen.map(([key]) => (key === 'errors' ? key : key.slice(BAD_OF.length)));
    });
  }

  /** Such a source keeps its own history. */
  observe(): void {}

  async read(range: Range, phase: Sample['phase'], signal?: AbortSignal): Promise<readonly Sample[]> {
    if (range.toMs - range.fromMs < range.stepMs) return [];
    try {
      const found = await this.#series(this.#queries, range, signal);
      const of = (name: string): Values => found[name] ?? new Map();
      return samplesOfReadings(readingsByName(of, this.#options, this.#options.latencyUnitMs), range, phase);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#context.log.warn({ code: error.code, facts: error.facts }, 'metrics cannot be read');
      throw awayFor(this.#options.title, error);
    }
  }

  async close(): Promise<void> {}
}

const BAD_OF = 'bad of ';

function keyOf<Q>(counts: Readonly<Record<string, CountSetting<Q>>>, name: string): string {
  return counts[name]?.value === undefined ? `total of ${name}` : `value of ${name}`;
}
