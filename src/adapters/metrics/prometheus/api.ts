import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { failureOf, jsonIn } from '../../shared/ask-json.ts';
import { askOften, type HttpReply } from '../../shared/http.ts';
import { jsonOf } from '../../shared/reply.ts';
import { NativeHistogram } from './native-histogram.ts';
import type { Series } from './series.ts';
import { isMoved, placed, type Times, unmovedTimes } from './times.ts';

interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly activeAt?: string | null | undefined;
}

const Point = z.tuple([z.number(), z.string()]);
const HistogramPoint = z.tuple([z.number(), NativeHistogram]);
const Labels = z.record(z.string(), z.string());
const Result = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: Labels,
        values: z.array(Point).default([]),
        histograms: z.array(HistogramPoint).default([]),
      }),
    ),
  }),
  z.object({
    resultType: z.literal('vector'),
    result: z.array(
      z.object({ metric: Labels, value: Point.optional(), histogram: HistogramPoint.optional() }),
    ),
  }),
  z.object({ resultType: z.literal('scalar'), result: Point }),
]);
const Alert = z.object({ labels: Labels, state: z.string(), activeAt: z.string().nullish() });
const Alerts = z.object({ alerts: z.array(Alert) });
const Rules = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ type: z.string() })) })) });
const Failure = z.object({ error: z.string() });
const Success = z.object({
  status: z.literal('success'),
  data: z.unknown(),
  warnings: z.array(z.string()).nullish(),
  isPartial: z.boolean().optional(),
});

const SOURCE = 'Prometheus';
const PLACE = { source: SOURCE, setting: 'metrics' };
const MAX_BYTES = 16 * 1024 * 1024;

/** The few calls of Prometheus' HTTP API v1 that are needed; every reply is validated. */
export class PrometheusApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #more: Readonly<Record<string, string>>;
  readonly #scrapeMs: number;
  /** The server moves times to multiples of the step, as was seen once. */
  #moves = false;

  /** `delayMs`: nothing is asked of the time that is nearer to now. `scrapeMs`: how far apart what it knows is. */
  constructor(
    base: string,
    headers: Readonly<Record<string, string>>,
    {
      timeoutMs,
      delayMs,
      scrapeMs,
    }: { readonly timeoutMs: number; readonly delayMs: number; readonly scrapeMs: number },
  ) {
    this.#base = withoutTrailing(base, '/');
    this.#headers = headers;
    this.#timeoutMs = timeoutMs;
    this.#scrapeMs = scrapeMs;
    this.#more = wholeAndOnTime(delayMs);
  }

  /**
   * Values at the times of the range. A server that moves them, as caches in front of Thanos, Mimir and Cortex do, is
   * asked again for more of them, and then the values are of less than half a scrape before. `name` is for messages:
   * "errors".
   */
  async range(name: string, query: string, wanted: Times, signal?: AbortSignal): Promise<readonly Series[]> {
    if (!this.#moves) {
      const found = await this.#range(name, query, wanted, signal);
      if (!isMoved(found, wanted)) return placed(found, wanted, wanted);
      this.#moves = true;
    }
    const asked = unmovedTimes(wanted, this.#scrapeMs / 2);
    const found = await this.#range(name, query, asked, signal);
    if (isMoved(found, asked)) {
      throw new Unavailable(SOURCE, 'it answers for other times than those it is asked for');
    }
    return placed(found, wanted, asked);
  }

  #range(
    name: string,
    query: string,
    { fromMs, toMs, stepMs }: Times,
    signal: AbortSignal | undefined,
  ): Promise<readonly Series[]> {
    const form = { query, start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs) };
    return this.#query('query_range', name, form, signal);
  }

  instant(name: string, query: string, signal?: AbortSignal): Promise<readonly Series[]> {
    return this.#query('query', name, { query }, signal);
  }

  async firing(signal?: AbortSignal): Promise<readonly PrometheusAlert[]> {
    const data = await this.#call('alerts', 'alerts', null, signal);
    return read(Alerts, data).alerts.filter((alert) => alert.state === 'firing');
  }

  /** Whether it has a rule that can fire. Who does not tell its rules is believed. */
  async canAlert(signal?: AbortSignal): Promise<boolean> {
    try {
      const { groups } = read(Rules, await this.#call('rules?type=alert', 'rules', null, signal));
      return groups.some(({ rules }) => rules.some(({ type }) => type === 'alerting'));
    } catch (error) {
      if (error instanceof Refusal || error instanceof Unavailable) return true;
      throw error;
    }
  }

  async #query(
    path: string,
    name: string,
    form: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<readonly Series[]> {
    const data = read(Result, await this.#call(path, name, { ...form, ...this.#more }, signal));
    if (data.resultType === 'scalar') return [{ labels: {}, values: valuesOf([data.result]) }];
    if (data.resultType === 'matrix') {
      return data.result.map(({ metric, values, histograms }) => ({
        labels: metric,
        values: valuesOf(values),
        histograms: byTime(histograms),
      }));
    }
    return data.result.map(({ metric, value, histogram }) => ({
      labels: metric,
      values: valuesOf(value ? [value] : []),
      histograms: byTime(histogram ? [histogram] : []),
    }));
  }

  async #call(
    path: string,
    name: string,
    form: Readonly<Record<string, string>> | null,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const answer = await askOften({
      url: `${this.#base}/api/v1/${path}`,
      timeoutMs: this.#timeoutMs,
      maxBytes: MAX_BYTES,
      headers:
        form === null
          ? this.#headers
          : { ...this.#headers, 'content-type': 'application/x-www-form-urlencoded' },
      ...(form === null ? {} : { method: 'POST', body: new URLSearchParams(form).toString() }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply') throw new Unavailable(SOURCE, answer.words);
    if (answer.status !== 200) throw failure(answer, name);
    const { data, warnings, isPartial } = jsonIn(answer, { ...PLACE, answer: Success });
    const incomplete = warnings?.find((warning) => !warning.startsWith('PromQL '));
    if (isPartial || incomplete !== undefined) {
      const why = incomplete === undefined ? '' : ` (${incomplete.slice(0, 200)})`;
      throw new Unavailable(SOURCE, `its answer is incomplete${why}`);
    }
    return data;
  }
}

/**
 * What servers other than Prometheus, which leaves it unread, need to answer with all that there is, for the times that
 * were asked for: Thanos and VictoriaMetrics fail instead of leaving out a store that is away, and the latter neither
 * moves the times to multiples of the step nor hides the last half minute.
 */
function wholeAndOnTime(delayMs: number): Readonly<Record<string, string>> {
  return {
    partial_response: 'false',
    deny_partial_response: '1',
    nocache: '1',
    latency_offset: `${Math.max(1, delayMs)}ms`,
  };
}

function failure(answer: HttpReply, query: string): Error {
  const { status } = answer;
  if (status === 401 || status === 403)
    return new Refusal('metrics-unauthorised', { source: SOURCE, status });
  if (status === 400 || status === 422) {
    const told = Failure.safeParse(jsonOf(answer)).data?.error;
    const away = status === 422 && told !== undefined ? awayIn(told) : null;
    if (away !== null) return new Unavailable(SOURCE, `it answered ${status} (${away})`);
    const reason = told?.slice(0, 200) ?? `it answered ${status}`;
    return new Refusal('metrics-query-refused', { source: SOURCE, query, reason });
  }
  if (status === 404 || status === 405) {
    return new Refusal('metrics-blind', {
      source: SOURCE,
      reason: `there is no Prometheus API at its address (${status})`,
    });
  }
  return failureOf(answer, PLACE);
}

/** As Thanos, VictoriaMetrics, Cortex and Mimir write, as an error of the query, that a part of them does not answer. */
const AWAY =
  /rpc error|StoreAPI|proxy Series|vmstorage|consistency check failed|too many outstanding requests|query timed out|timeout reached|deadline exceeded/;
/** What is too much stays too much. */
const OVER_LIMIT = /ResourceExhausted|\blimit\b|exceeds/;

/** What the error says of a part that is away; null where it is about the query. */
function awayIn(error: string): string | null {
  const from = error.search(AWAY);
  return from < 0 || OVER_LIMIT.test(error) ? null : error.slice(from, from + 200);
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new Unavailable(SOURCE, 'its answer was not understood', { cause: parsed.error });
  return parsed.data;
}

function valuesOf(points: readonly (readonly [number, string])[]): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (const [time, text] of points) {
    const value = Number(text);
    if (Number.isFinite(value)) values.set(Math.round(time * 1_000), value);
  }
  return values;
}

function byTime(
  points: readonly (readonly [number, NativeHistogram])[],
): ReadonlyMap<number, NativeHistogram> {
  return new Map(points.map(([time, histogram]) => [Math.round(time * 1_000), histogram]));
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
