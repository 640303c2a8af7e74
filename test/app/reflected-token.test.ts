import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { slackClient } from '../../src/adapters/slack/client.ts';
import { LOG_HOOKS, requiredSecret, slackAddress } from '../../src/app/environment.ts';
import { sealOf } from '../../src/domain/text/seal.ts';

const TOKEN = ['xoxb', '4711', 'never-to-be-seen-7c21'].join('-');
const env = { SLACK_BOT_TOKEN: TOKEN };

let proxy: Server;
let heard: { readonly authorization: string | undefined; readonly body: string }[];
const lines: string[] = [];
const log = pino({ level: 'trace', hooks: LOG_HOOKS }, { write: (line: string) => void lines.push(line) });

/** Fails, and repeats in its answer the headers of the request, as some proxies do. */
beforeAll(async () => {
  heard = [];
  proxy = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      heard.push({ authorization: request.headers.authorization, body });
      response.writeHead(502, { 'x-was': String(request.headers.authorization) });
      response.end(`Bad gateway. Your request: ${JSON.stringify(request.headers)}`);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => proxy.close(resolve));
});

function client() {
  const { port } = proxy.address() as AddressInfo;
  return slackClient(requiredSecret(env, 'SLACK_BOT_TOKEN'), {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    log,
    seal: async () => sealOf(Buffer.alloc(32), 'T1'),
  });
}

test('a proxy that repeats the headers of a request does not bring the token into the log', async () => {
  const error = await client()
    .chat.postMessage({ channel: 'C1', text: 'hello' })
    .then(
      () => null,
      (failed: unknown) => failed,
    );
  expect(heard.at(-1)?.authorization).toBe(`Bearer ${TOKEN}`);
  // The error of the SDK holds the answer: that is what must not come out.
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).toBeTruthy();
  log.error({ err: error, facts: { said: `Bearer ${TOKEN}` } }, `Slack said ${TOKEN}`);
  const written = lines.join('');
  expect(written).toContain('Slack said ***');
  for (const form of [TOKEN, Buffer.from(TOKEN).toString('base64'), encodeURIComponent(TOKEN)]) {
    expect(written).not.toContain(form);
  }
});

test('nor into a message', async () => {
  await client()
    .chat.postMessage({
      channel: 'C1',
      text: `It said ${TOKEN}`,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `Basic ${btoa(`u:${TOKEN}`)}` } }],
    })
    .catch(() => undefined);
  const body = decodeURIComponent(heard.at(-1)?.body.replaceAll('+', ' ') ?? '');
  expect(body).toContain('It said ***');
  expect(body).not.toContain(TOKEN);
  expect(body).not.toContain(btoa(`u:${TOKEN}`).slice(8));
});

test('the token is sent to no address that is not encrypted, but to this machine', () => {
  expect(() => slackAddress({ SLACK_API_URL: 'http://slack.example/api/' })).toThrowError(
    expect.objectContaining({ code: 'environment-invalid' }),
  );
  for (const url of [undefined, '', 'https://slack.example/api/', 'http://127.0.0.1:1/api/']) {
    expect(slackAddress({ SLACK_API_URL: url })).toBe(url);
  }
});
