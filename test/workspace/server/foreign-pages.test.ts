import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { call, workspace } from './setup.ts';

/** What a browser sends from a page that is not ours. `null`: a sandbox, a file, or a redirect on the way. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: '' },
  { origin: 'not an origin' },
  { origin: 'https://127.0.0.1:PORT' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'http://localhost:PORT' },
  { origin: 'http://127.0.0.1.evil.example:PORT' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
];
const HOSTS = [
  'evil.example:PORT',
  'evil.example',
  '127.0.0.1.evil.example:PORT',
  'localhost.evil.example',
  '0.0.0.0:PORT',
];

/** `fetch` would put its own `Host` and may leave out `Origin`. */
function send(url: string, headers: Readonly<Record<string, string>>, method = 'POST'): Promise<number> {
  const port = new URL(url).port;
  const filled = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port)]),
  );
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: filled }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? JSON.stringify({ ms: 60_000 }) : undefined);
  });
}

/** `open`, or what the server refused it with. */
function opened(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const port = new URL(url).port;
  const { origin, host, ...others } = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port)]),
  );
  const socket = new WebSocket(url, {
    headers: {
      ...others,
      ...(origin === undefined ? {} : { origin }),
      ...(host === undefined ? {} : { host }),
    },
  });
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('error', (error) => resolve(error.message));
  });
}

const ATTACKS = [...FOREIGN, ...HOSTS.map((host) => ({ host }))];

describe.each(ATTACKS)('a page with %o', (headers) => {
  test.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded'])(
    'reaches neither the controls nor the API with a body of %s',
    async (type) => {
      const slack = await workspace();
      const sent = { 'content-type': type, ...headers };
      expect(await send(`${slack.url}/control/go-down`, sent)).toBe(403);
      expect(await send(`${slack.url}/api/auth.test`, sent)).toBe(403);
      expect(await send(`${slack.url}/actions/T1/B1/x`, sent)).toBe(403);
      expect(await send(`${slack.url}/control/journal`, headers, 'GET')).toBe(403);
      expect(await call(slack, 'auth.test')).toMatchObject({ ok: true });
    },
  );

  test('opens no socket, neither that of the page nor that of the bot', async () => {
    const slack = await workspace();
    const url = slack.url.replace('http', 'ws');
    expect(await opened(`${url}/page/socket`, headers)).toContain('403');
    expect(await opened(`${url}/link/?ticket=x`, headers)).toContain('403');
  });
});

test('another name for the address gets no page either', async () => {
  const slack = await workspace();
  for (const host of HOSTS) expect(await send(slack.url, { host }, 'GET')).toBe(403);
});

test('our own page and programs are let in', async () => {
  const slack = await workspace();
  const own = { origin: slack.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  expect(await send(`${slack.url}/control/recover`, { ...own })).toBe(400);
  expect(await send(`${slack.url}/control/delay-api`, own)).toBe(200);
  expect(await opened(`${slack.url.replace('http', 'ws')}/page/socket`, own)).toBe('open');
  expect(await opened(`${slack.url.replace('http', 'ws')}/page/socket`, {})).toBe('open');
});
