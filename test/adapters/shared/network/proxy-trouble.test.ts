import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askOnce } from '../../../../src/adapters/shared/http.ts';
import { WebDispatcher } from '../../../../src/adapters/shared/network/dispatcher.ts';
import { webFetch } from '../../../../src/adapters/shared/network/fetch.ts';
import { SocketConnection } from '../../../../src/handlers/support/socket-mode/connection.ts';
import { FakeWebProxy, type ProxyFault } from '../../../fakes/network/web-proxy.ts';

const PASSWORD = 'a-long-password-1';
const TIMING = { helloMs: 500, pingMs: 5_000, closeMs: 100 };

let proxy: FakeWebProxy;
let shop: Server;

beforeEach(async () => {
  proxy = await new FakeWebProxy(`ada:${PASSWORD}`).start();
  shop = createServer((request, response) => {
    response.setHeader(
      'x-seen',
      JSON.stringify([request.url, request.headers.host, Object.keys(request.headers)]),
    );
    request.pipe(response);
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  proxy.knows('shop.test', (shop.address() as AddressInfo).port);
  vi.stubEnv('ALL_PROXY', `http://ada:${PASSWORD}@${proxy.name}`);
  for (const name of [
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'no_proxy',
    'NO_PROXY',
  ])
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  await new Promise((resolve) => shop.close(resolve));
});

const message = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: Error) => error.message,
  );
const words = async (url: string) => {
  const answer = await askOnce({ url, timeoutMs: 500 });
  return answer.kind === 'reply' ? `status ${answer.status}` : answer.words;
};
const ways = {
  'a library over https': () => message(webFetch('https://shop.test/', { signal: AbortSignal.timeout(500) })),
  'a library over http': () => message(webFetch('http://shop.test/', { signal: AbortSignal.timeout(500) })),
  'a question over https': () => words('https://shop.test/'),
  'a question over http': () => words('http://shop.test/'),
  'a socket to Slack': () =>
    message(
      SocketConnection.open(
        'wss://shop.test/link',
        () => undefined,
        (settings) => new WebDispatcher(settings),
        TIMING,
      ),
    ),
} satisfies Readonly<Record<string, () => Promise<string>>>;

describe.each(Object.entries(ways))('%s', (name, ask) => {
  const isInTheClear = name.endsWith(' http');

  test.each<readonly [ProxyFault, RegExp]>([
    [407, /the proxy \S+ does not take the user and password of ALL_PROXY \(407\)/],
    [502, isInTheClear ? /^(answered|status 502)$/ : /the proxy \S+ cannot reach shop\.test:443 \(502\)/],
    [
      403,
      isInTheClear
        ? /^(answered|status 403)$/
        : /the proxy \S+ does not allow connections to shop\.test:443 \(403\)/,
    ],
    ['closes', /the proxy \S+ cannot be used: the connection was closed before the answer was complete/],
    ['garbage', /the proxy \S+ cannot be used: the answer was not HTTP/],
    ['hung', isInTheClear ? /^no answer .*through the proxy \S+/ : /proxy 127\.0\.0\.1:\d+/],
  ])('behind a proxy with the fault %s names the proxy', async (fault, expected) => {
    proxy.fault = fault;
    const began = Date.now();
    const said = await ask();
    expect(said).toMatch(expected);
    if (!said.startsWith('status') && said !== 'answered') expect(said).toContain(proxy.name);
    expect(said).not.toContain(PASSWORD);
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(proxy.connections).toBeLessThanOrEqual(3);
  });

  test('says that nobody listens where the proxy should be', async () => {
    await proxy.close();
    expect(await ask()).toMatch(/the proxy 127\.0\.0\.1:\d+ cannot be used: connection refused/);
    proxy = await new FakeWebProxy().start();
  });

  test('says that the proxy has no such name', async () => {
    vi.stubEnv('ALL_PROXY', 'http://proxy.invalid:3128');
    expect(await ask()).toMatch(/proxy\.invalid:3128 cannot be used: (no such host|the name could not be)/);
  });

  test('says that the proxy asks for a password', async () => {
    vi.stubEnv('ALL_PROXY', `http://${proxy.name}`);
    expect(await ask()).toContain('asks for a user and a password (407), and ALL_PROXY has none');
  });
});

test('a request in the clear is made by the proxy, with the whole address and without its password', async () => {
  const answer = await askOnce({
    url: 'http://shop.test/health?deep=1',
    method: 'POST',
    body: 'hello',
    timeoutMs: 2_000,
  });
  expect(answer).toMatchObject({ kind: 'reply', status: 200, body: 'hello' });
  const [path, host, names] = JSON.parse(
    (answer.kind === 'reply' && answer.headers['x-seen']) || '[]',
  ) as string[];
  expect([path, host]).toEqual(['/health?deep=1', 'shop.test']);
  expect(names).not.toContain('proxy-authorization');
  const fetched = await webFetch('http://shop.test/api', { method: 'POST', body: 'again' });
  expect(await fetched.text()).toBe('again');
  expect(proxy.seen).toEqual(['POST http://shop.test/health?deep=1', 'POST http://shop.test/api']);
});

test('what NO_PROXY names and this machine are asked directly', async () => {
  const { port } = shop.address() as AddressInfo;
  expect((await webFetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  expect(await words(`http://127.0.0.1:${port}/`)).toBe('status 200');
  vi.stubEnv('NO_PROXY', 'shop.invalid');
  expect(await words('http://shop.invalid/')).not.toContain('proxy');
  expect(proxy.connections).toBe(0);
});

test('a form of Node arrives as a form', async () => {
  const form = new FormData();
  form.append('file', new Blob(['a picture']), 'chart.png');
  form.append('title', 'Chart');
  const response = await webFetch('http://shop.test/upload', {
    method: 'POST',
    body: form,
    headers: { 'X-One': '1' },
  });
  const text = await response.text();
  expect(text).toMatch(/name="file"; filename="chart.png"[\s\S]*a picture[\s\S]*name="title"\r\n\r\nChart/);
  expect(response.headers.get('x-seen')).toContain('content-length');
});
