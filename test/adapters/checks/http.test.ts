import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { checks } from '../../support/all-adapters.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown> = {}, env: Record<string, string> = {}) =>
  checks.open(
    checks.settings.parse({ use: 'http', url: `${server.url}/health`, ...settings }),
    adapterContext({ env }),
  );
const attempt = (settings?: Record<string, unknown>, env?: Record<string, string>) =>
  open(settings, env).attempt(EXPECTED, AbortSignal.timeout(10_000));
const answering = (status: number, body = '', headers: Record<string, string> = {}) => {
  server.answer = (_, response) => response.writeHead(status, headers).end(body);
};

checkContract({
  name: 'http',
  well: async () => open(),
  unwell: async () => {
    answering(503);
    return open();
  },
  gone: async () => {
    await server.close();
    return open();
  },
});

describe('the http check', () => {
  test('reports status and latency', async () => {
    const seen = await attempt();
    expect(seen).toMatchObject({ ok: true, detail: expect.stringMatching(/^200 in \d+ ms$/) });
    expect(seen.latencyMs).toBeGreaterThanOrEqual(0);
    expect(open()).toMatchObject({ name: '/health', kind: 'http', critical: true });
    expect(open({ name: 'front door', critical: false })).toMatchObject({
      name: 'front door',
      critical: false,
    });
  });

  test.each([
    ['another status', 503, {}, 'answered 503, expected 200'],
    ['a redirect', 302, {}, 'answered 302, expected 200'],
    ['one of several', 500, { status: [200, '3xx'] }, 'answered 500, expected 200 or 3xx'],
  ])('refuses %s', async (_, status, settings, detail) => {
    answering(status);
    expect(await attempt(settings)).toMatchObject({ ok: false, detail });
  });

  test('accepts a class of statuses', async () => {
    answering(204);
    expect(await attempt({ status: '2xx' })).toMatchObject({ ok: true });
  });

  test('looks into JSON', async () => {
    answering(200, JSON.stringify({ status: 'degraded', checks: { db: { ok: true } }, nodes: [{ up: 3 }] }));
    expect(await attempt({ json: { path: 'checks.db.ok', equals: true } })).toMatchObject({ ok: true });
    expect(await attempt({ json: { path: 'nodes[0].up', equals: 3 } })).toMatchObject({ ok: true });
    expect(await attempt({ json: { path: 'status', equals: 'ok' } })).toMatchObject({
      ok: false,
      detail: 'status is "degraded", expected "ok"',
    });
    expect(await attempt({ json: [{ path: 'status' }, { path: 'nodes[1].up' }] })).toMatchObject({
      detail: 'nodes[1].up is missing',
    });
    expect(await attempt({ json: { path: 'constructor.name' } })).toMatchObject({ ok: false });
    expect(await attempt({ json: { path: 'status', matches: '^(ok|degraded)$' } })).toMatchObject({
      ok: true,
    });
    answering(200, '<html>');
    expect(await attempt({ json: { path: 'status' } })).toMatchObject({ detail: 'the body is not JSON' });
  });

  test('looks at headers and text', async () => {
    answering(200, 'all is well', { 'x-region': 'eu' });
    expect(await attempt({ header: { name: 'X-Region', equals: 'eu' }, text: 'well' })).toMatchObject({
      ok: true,
    });
    expect(await attempt({ header: { name: 'X-Region', equals: 'us' } })).toMatchObject({
      detail: 'header X-Region is "eu", expected "us"',
    });
    expect(await attempt({ header: { name: 'x-none' } })).toMatchObject({
      detail: 'header x-none is missing',
    });
    expect(await attempt({ text: 'bad' })).toMatchObject({ detail: 'the body does not contain "bad"' });
  });

  test('holds to a latency limit', async () => {
    server.answer = (_, response) => setTimeout(() => response.end('ok'), 80);
    expect(await attempt({ within: '20ms' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^took \d+ ms, expected at most 20 ms$/),
    });
  });

  test('waits no longer than its timeout, also for a body that never ends', async () => {
    server.answer = (_, response) => response.writeHead(200).write('…');
    expect(await attempt({ timeout: '100ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 100 ms',
    });
    server.answer = () => {};
    expect(await attempt({ timeout: '100ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 100 ms',
    });
  });

  test('says in words why nothing answered', async () => {
    server.answer = (request) => request.socket.destroy();
    expect((await attempt()).detail).toBe('the connection was closed before the answer was complete');
    server.answer = (request) => request.socket.end('hello\r\n\r\n');
    expect((await attempt()).detail).toBe('the answer was not HTTP');
    const plain = server.url.replace('http:', 'https:');
    expect((await attempt({ url: plain })).detail).toMatch(/TLS/);
    await server.close();
    expect((await attempt()).detail).toBe('connection refused');
  });

  test('reads only the first MiB', async () => {
    const chunk = Buffer.alloc(256 * 1024, 'a');
    server.answer = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more).writeHead(200);
      more();
    };
    expect(await attempt({ text: 'aaa' })).toMatchObject({ ok: true });
    expect(await attempt({ json: { path: 'a' } })).toMatchObject({ detail: 'the body is longer than 1 MiB' });
  });

  test('sends method, body and headers, with secrets from the environment', async () => {
    const headers = { 'x-plain': 'yes', authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' } };
    const seen = await attempt({ method: 'POST', body: '{}', headers }, { SHOP_TOKEN: 's3cret' });
    expect(seen.ok).toBe(true);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'x-plain': 'yes', authorization: 'Bearer s3cret', 'content-length': '2' },
    });
    answering(401);
    const refused = await attempt({ headers }, { SHOP_TOKEN: 's3cret' });
    expect(JSON.stringify(refused)).not.toContain('s3cret');
    expect(() => open({ headers })).toThrow('secret-missing');
  });

  test('shows foreign text short and on one line', async () => {
    answering(200, JSON.stringify({ status: `bad\n\u202e${'x'.repeat(500)}` }));
    const { detail } = await attempt({ json: { path: 'status', equals: 'ok' } });
    expect(detail.length).toBeLessThan(140);
    expect(detail).not.toMatch(/[\n\u202e]/);
  });

  test.each([
    [{ url: 'ftp://shop.example' }],
    [{ url: 'https://user:secret@shop.example' }],
    [{ headers: { authorization: 'Bearer s3cret' } }],
    [{ headers: { 'x-a': 'b\r\nc: d' } }],
    [{ text: { matches: '(' } }],
    [{ json: { path: 'a..b' } }],
    [{ status: '9xx' }],
    [{ unknown: 1 }],
  ])('refuses the settings %j', (settings) => {
    expect(checks.settings.safeParse({ use: 'http', url: server.url, ...settings }).success).toBe(false);
  });
});
