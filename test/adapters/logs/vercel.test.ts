import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogSource } from '../../../src/adapters/logs/port.ts';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { logs } from '../../support/all-adapters.ts';

const HOUR = 3_600_000;

interface Row {
  readonly rowId: string;
  readonly level?: string;
  readonly message: string;
  readonly source?: string;
  readonly timestampInMs?: number;
}

let server: TestServer;
/** What the domain points at. */
let live: string;
/** Streams that are open, by deployment. */
let streams: Map<string, ServerResponse>;
/** Rows that a stream begins with. */
let first: readonly Row[];
let opened: LogSource[];
beforeEach(async () => {
  live = 'dpl_old';
  streams = new Map();
  first = [];
  opened = [];
  server = await startHttpServer();
  server.answer = answer;
});
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close?.()));
  await server.close();
});

const full = ({ level = 'error', source = 'serverless', timestampInMs = Date.now(), ...row }: Row) => ({
  level,
  source,
  timestampInMs,
  domain: 'shop.example.com',
  messageTruncated: false,
  requestMethod: 'GET',
  requestPath: '/',
  responseStatusCode: 500,
  ...row,
});
const write = (deployment: string, ...rows: readonly Row[]) =>
  streams.get(deployment)?.write(rows.map((row) => `${JSON.stringify(full(row))}\n`).join(''));

/** The two calls, by https://vercel.com/docs/rest-api: get-an-alias, get-logs-for-a-deployment. */
function answer(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '', server.url);
  const refuse = (status: number, code: string, message: string) =>
    sendJson(response, { error: { code, message } }, status);
  if (request.headers.authorization !== 'Bearer vercel-secret-1')
    return refuse(403, 'forbidden', 'Not authorized');
  if ([...url.searchParams.keys()].some((name) => name !== 'teamId'))
    return refuse(400, 'bad_request', 'strict');
  if (url.searchParams.get('teamId') !== 'team_a1') return refuse(404, 'not_found', 'The team was not found');
  if (url.pathname === '/v4/aliases/shop.example.com') {
    return sendJson(response, {
      alias: 'shop.example.com',
      created: '2030-01-07T10:00:00.000Z',
      deploymentId: live,
      projectId: 'prj_shop',
      uid: 'als_1',
    });
  }
  const deployment = /^\/v1\/projects\/prj_shop\/deployments\/(dpl_\w+)\/runtime-logs$/.exec(
    url.pathname,
  )?.[1];
  if (deployment === undefined) return refuse(404, 'not_found', 'The alias was not found');
  response.writeHead(200, { 'content-type': 'application/stream+json' }).flushHeaders();
  streams.set(deployment, response);
  response.on('close', () => {
    if (streams.get(deployment) === response) streams.delete(deployment);
  });
  if (first.length > 0) write(deployment, ...first);
}

const open = (settings: Record<string, unknown> = {}, url = server.url): LogSource => {
  const source = logs.open(
    logs.settings.parse({
      use: 'vercel',
      domain: 'shop.example.com',
      token: { env: 'VERCEL' },
      team: 'team_a1',
      api: url,
      ...settings,
    }),
    adapterContext({ env: { VERCEL: 'vercel-secret-1' }, now: () => Date.now() }),
  );
  opened.push(source);
  return source;
};
const range = (most = 100) => ({ fromMs: Date.now() - HOUR, toMs: Date.now() + HOUR, most });
const textsOf = async (source: LogSource) => (await source.read(range())).lines.map(({ text }) => text);

meetsFaults({
  name: 'vercel',
  ask: (url, settings, signal) => open(settings, url).read(range(), signal),
  secrets: ['vercel-secret-1'],
});

describe('vercel', () => {
  test('listens to what serves production, and only to its errors', async () => {
    const source = open();
    const before = Date.now();
    expect((await source.read(range())).lines).toEqual([]);
    write(
      'dpl_old',
      { rowId: '1', message: 'no stock' },
      { rowId: '2', level: 'info', message: 'hello' },
      { rowId: '3', level: 'fatal', message: 'out of memory' },
      { rowId: '4', message: '', source: 'request' },
    );
    await vi.waitFor(async () => expect(await textsOf(source)).toEqual(['no stock', 'out of memory']));
    const { sinceMs, cut } = await source.read(range());
    expect(sinceMs).toBeGreaterThanOrEqual(before);
    expect(cut, 'that nothing is known of before is said by its time').toBe(false);
    expect(await source.read(range(1))).toMatchObject({ lines: [{ text: 'out of memory' }], cut: true });
    expect(await source.read({ ...range(), fromMs: Date.now() + 1 })).toMatchObject({ lines: [] });
  });

  test('goes over to the deployment that serves production next, and keeps what it heard', async () => {
    const source = open();
    await source.read(range());
    write('dpl_old', { rowId: '1', message: 'old' });
    await vi.waitFor(async () => expect(await textsOf(source)).toEqual(['old']));
    live = 'dpl_new';
    await source.read(range());
    expect([...streams.keys()]).toContain('dpl_new');
    write('dpl_new', { rowId: '2', message: 'new' });
    await vi.waitFor(async () => expect(await textsOf(source)).toEqual(['old', 'new']));
    await vi.waitFor(() => expect([...streams.keys()]).toEqual(['dpl_new']));
  });

  test('a stream that ends, by itself or by its limit, is opened again; a row that comes twice counts once', async () => {
    const source = open();
    first = [{ rowId: '1', message: 'told at once', timestampInMs: Date.now() }];
    await source.read(range());
    const [old] = [...streams.values()];
    write('dpl_old', {
      rowId: '',
      source: 'delimiter',
      message: 'Exceeded query duration limit of 5 minutes',
    });
    await vi.waitFor(async () => {
      await source.read(range());
      expect([...streams.values()][0]).not.toBe(old);
      expect(streams.size).toBe(1);
    });
    await vi.waitFor(async () => expect(await textsOf(source)).toEqual(['told at once']));
  });

  test('what cannot be read of it is no quiet log', async () => {
    const source = open();
    await source.read(range());
    streams.get('dpl_old')?.write('<html>not found</html>\n');
    await vi.waitFor(() => expect(streams.size).toBe(0));
    server.answer = (request, response) =>
      request.url?.includes('runtime-logs')
        ? sendJson(response, { error: { message: 'Rate limited' } }, 429)
        : answer(request, response);
    await expect(source.read(range())).rejects.toMatchObject({ reason: 'it answered 429' });
    server.answer = answer;
    expect((await source.read(range())).sinceMs, 'from now on again').toBeGreaterThan(Date.now() - 5_000);
  });

  test('goes on where it only cannot be seen for a moment what serves production', async () => {
    const source = open();
    const { sinceMs } = await source.read(range());
    server.answer = (request, response) =>
      request.url?.includes('/aliases/') ? void response.writeHead(503).end() : answer(request, response);
    write('dpl_old', { rowId: '1', message: 'meanwhile' });
    await vi.waitFor(async () => expect(await textsOf(source)).toEqual(['meanwhile']));
    expect((await source.read(range())).sinceMs).toBe(sinceMs);
    streams.get('dpl_old')?.destroy();
    await vi.waitFor(() => expect(streams.size).toBe(0));
    await vi.waitFor(() =>
      expect(source.read(range())).rejects.toMatchObject({ reason: expect.stringMatching(/503|closed/) }),
    );
  });

  test('is asked for the time before it listened: that is not called quiet', async () => {
    const source = open();
    await expect(
      source.read({ fromMs: Date.now() - 2 * HOUR, toMs: Date.now() - HOUR, most: 5 }),
    ).rejects.toThrow('nothing of before');
  });

  test('is let go of when it is closed', async () => {
    const source = open();
    await source.read(range());
    expect(streams.size).toBe(1);
    await source.close?.();
    await vi.waitFor(() => expect(streams.size).toBe(0));
  });

  test('says in the doctor what it listens to, and lets go of it', async () => {
    expect(await open().preflight()).toBe(
      'Vercel lets its logs be listened to: shop.example.com is dpl_old.',
    );
    await vi.waitFor(() => expect(streams.size).toBe(0));
    await expect(open({ domain: 'shpo.example.com' }).preflight()).rejects.toMatchObject({
      code: 'source-refused',
      facts: { reason: 'The alias was not found (404)' },
    });
  });
});
