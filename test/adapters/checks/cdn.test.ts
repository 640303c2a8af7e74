import dns from 'node:dns/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';

/** Edges on addresses of their own, all on one port, as those of a CDN are. */
const EDGES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
let servers: Server[] = [];
let port = 0;
let hosts: (string | undefined)[] = [];
let wishes: (string | undefined)[] = [];
let answers: ((response: ServerResponse, path: string) => void)[] = [];

beforeEach(async () => {
  hosts = [];
  wishes = [];
  answers = EDGES.map(() => (response) => response.setHeader('x-version', '1.3.0').end('app'));
  servers = [];
  port = 0;
  for (const [index, edge] of EDGES.entries()) {
    const server = createServer((request, response) => {
      hosts.push(request.headers.host);
      wishes.push(request.headers['cache-control']);
      answers[index]?.(response, request.url ?? '');
    });
    await new Promise<void>((resolve) => server.listen(port, edge, resolve));
    port = (server.address() as AddressInfo).port;
    servers.push(server);
  }
});
const stop = () =>
  Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
afterEach(stop);

const open = (settings: Record<string, unknown> = {}) =>
  checks.open(
    checks.settings.parse({
      use: 'cdn',
      url: `http://cdn.shop.test:${port}/app.js`,
      edges: EDGES,
      header: 'X-Version',
      ...settings,
    }),
    adapterContext(),
  );
const attempt = (settings?: Record<string, unknown>) =>
  open(settings).attempt(EXPECTED, AbortSignal.timeout(5_000));

checkContract({
  name: 'cdn',
  well: async () => open(),
  unwell: async () => {
    answers[1] = (response) => response.setHeader('x-version', '1.2.0').end();
    return open();
  },
  gone: async () => {
    await stop();
    return open();
  },
});

describe('the cdn check', () => {
  test('asks each edge for the same host', async () => {
    expect(await attempt()).toMatchObject({ ok: true, detail: '3 edges serve 1.3.0' });
    expect(hosts).toEqual(new Array(3).fill(`cdn.shop.test:${port}`));
    expect(open()).toMatchObject({ kind: 'cdn', provesRelease: true });
    // As visitors do, who take what is cached.
    expect(wishes).toEqual([undefined, undefined, undefined]);
    await attempt({ headers: { 'Cache-Control': 'no-cache' } });
    expect(wishes.slice(3)).toEqual(['no-cache', 'no-cache', 'no-cache']);
  });

  test('all must agree, and the one that does not is named', async () => {
    answers[2] = (response) => response.setHeader('x-version', '1.2.0').end();
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: 'edge 127.0.0.3: answered 1.2.0, expected 1.3.0 (1 of 3 edges)',
    });
    answers[0] = (response) => response.writeHead(502).end();
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: 'edge 127.0.0.1: answered 502, expected 2xx (2 of 3 edges)',
    });
  });

  test('what a promoted build serves is asked for by the commit that was built', async () => {
    const paths: string[] = [];
    answers = EDGES.map(() => (response, path) => {
      paths.push(path);
      response.end('app');
    });
    const url = `http://cdn.shop.test:${port}/app-{commit}.js`;
    const promoted = { ...EXPECTED, build: { commit: 'b'.repeat(40) } };
    const seen = await open({ url, header: undefined }).attempt(promoted, AbortSignal.timeout(5_000));
    expect(seen).toMatchObject({ ok: true });
    expect(new Set(paths)).toEqual(new Set([`/app-${promoted.build.commit}.js`]));
  });

  test('without a version, all must serve the same bytes of the new asset', async () => {
    const settings = { url: `http://cdn.shop.test:${port}/app-{version}-{commit}.js`, header: undefined };
    const paths: string[] = [];
    answers = EDGES.map(() => (response, path) => {
      paths.push(path);
      response.end('app');
    });
    expect(await attempt(settings)).toMatchObject({ ok: true, detail: '3 edges serve the same' });
    expect(new Set(paths)).toEqual(new Set([`/app-1.3.0-${EXPECTED.commit}.js`]));
    answers[1] = (response) => response.end('old app');
    expect(await attempt(settings)).toMatchObject({
      ok: false,
      detail: '3 edges serve 2 different answers, expected one',
    });
  });

  test('an edge that hangs is not waited for', async () => {
    answers[1] = () => undefined;
    expect(await attempt({ timeout: '150ms' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/no answer within 150 ms/),
    });
  });

  test('an edge that this machine cannot ask is unknown, and excuses no other', async () => {
    // No connection goes to many at once: the system has no route for one.
    const edges = ['127.0.0.1', '224.0.0.1'];
    expect(await attempt({ edges })).toMatchObject({
      ok: false,
      unasked: true,
      detail: 'edge 224.0.0.1 could not be asked: the network cannot be reached (1 of 2 edges)',
    });
    expect(await attempt({ edges: ['224.0.0.1'], header: undefined })).toMatchObject({ unasked: true });
    answers[0] = (response) => response.setHeader('x-version', '1.2.0').end();
    const seen = await attempt({ edges });
    expect(seen).toMatchObject({ ok: false, detail: 'edge 127.0.0.1: answered 1.2.0, expected 1.3.0' });
    expect(seen).not.toHaveProperty('unasked');
  });

  test('a family of addresses that this machine has no route to is left out, and no single one', async () => {
    const [gone, there, other] = ['224.0.0.1', '127.0.0.1', 'ff0e::1'];
    const lookup = vi.spyOn(dns, 'lookup');
    syncBuiltinESMExports();
    const named = (...edges: readonly string[]) => {
      lookup.mockResolvedValueOnce(edges.map((address) => ({ address, family: 4 })) as never);
      return attempt({ edges: undefined });
    };
    const unknown = { ok: false, unasked: true };
    try {
      expect(await named(other, there)).toMatchObject({
        ok: true,
        detail: '1 edge serves 1.3.0 (1 of 2 not asked)',
      });
      expect(await named(gone, there)).toMatchObject(unknown);
      expect(await named(gone, other, there)).toMatchObject(unknown);
      expect(await named(other)).toMatchObject(unknown);
    } finally {
      lookup.mockRestore();
      syncBuiltinESMExports();
    }
  });

  test('edges are those of the name where none are given', async () => {
    const local = { edges: undefined, url: `http://localhost:${port}/app.js` };
    expect(await attempt({ ...local, timeout: '2s' })).toMatchObject({
      detail: expect.stringMatching(/edge/),
    });
    expect(await attempt({ ...local, url: 'http://no.such.host.invalid/' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(
        /^(no such host|the name could not be looked up just now): no\.such\.host\.invalid$/,
      ),
    });
  });

  test.each([[{ edges: ['cdn.shop.test'] }], [{ edges: [] }], [{ header: 'x', text: true }]])(
    'refuses the settings %j',
    (settings) => {
      const all = { use: 'cdn', url: 'https://cdn.shop.test', ...settings };
      expect(checks.settings.safeParse(all).success).toBe(false);
    },
  );
});
