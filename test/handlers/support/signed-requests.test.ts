import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { onlySigned } from '../../../src/handlers/support/signed-requests.ts';
import { Turns } from '../../../src/handlers/support/turns.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NOW_S = 1_900_000_000;
const BODY = 'command=%2Fship-prod&text=shop';

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that counts what was let through, with a clock that stands at NOW_S. */
async function guarded(isNew: (signature: string) => Promise<boolean> = remembering()) {
  const handled: string[] = [];
  const listener = onlySigned(
    (request, response) => {
      handled.push(String((request as unknown as { rawBody: Buffer }).rawBody));
      response.end();
    },
    {
      signingSecret: SECRET,
      isNew,
      now: () => NOW_S * 1_000,
      log: pino({ level: 'silent' }),
      turns: new Turns(),
      work: async ({ body }) => void handled.push(String(new URLSearchParams(body as never))),
    },
  );
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  const send = async (headers: Record<string, string>, body = BODY) =>
    (await fetch(url, { method: 'POST', headers, body })).status;
  return { handled, send };
}

function remembering() {
  const seen = new Set<string>();
  return async (signature: string) => {
    const isFirst = !seen.has(signature);
    seen.add(signature);
    return isFirst;
  };
}

function signed(at = NOW_S, body = BODY, secret = SECRET, time = String(at)): Record<string, string> {
  const hash = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${hash}` };
}

describe('requests over HTTP', () => {
  test('is acknowledged before it is worked on, but for what Slack wants to read', async () => {
    let worked = 0;
    const listener = onlySigned((_request, response) => response.end('word'), {
      signingSecret: SECRET,
      isNew: remembering(),
      now: () => NOW_S * 1_000,
      log: pino({ level: 'silent' }),
      turns: new Turns(),
      work: () => {
        worked += 1;
        return new Promise(() => undefined);
      },
    });
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
    const signal = AbortSignal.timeout(2_000);
    const command = await fetch(url, { method: 'POST', headers: signed(), body: BODY, signal });
    expect(command.status).toBe(200);
    const check = JSON.stringify({ type: 'url_verification', challenge: 'word' });
    const answer = await fetch(url, { method: 'POST', headers: signed(NOW_S, check), body: check, signal });
    expect(await answer.text()).toBe('word');
    await expect.poll(() => worked).toBe(1);
  });

  test.each(['url_verification', 'ssl_check'])(
    'a person who writes %s gets no other way than anybody',
    async (word) => {
      const { handled, send } = await guarded(async () => false);
      const body = `command=%2Fship-prod&text=${word}`;
      expect(await send(signed(NOW_S, body), body)).toBe(200);
      expect(handled).toEqual([]);
    },
  );

  test('what Slack signed now is let through with its body, once', async () => {
    const { handled, send } = await guarded();
    expect(await send(signed())).toBe(200);
    expect(await send(signed())).toBe(409);
    await expect.poll(() => handled).toEqual([BODY]);
    expect(await send(signed(NOW_S + 1))).toBe(200);
  });

  test.each(['=', '=x', '=\u00e9', ' x'])(
    'a second time with %j behind its signature: refused',
    async (more) => {
      const { handled, send } = await guarded();
      expect(await send(signed())).toBe(200);
      const { 'x-slack-signature': signature = '', ...time } = signed();
      expect(await send({ ...time, 'x-slack-signature': `${signature}${more}` })).toBe(401);
      await expect.poll(() => handled).toEqual([BODY]);
    },
  );

  test.each([
    ['nothing', {}],
    ['an empty signature', { ...signed(), 'x-slack-signature': '' }],
    ['a signature without its version', { ...signed(), 'x-slack-signature': 'deadbeef' }],
    [
      'another version',
      { ...signed(), 'x-slack-signature': signed()['x-slack-signature']?.replace('v0', 'v1') ?? '' },
    ],
    ['the secret of somebody else', signed(NOW_S, BODY, 'other')],
    ['the signature of another body', signed(NOW_S, 'text=other')],
    ['a time of five minutes ago', signed(NOW_S - 301)],
    ['a time in five minutes', signed(NOW_S + 301)],
    ['a time in a hundred years', signed(NOW_S + 3_153_600_000)],
    ['a time that is no number', signed(NOW_S, BODY, SECRET, 'soon')],
    ['a time with a sign', signed(NOW_S, BODY, SECRET, `+${NOW_S}`)],
    ['no time', { 'x-slack-signature': signed()['x-slack-signature'] ?? '' }],
  ])('with %s are refused', async (_what, headers) => {
    const { handled, send } = await guarded();
    expect(await send(headers as Record<string, string>)).toBe(401);
    expect(handled).toEqual([]);
  });

  test('a check of the certificate is answered, and does nothing', async () => {
    const { handled, send } = await guarded();
    expect(await send({}, `ssl_check=1&${BODY}`)).toBe(204);
    expect(handled).toEqual([]);
  });

  test('at the edges of the five minutes count', async () => {
    const { send } = await guarded();
    expect(await send(signed(NOW_S - 300))).toBe(200);
    expect(await send(signed(NOW_S + 300))).toBe(200);
  });

  test('that are too long are refused before they are whole', async () => {
    const { handled, send } = await guarded();
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect(await send(signed(NOW_S, body), body)).toBe(413);
    expect(handled).toEqual([]);
  });

  test('that are events come again while nobody can say whether they are new', async () => {
    const away = { now: true };
    const isNew = async () => {
      if (away.now) throw new Unavailable('the database', 'no answer');
      return true;
    };
    const { handled, send } = await guarded(isNew);
    const event = JSON.stringify({ type: 'event_callback' });
    const headers = { ...signed(NOW_S, event), 'content-type': 'application/json' };
    expect(await send(headers, event)).toBe(503);
    expect(handled).toEqual([]);
    away.now = false;
    expect(await send(headers, event)).toBe(200);
    expect(await send(headers, event)).toBe(409);
    await expect.poll(() => handled).toEqual(['type=event_callback']);
  });

  test('of people are acknowledged without waiting for the database, and told of it by whoever works on them', async () => {
    const { handled, send } = await guarded(() =>
      Promise.reject(new Unavailable('the database', 'no answer')),
    );
    expect(await send(signed())).toBe(200);
    await expect.poll(() => handled).toEqual([BODY]);
    const slow = await guarded(() => new Promise(() => undefined));
    expect(await slow.send(signed())).toBe(200);
    expect(await slow.send(signed())).toBe(409);
    expect(slow.handled).toEqual([]);
  });

  test('that another process took are not worked on', async () => {
    const { handled, send } = await guarded(async () => false);
    expect(await send(signed())).toBe(200);
    const event = JSON.stringify({ type: 'event_callback' });
    expect(await send({ ...signed(NOW_S, event), 'content-type': 'application/json' }, event)).toBe(409);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(handled).toEqual([]);
  });
});
