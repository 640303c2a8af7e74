import { z } from 'zod';
import type { LogLine, LogRead } from '../../domain/logs/known.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { jsonOf } from '../../domain/text/json.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { askJson, lessWhereTooLong } from '../shared/ask-json.ts';
import { type AdapterContext, SecretRef } from '../shared/context.ts';
import { HttpUrl } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { signInHeaders, signInShape } from '../shared/sign-in.ts';
import { countedLines, type LogRange, type LogSource, logSettings, rulesOf } from './port.ts';

const NAME = 'Elasticsearch';
const PAGE = 500;
const MOST_CHARS = 8_000;

const Field = z.string().regex(/^[\w@.-]{1,200}$/, 'the name of a field');

const ElasticsearchSettings = z
  .strictObject({
    use: z.literal('elasticsearch'),
    ...logSettings,
    url: HttpUrl.meta({ description: 'Address of Elasticsearch or OpenSearch.' }),
    index: z
      .string()
      .regex(
        /^[^\s/?#\\"<>|]{1,500}$/,
        'the name of an index, a data stream or a pattern such as logs-shop-*',
      )
      .meta({ description: 'Index, data stream, alias or pattern; several with commas.' }),
    query: z
      .string()
      .min(1)
      .meta({
        description: 'Query string (Lucene) that gives the error lines of the service.',
        examples: ['service.name:shop AND log.level:(error OR fatal)'],
      }),
    'time-field': Field.default('@timestamp'),
    'message-field': Field.default('message'),
    'api-key': SecretRef.optional().meta({
      description: 'Sent as `Authorization: ApiKey …`, encoded as it was given out.',
    }),
    kibana: z
      .strictObject({
        url: HttpUrl.meta({ description: 'Address of Kibana, with /s/SPACE where there are spaces.' }),
        'data-view': z.string().min(1).optional().meta({ description: 'Id of the data view.' }),
      })
      .optional()
      .meta({ description: 'Links lead to Discover there.' }),
    ...signInShape,
  })
  .meta({ description: 'Reads error messages from Elasticsearch (7.2 or newer) or OpenSearch.' });
type ElasticsearchSettings = z.output<typeof ElasticsearchSettings>;

export const elasticsearchLogs = defineKind({ settings: ElasticsearchSettings, open: openElasticsearch });

const Count = z.int().default(0);
const Found = z.object({
  timed_out: z.boolean(),
  // Where other clusters are searched too; one that is away may be left out without a word.
  _clusters: z.object({ skipped: Count, partial: Count, failed: Count }).optional(),
  _shards: z.object({ total: z.int(), failed: z.int() }),
  hits: z.object({
    hits: z.array(
      z.object({
        _index: z.string(),
        _id: z.string(),
        _source: z.record(z.string(), z.unknown()).optional(),
        sort: z.array(z.union([z.number(), z.string()])).min(1),
      }),
    ),
  }),
});
type Hit = z.output<typeof Found>['hits']['hits'][number];
const Failure = z.object({
  error: z.object({
    reason: z.string().nullish(),
    root_cause: z.array(z.object({ reason: z.string() })).nullish(),
  }),
});

function openElasticsearch(settings: ElasticsearchSettings, context: AdapterContext): LogSource {
  const name = settings.name ?? NAME;
  const key = settings['api-key'];
  const headers = {
    ...signInHeaders(settings, context),
    ...(key === undefined ? {} : { authorization: `ApiKey ${context.secret(key.env)}` }),
    'content-type': 'application/json',
  };
  const read = async (range: LogRange, signal?: AbortSignal): Promise<LogRead> => {
    const byId = new Map<string, LogLine>();
    let after: Hit['sort'] | null = null;
    let seen = 0;
    let cut = false;
    while (!cut) {
      const page = Math.min(PAGE, range.most - seen);
      const { answer: hits, asked: size } = await lessWhereTooLong(page, (some) =>
        hitsOf(settings, headers, searchOf(settings, range, some, after), signal),
      );
      for (const hit of hits) {
        const line = lineOf(hit, settings);
        if (line.atMs >= range.fromMs && line.atMs < range.toMs) byId.set(`${hit._index}/${hit._id}`, line);
      }
      seen += hits.length;
      after = hits.at(-1)?.sort ?? null;
      if (hits.length < size || after === null) break;
      // Messages that are too long for a page are so on the next ones too.
      cut = size < page || seen >= range.most;
    }
    const lines = [...byId.values()].sort((a, b) => a.atMs - b.atMs);
    return { lines, cut };
  };
  return {
    kind: 'elasticsearch',
    name,
    rules: rulesOf(settings),
    delayMs: settings.delay,
    read,
    preflight: (signal) => countedLines(name, read, context.now(), signal),
    link: (range) => discoverLink(settings, range),
  };
}

/** One page of hits; all shards have to answer. */
async function hitsOf(
  settings: ElasticsearchSettings,
  headers: Readonly<Record<string, string>>,
  search: unknown,
  signal: AbortSignal | undefined,
): Promise<readonly Hit[]> {
  const source = settings.name ?? NAME;
  const found = await askJson({
    source,
    setting: 'logs',
    // The same copies of the shards for each page.
    url: `${withoutTrailing(settings.url, '/')}/${encodeURIComponent(settings.index)}/_search?preference=slipway`,
    method: 'POST',
    headers,
    body: JSON.stringify(search),
    timeoutMs: settings.timeout,
    answer: Found,
    reasonIn: (body) => {
      const { reason, root_cause: cause } = Failure.safeParse(body).data?.error ?? {};
      return cause?.[0]?.reason ?? reason ?? undefined;
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const { skipped = 0, partial = 0, failed = 0 } = found._clusters ?? {};
  if (skipped + partial + failed > 0) throw new Unavailable(source, 'only a part of its clusters answered');
  if (found._shards.total === 0) {
    const reason = `there is no index ${settings.index}`;
    throw new Refusal('source-blind', { source, setting: 'logs', reason });
  }
  if (found.timed_out || found._shards.failed > 0) {
    throw new Unavailable(source, 'only a part of its shards answered');
  }
  return found.hits.hits;
}

function searchOf(
  settings: ElasticsearchSettings,
  { fromMs, toMs }: LogRange,
  size: number,
  after: Hit['sort'] | null,
): unknown {
  const time = settings['time-field'];
  return {
    size,
    track_total_hits: false,
    _source: [settings['message-field']],
    // `date` gives milliseconds, also of a field with nanoseconds. No `format`: OpenSearch and versions before 7.13 refuse it.
    sort: [
      { [time]: { order: 'desc', numeric_type: 'date', unmapped_type: 'date' } },
      { _doc: { order: 'desc' } },
    ],
    query: {
      bool: {
        filter: [
          { range: { [time]: { gte: Math.floor(fromMs), lt: Math.floor(toMs), format: 'epoch_millis' } } },
          { query_string: { query: settings.query } },
        ],
      },
    },
    ...(after === null ? {} : { search_after: after }),
  };
}

function lineOf({ _source: source = {}, sort }: Hit, settings: ElasticsearchSettings): LogLine {
  const value = fieldOf(source, settings['message-field']);
  const text = typeof value === 'string' ? value : (jsonOf(value ?? source) ?? '…');
  return { atMs: Number(sort[0]), text: text.slice(0, MOST_CHARS) };
}

/** A field by its path, whether the document has it nested or with dots in its name. */
function fieldOf(source: Readonly<Record<string, unknown>>, field: string): unknown {
  if (Object.hasOwn(source, field)) return source[field];
  let value: unknown = source;
  for (const part of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Discover of Kibana with the query and the time, in its own notation. */
function discoverLink(
  { kibana, query }: ElasticsearchSettings,
  { fromMs, toMs }: Pick<LogRange, 'fromMs' | 'toMs'>,
): string | undefined {
  if (kibana === undefined) return undefined;
  const text = (value: string) => `'${value.replace(/[!']/g, '!$&')}'`;
  const iso = (ms: number) => text(new Date(ms).toISOString());
  const view = kibana['data-view'] === undefined ? '' : `index:${text(kibana['data-view'])},`;
  const global = encodeURIComponent(`(time:(from:${iso(fromMs)},to:${iso(toMs)}))`);
  const app = encodeURIComponent(`(${view}query:(language:lucene,query:${text(query)}))`);
  return `${withoutTrailing(kibana.url, '/')}/app/discover#/?_g=${global}&_a=${app}`;
}
