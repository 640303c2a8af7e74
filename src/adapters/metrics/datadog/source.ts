import { z } from 'zod';
import { Unavailable } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { DatadogClient } from '../../shared/datadog/client.ts';
import type { Range } from '../port.ts';
import { sumOfSeries, type Values } from '../readings.ts';
import { SeriesSource } from '../series-source.ts';
import type { DatadogSettings } from './settings.ts';

/** Values of each series in the order of `times`, ms since the epoch; null: no point. */
const Answer = z.object({
  data: z.object({
    attributes: z.object({
      series: z.array(z.object({ query_index: z.number().optional() })).default([]),
      times: z.array(z.number()).default([]),
      values: z.array(z.array(z.number().nullable())).default([]),
    }),
  }),
});
type Timeseries = z.infer<typeof Answer>['data']['attributes'];
/** A query that failed, also beside the values of others. */
const Failed = z.object({ errors: z.string().min(1) });

const UNIT_MS = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 } as const;
/** Datadog's agents send each ten seconds. */
const SHORTEST_TICK_MS = 10_000;
const PATH = '/api/v2/query/timeseries';

/** All series are asked for at once: requests are limited by the hour. */
export class DatadogSource extends SeriesSource<string> {
  constructor(client: DatadogClient, settings: DatadogSettings, context: AdapterContext) {
    super(
      {
        kind: 'datadog',
        isSparse: true,
        title: 'Datadog',
        delayMs: settings.delay,
        shortestTickMs: SHORTEST_TICK_MS,
        latencyUnitMs: UNIT_MS[settings['latency-unit']],
        total: settings.total,
        errors: settings.errors,
        latency: settings.latency,
        counts: settings.counts,
      },
      async (queries, range, signal) => {
        const names = Object.keys(queries);
        const bucketMs = bucketOf(range);
        const attributes = {
          from: range.fromMs - bucketMs,
          to: range.toMs,
          interval: bucketMs,
          queries: Object.values(queries).map((query, index) => ({
            data_source: 'metrics',
            query: query.replaceAll('{service}', context.service),
            name: `q${index}`,
          })),
          formulas: names.map((_, index) => ({ formula: `q${index}` })),
        };
        const body = { data: { type: 'timeseries_request', attributes } };
        const schema = z.union([Failed, Answer]);
        const answer = await client.call(PATH, schema, { what: 'the time series', body, signal });
        if ('errors' in answer) {
          throw new Unavailable('Datadog', `its answer is incomplete (${answer.errors.slice(0, 200)})`);
        }
        return seriesOf(answer.data.attributes, names, bucketMs);
      },
      context,
    );
  }
}

/** Buckets are as long as a tick: they begin at multiples of their length, so one ends in each tick. */
function bucketOf({ stepMs }: Range): number {
  return Math.max(1_000, Math.floor(stepMs / 1_000) * 1_000);
}

/** By name, the values by the end of their bucket. Several series of one query, of an ungrouped one never, are summed. */
function seriesOf(
  { series, times, values }: Timeseries,
  names: readonly string[],
  bucketMs: number,
): Readonly<Record<string, Values>> {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  if (gaps.some((gap) => gap > bucketMs * 1.5) && gaps.every((gap) => gap >= bucketMs * 1.5)) {
    throw new Unavailable('Datadog', 'for this time it has only figures farther apart than `monitor.tick`');
  }
  const found: Record<string, Values[]> = {};
  for (const [index, { query_index: query = index }] of series.entries()) {
    const name = names[query];
    if (name === undefined) continue;
    const points = (values[index] ?? []).flatMap((value, place): [number, number][] => {
      const start = times[place];
      return start === undefined || value === null ? [] : [[start + bucketMs, value]];
    });
    found[name] = [...(found[name] ?? []), new Map(points)];
  }
  return Object.fromEntries(Object.entries(found).map(([name, all]) => [name, sumOfSeries(all)]));
}
