import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonBody, meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { logs } from '../../support/all-adapters.ts';

const FROM = Date.parse('2030-01-07T10:00:00Z');
const RANGE = { fromMs: FROM, toMs: FROM + 60_000, most: 2_000 };
const QUERY = 'log.level:error';

interface Doc {
  readonly at: number;
  readonly source: Readonly<Record<string, unknown>>;
}
interface Search {
  readonly size: number;
  readonly sort: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly search_after?: readonly number[];
  readonly query: { readonly bool: { readonly filter: readonly Record<string, Record<string, unknown>>[] } };
}

let server: TestServer;
let docs: Doc[];
let searches: Search[];
let partly: Readonly<Record<string, unknown>>;
/** The time field is of this type. */
let timeType: 'date' | 'date_nanos';
/** One of the indices has no documents yet, and no mapping of the time field. */
let hasEmptyIndex: boolean;

/** Options of a sort by a field that Elasticsearch from 7.2 on and OpenSearch know; their parsers refuse any other. */
const SORT_OPTIONS = ['order', 'mode', 'missing', 'unmapped_type', 'numeric_type', 'nested'];

beforeEach(async () => {
  docs = [];
  searches = [];
  partly = {};
  timeType = 'date';
  hasEmptyIndex = false;
  server = await startHttpServer();
  server.answer = async (request, response) => {
    const refused = (status: number, reason: string) =>
      sendJson(
        response,
        { error: { root_cause: [{ type: 'x', reason }], reason: 'all shards failed' }, status },
        status,
      );
    const { authorization = '' } = request.headers;
    if (authorization !== 'ApiKey es-secret-1' && authorization !== `Basic ${btoa('bot:es-secret-2')}`) {
      return refused(401, 'missing authentication credentials');
    }
    const url = new URL(request.url ?? '', server.url);
    if (request.method !== 'POST' || !url.pathname.endsWith('/_search')) return refused(405, 'wrong method');
    const index = decodeURIComponent(url.pathname.split('/')[1] ?? '');
    if (index === 'gone') return refused(404, 'no such index [gone]');
    const body = (await jsonBody(request)) as Search;
    searches.push(body);
    const [range, words] = body.query.bool.filter;
    const { gte, lt, format } = (range?.['range']?.['@timestamp'] ?? {}) as Record<
      'gte' | 'lt' | 'format',
      never
    >;
    const query = words?.['query_string']?.['query'];
    if (format !== 'epoch_millis' || body.size > 10_000) return refused(400, 'failed to parse date field');
    if (typeof query !== 'string' || query.endsWith('('))
      return refused(400, `Failed to parse query [${query}]`);
    const unknown = body.sort.flatMap((one) => Object.values(one)).flatMap((options) => Object.keys(options));
    const stranger = unknown.find((option) => !SORT_OPTIONS.includes(option));
    if (stranger !== undefined) {
      return refused(400, `[1:45] [field_sort] unknown field [${stranger}]`);
    }
    const byTime = body.sort[0]?.['@timestamp'] ?? {};
    if (hasEmptyIndex && byTime['unmapped_type'] === undefined) {
      return refused(400, 'No mapping found for [@timestamp] in order to sort on');
    }
    const inNanoseconds = timeType === 'date_nanos' && byTime['numeric_type'] !== 'date';
    const all = docs
      .map((doc, nth) => ({ ...doc, nth }))
      .filter(({ at }) => at >= gte && at < lt)
      .sort((a, b) => b.at - a.at || b.nth - a.nth);
    const [at = Number.POSITIVE_INFINITY, nth = Number.POSITIVE_INFINITY] = body.search_after ?? [];
    const rest = all.filter((one) => one.at < at || (one.at === at && one.nth < nth));
    const hits = rest.slice(0, body.size).map((one) => ({
      _index: index,
      _id: String(one.nth),
      _score: null,
      _source: one.source,
      sort: [inNanoseconds ? one.at * 1_000_000 : one.at, one.nth],
    }));
    const shards = index === 'none-*' ? 0 : 2;
    sendJson(response, {
      took: 1,
      timed_out: false,
      _shards: { total: shards, successful: shards, skipped: 0, failed: 0 },
      hits: { max_score: null, hits },
      ...partly,
    });
  };
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown> = {}, url = server.url) =>
  logs.open(
    logs.settings.parse({
      use: 'elasticsearch',
      url,
      index: 'logs-shop-*',
      query: QUERY,
      'api-key': { env: 'ES' },
      timeout: '10s',
      ...settings,
    }),
    adapterContext({ env: { ES: 'es-secret-1', PW: 'es-secret-2' }, now: () => FROM + 60_000 }),
  );

meetsFaults({
  name: 'elasticsearch',
  ask: (url, settings, signal) => open(settings, url).read(RANGE, signal),
  secrets: ['es-secret-1'],
});

describe('elasticsearch', () => {
  test('has no more to say of a document with more levels than JSON is written with', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const hits = `[{"_index":"a","_id":"1","sort":[${FROM},1],"_source":{"message":${deep}}}]`;
    server.answer = async (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(`{"timed_out":false,"_shards":{"total":1,"failed":0},"hits":{"hits":${hits}}}`);
    };
    expect(await open().read(RANGE)).toMatchObject({ lines: [{ atMs: FROM, text: '…' }] });
  });

  test('gives the messages of a time, oldest first, nested fields too', async () => {
    docs = [
      { at: FROM + 2, source: { message: 'second' } },
      { at: FROM + 1, source: { message: 'first' } },
      { at: FROM - 1, source: { message: 'before' } },
      { at: FROM + 3, source: { other: 1 } },
    ];
    expect(await open().read(RANGE)).toEqual({
      lines: [
        { atMs: FROM + 1, text: 'first' },
        { atMs: FROM + 2, text: 'second' },
        { atMs: FROM + 3, text: '{"other":1}' },
      ],
      cut: false,
    });
    docs = [
      { at: FROM, source: { error: { text: 'nested' } } },
      { at: FROM + 1, source: { 'error.text': 'dotted' } },
    ];
    const { lines } = await open({ 'message-field': 'error.text' }).read(RANGE);
    expect(lines.map(({ text }) => text)).toEqual(['nested', 'dotted']);
  });

  test('asks as OpenSearch and old versions understand it, of times in nanoseconds and empty indices too', async () => {
    docs = [{ at: FROM + 1, source: { message: 'one' } }];
    timeType = 'date_nanos';
    hasEmptyIndex = true;
    expect(await open().read(RANGE)).toEqual({ lines: [{ atMs: FROM + 1, text: 'one' }], cut: false });
  });

  test('reads on behind the last hit, also where many have one time, and no more than asked for', async () => {
    docs = Array.from({ length: 1_234 }, (_, nth) => ({
      at: FROM + (nth % 3),
      source: { message: `m${nth}` },
    }));
    const { lines, cut } = await open().read(RANGE);
    expect(new Set(lines.map(({ text }) => text)).size).toBe(1_234);
    expect(cut).toBe(false);
    expect(searches.map(({ size, search_after }) => [size, search_after !== undefined])).toEqual([
      [500, false],
      [500, true],
      [500, true],
    ]);
    const some = await open().read({ ...RANGE, most: 700 });
    expect(some).toMatchObject({ cut: true });
    expect(some.lines).toHaveLength(700);
  });

  test('asks for less where the messages are too long for one answer, and says that it is not all', async () => {
    const long = 'x'.repeat(100_000);
    docs = Array.from({ length: 200 }, (_, nth) => ({
      at: FROM + nth,
      source: { message: `${nth} ${long}` },
    }));
    const { lines, cut } = await open().read({ ...RANGE, most: 300 });
    expect(cut).toBe(true);
    const newest = docs.map((_, nth) => nth).slice(-75);
    expect(lines.map(({ text }) => Number.parseInt(text, 10))).toEqual(newest);
    expect(searches.map(({ size }) => size)).toEqual([300, 150, 75]);
  });

  test('clusters that were left out are no answer', async () => {
    partly = { _clusters: { total: 2, successful: 2, skipped: 0 } };
    expect(await open().read(RANGE)).toEqual({ lines: [], cut: false });
    for (const left of ['skipped', 'partial', 'failed']) {
      partly = {
        _clusters: { total: 2, successful: 1, skipped: 0, running: 0, partial: 0, failed: 0, [left]: 1 },
        _shards: { total: 0, successful: 0, failed: 0 },
      };
      await expect(open().read(RANGE), left).rejects.toMatchObject({
        reason: 'only a part of its clusters answered',
      });
    }
  });

  test('half of the shards are no answer, and no index is no good news', async () => {
    partly = { timed_out: true };
    await expect(open().read(RANGE)).rejects.toMatchObject({ reason: 'only a part of its shards answered' });
    partly = { _shards: { total: 2, successful: 1, failed: 1 } };
    await expect(open().read(RANGE)).rejects.toMatchObject({ reason: 'only a part of its shards answered' });
    partly = {};
    await expect(open({ index: 'none-*' }).preflight()).rejects.toMatchObject({ code: 'source-blind' });
    await expect(open({ index: 'gone' }).read(RANGE)).rejects.toMatchObject({
      code: 'source-refused',
      facts: { reason: 'no such index [gone] (404)' },
    });
    await expect(open({ query: 'a:(' }).read(RANGE)).rejects.toMatchObject({
      facts: { reason: 'Failed to parse query [a:(] (400)' },
    });
  });

  test('signs in with user and password too', async () => {
    const basic = { 'api-key': undefined, basic: { user: 'bot', password: { env: 'PW' } } };
    expect(await open(basic).preflight()).toBe('Elasticsearch answers: 0 lines in the last five minutes.');
    const inTheClear = logs.settings.safeParse({
      use: 'elasticsearch',
      url: 'http://es.example',
      index: 'a',
      query: 'b',
      'api-key': { env: 'ES' },
    });
    expect(inTheClear.success).toBe(false);
  });

  test('leads to Discover, in its own notation', () => {
    const link = open({
      query: "it's!",
      kibana: { url: 'https://kibana.example', 'data-view': 'shop' },
    }).link?.(RANGE);
    const [, hash = ''] = (link ?? '').split('/app/discover#/');
    const query = new URLSearchParams(hash);
    expect(query.get('_g')).toBe("(time:(from:'2030-01-07T10:00:00.000Z',to:'2030-01-07T10:01:00.000Z'))");
    expect(query.get('_a')).toBe("(index:'shop',query:(language:lucene,query:'it!'s!!'))");
  });
});
