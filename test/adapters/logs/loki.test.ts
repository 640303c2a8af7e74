import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { logs } from '../../support/all-adapters.ts';

const FROM = Date.parse('2030-01-07T10:00:00Z');
const RANGE = { fromMs: FROM, toMs: FROM + 60_000, most: 100 };
const QUERY = '{app="shop"} |= "error"';

let server: TestServer;
let streams: {
  readonly labels: Record<string, string>;
  readonly lines: readonly (readonly [number, string])[];
}[];
let limit: number;
let wrongly: unknown;
beforeEach(async () => {
  streams = [];
  limit = 5_000;
  wrongly = null;
  server = await startHttpServer();
  server.answer = (request, response) => {
    const url = new URL(request.url ?? '', server.url);
    if (url.pathname !== '/loki/api/v1/query_range') {
      response.writeHead(404).end('404 page not found');
      return;
    }
    if (request.headers['x-scope-orgid'] === undefined) {
      response.writeHead(401).end('no org id\n');
      return;
    }
    const { searchParams: query } = url;
    const text = (words: string) => void response.writeHead(400).end(words);
    if (!/^\{.+\}/.test(query.get('query') ?? '')) return text('parse error at line 1, col 1: syntax error');
    const [start, end] = [query.get('start') ?? '', query.get('end') ?? ''];
    if (!/^\d{19}$/.test(start) || !/^\d{19}$/.test(end)) return text('strict: nanoseconds');
    const wanted = Number(query.get('limit') ?? 100);
    if (wanted > limit) {
      return text(
        `max entries limit per query exceeded, limit > max_entries_limit_per_query (${wanted} > ${limit})`,
      );
    }
    if (query.get('direction') !== 'backward') return text('strict: newest first');
    if (wrongly !== null) return sendJson(response, wrongly);
    const [from, to] = [BigInt(start), BigInt(end)];
    const entries = streams
      .flatMap(({ labels, lines }) =>
        lines.map(([at, line]) => ({ labels, at: BigInt(at) * 1_000_000n, line })),
      )
      .filter(({ at }) => at >= from && at < to)
      .sort((a, b) => Number(b.at - a.at))
      .slice(0, wanted);
    const result = entries.map(({ labels, at, line }) => ({
      stream: labels,
      values: [[String(at), line, {}]],
    }));
    sendJson(response, { status: 'success', data: { resultType: 'streams', result, stats: {} } });
  };
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown> = {}, url = server.url) =>
  logs.open(
    logs.settings.parse({
      use: 'loki',
      url,
      query: QUERY,
      tenant: 'team-a',
      bearer: { env: 'LOKI' },
      timeout: '10s',
      ...settings,
    }),
    adapterContext({ env: { LOKI: 'loki-secret-1' }, now: () => FROM + 60_000 }),
  );

meetsFaults({
  name: 'loki',
  ask: (url, settings, signal) => open(settings, url).read(RANGE, signal),
  secrets: ['loki-secret-1'],
});

describe('loki', () => {
  test('gives the lines of a time, oldest first, of all streams', async () => {
    streams = [
      {
        labels: { app: 'shop', pod: 'a' },
        lines: [
          [FROM - 1, 'before'],
          [FROM, 'first'],
          [FROM + 30_000, 'third'],
        ],
      },
      {
        labels: { app: 'shop', pod: 'b' },
        lines: [
          [FROM + 10_000, 'second'],
          [FROM + 60_000, 'after'],
        ],
      },
    ];
    expect(await open().read(RANGE)).toEqual({
      lines: [
        { atMs: FROM, text: 'first' },
        { atMs: FROM + 10_000, text: 'second' },
        { atMs: FROM + 30_000, text: 'third' },
      ],
      cut: false,
    });
    expect(server.requests[0]?.headers).toMatchObject({
      'x-scope-orgid': 'team-a',
      authorization: 'Bearer loki-secret-1',
    });
    expect(await open().preflight()).toBe(
      'Loki answers: 3 lines in the last five minutes.'.replace('3', '4'),
    );
  });

  test('gives the newest where there are more, and says so', async () => {
    streams = [
      { labels: {}, lines: Array.from({ length: 200 }, (_, nth) => [FROM + nth, `line ${nth}`] as const) },
    ];
    const read = await open().read({ ...RANGE, most: 50 });
    expect(read.cut).toBe(true);
    expect(read.lines).toHaveLength(50);
    expect(read.lines.at(-1)?.text).toBe('line 199');
  });

  test('asks for fewer lines where those of one answer are too long, and says that there are more', async () => {
    const long = 'x'.repeat(200_000);
    streams = [
      { labels: {}, lines: Array.from({ length: 100 }, (_, nth) => [FROM + nth, `${nth} ${long}`] as const) },
    ];
    const { lines, cut } = await open().read(RANGE);
    expect(cut).toBe(true);
    expect(lines).toHaveLength(25);
    expect(lines.at(-1)?.text).toMatch(/^99 /);
  });

  test('drops lines of another time, whatever the other side sends', async () => {
    const values = [
      ['9999999999999999999', 'far in the future'],
      [`${FROM}000000`, 'now'],
      [`${FROM}000000`, 'now'],
      ['5', 'long ago'],
    ];
    wrongly = { status: 'success', data: { resultType: 'streams', result: [{ stream: {}, values }] } };
    expect((await open().read(RANGE)).lines.map(({ text }) => text)).toEqual(['now', 'now']);
    wrongly = { status: 'success', data: { resultType: 'matrix', result: [] } };
    await expect(open().read(RANGE)).rejects.toMatchObject({ code: 'source-unclear' });
  });

  test('says what Loki says of a query or a limit', async () => {
    await expect(open({ query: 'shop' }).read(RANGE)).rejects.toMatchObject({
      code: 'source-refused',
      facts: { reason: 'parse error at line 1, col 1: syntax error (400)' },
    });
    limit = 10;
    await expect(open().read(RANGE)).rejects.toMatchObject({
      facts: { reason: expect.stringContaining('max entries limit per query exceeded') },
    });
    await expect(open({ tenant: undefined }).read(RANGE)).rejects.toMatchObject({
      code: 'source-unauthorised',
    });
  });

  test('leads to Explore', () => {
    const link =
      open({ grafana: { url: 'https://grafana.example/', datasource: 'abc' } }).link?.(RANGE) ?? '';
    expect(link).toMatch(/^https:\/\/grafana\.example\/explore\?schemaVersion=1&panes=/);
    const panes = JSON.parse(new URL(link).searchParams.get('panes') ?? '') as Record<string, never>;
    expect(panes['slipway']).toMatchObject({
      queries: [{ expr: QUERY }],
      range: { from: String(FROM), to: String(FROM + 60_000) },
    });
    expect(open().link?.(RANGE)).toBeUndefined();
  });
});
