import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { isoTime } from '../../../domain/text/calendar.ts';
import type { AwsClient } from '../../shared/aws/client.ts';
import { membersAt, textAt, type XmlElement } from '../../shared/aws/xml.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { Range } from '../port.ts';
import { sumOfSeries, type Values } from '../readings.ts';
import { SeriesSource } from '../series-source.ts';
import { parametersOf, queriesOf } from './queries.ts';
import type { CloudWatchQuery, CloudWatchSettings } from './settings.ts';

const UNIT_MS = { s: 1_000, ms: 1, us: 1e-3 } as const;
/** What AWS itself measures is there by the minute. */
const MINUTE_MS = 60_000;
const MOST_PAGES = 20;
const TITLE = 'CloudWatch';

/** All series are asked for at once, in as many pages as CloudWatch makes of them. */
export class CloudWatchSource extends SeriesSource<CloudWatchQuery> {
  constructor(client: AwsClient, settings: CloudWatchSettings, context: AdapterContext) {
    super(
      {
        kind: 'cloudwatch',
        isSparse: true,
        title: TITLE,
        delayMs: settings.delay,
        shortestTickMs: MINUTE_MS,
        latencyUnitMs: UNIT_MS[settings['latency-unit']],
        ...queriesOf(settings),
      },
      async (queries, range, signal) => {
        const found = await read(client, queries, range, signal);
        return settings['load-balancer'] === undefined ? found : withinTotal(found);
      },
      context,
    );
  }
}

async function read(
  client: AwsClient,
  queries: Readonly<Record<string, CloudWatchQuery>>,
  range: Range,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, Values>>> {
  const periodMs = Math.max(MINUTE_MS, Math.floor(range.stepMs / MINUTE_MS) * MINUTE_MS);
  const named = Object.entries(queries).flatMap(([name, query]) =>
    (Array.isArray(query) ? query : [query]).map((one) => ({ name, query: one })),
  );
  const asked = named.map(({ query }, index) => [`q${index}`, query] as const);
  const parameters = {
    ...parametersOf(asked, periodMs / 1_000),
    // Both are rounded down to the period; a bucket that begins within the range may end after it.
    StartTime: isoTime(range.fromMs - periodMs),
    EndTime: isoTime(range.toMs + periodMs),
    ScanBy: 'TimestampAscending',
  };
  const found = new Map<number, Map<number, number>>();
  const labels = new Map<number, string>();
  let token = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const result = await client.call(
      'GetMetricData',
      token === '' ? parameters : { ...parameters, NextToken: token },
      signal,
    );
    token = textAt(result, 'NextToken');
    mustLeaveOutNothing(membersAt(result, 'Messages'));
    for (const series of membersAt(result, 'MetricDataResults')) {
      const index = Number(textAt(series, 'Id').slice(1));
      if (named[index] === undefined) continue;
      mustBeWhole(series, token);
      if (membersAt(series, 'Timestamps').length > 0) {
        mustBeOne(labels.get(index), textAt(series, 'Label'), named[index].name);
        labels.set(index, textAt(series, 'Label'));
      }
      const values = found.get(index) ?? new Map<number, number>();
      found.set(index, values);
      addTo(values, series, periodMs);
    }
    if (token === '') return byName(named, found);
  }
  throw new Unavailable(TITLE, 'its answer has too many pages');
}

/** Some messages only explain; these say that there is more than what was answered. */
const LEFT_OUT = /exceed|maximum|partial|truncat/i;

function mustLeaveOutNothing(messages: readonly XmlElement[]): void {
  const texts = messages.map((one) => [textAt(one, 'Code'), textAt(one, 'Value')] as const);
  const left = texts.find((words) => LEFT_OUT.test(words.join(' ')));
  if (left === undefined) return;
  const [code, value] = left;
  throw new Unavailable(TITLE, `its answer is incomplete (${(value || code).slice(0, 200)})`);
}

/** Of several series of one query, as SEARCH or GROUP BY give them, only one would be read. */
function mustBeOne(known: string | undefined, label: string, query: string): void {
  if (known === undefined || known === label) return;
  const reason = `it gives several series, ${known.slice(0, 80)} and ${label.slice(0, 80)}: make one of them, as with SUM(…)`;
  throw new Refusal('metrics-query-refused', { source: TITLE, query, reason });
}

/** An incomplete series is continued on the next page; without one it stays incomplete. */
function mustBeWhole(series: XmlElement, token: string): void {
  mustLeaveOutNothing(membersAt(series, 'Messages'));
  const status = textAt(series, 'StatusCode');
  if (status === 'Forbidden') throw new Refusal('metrics-unauthorised', { source: TITLE, status });
  if (status === 'InternalError' || (status === 'PartialData' && token === '')) {
    throw new Unavailable(TITLE, `its answer is incomplete (${status})`);
  }
}

/** A load balancer may try to connect several times for one request: more than all cannot have failed. */
function withinTotal(found: Readonly<Record<string, Values>>): Readonly<Record<string, Values>> {
  const { total, errors } = found;
  if (total === undefined || errors === undefined) return found;
  const capped = [...errors].map(([at, value]) => [at, Math.min(value, total.get(at) ?? value)] as const);
  return { ...found, errors: new Map(capped) };
}

/** The values of each query; those of several metrics of one list are summed up. */
function byName(
  named: readonly { readonly name: string; readonly query: object }[],
  found: ReadonlyMap<number, Values>,
): Readonly<Record<string, Values>> {
  const series: Record<string, Values[]> = {};
  for (const [index, values] of found) {
    const { name = '', query = {} } = named[index] ?? {};
    const isLess = 'isLess' in query;
    const signed = isLess ? new Map([...values].map(([at, value]) => [at, -value])) : values;
    series[name] = [...(series[name] ?? []), signed];
  }
  return Object.fromEntries(Object.entries(series).map(([name, all]) => [name, sumOfSeries(all)]));
}

/** Adds the values of a page by the end of their period; of two of the same period the last one counts. */
function addTo(known: Map<number, number>, series: XmlElement, periodMs: number): void {
  const times = membersAt(series, 'Timestamps');
  const values = membersAt(series, 'Values');
  if (times.length !== values.length) throw new Unavailable(TITLE, 'its answer was not understood');
  for (const [index, { text }] of times.entries()) {
    const start = Date.parse(text);
    const value = Number(values[index]?.text || Number.NaN);
    if (Number.isNaN(start) || !Number.isFinite(value)) continue;
    known.set(start + periodMs, value);
  }
}
