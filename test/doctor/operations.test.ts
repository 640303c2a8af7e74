import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { serveOperations } from '../../src/app/operations/server.ts';
import { examine } from '../../src/doctor/finding.ts';
import { apiProbe, operationsProbe, webhookProbes } from '../../src/doctor/operations.ts';
import { startReceiver } from '../fakes/network/webhook-receiver.ts';
import { POLICY } from '../flows/house.ts';

const look = async (address: Parameters<typeof operationsProbe>[0]) =>
  (await examine([operationsProbe(address)], 15_000)).map(({ status, detail }) => `${status}: ${detail}`);
const host = '127.0.0.1';

test('says nothing where it is off', async () => {
  expect(await look(() => null)).toEqual([]);
});

test('tells a port that is free, one of a running bot, and one that something else has', async () => {
  const other = createServer((_request, response) => response.end('{"alive":true}'));
  await new Promise<void>((resolve) => other.listen(0, host, resolve));
  const { port } = other.address() as AddressInfo;
  expect(await look(() => ({ host, port }))).toEqual([
    `problem: something else on this machine listens on port ${port} already`,
  ]);
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));

  const free = `fine: port ${port} on ${host} is free for /healthz, /readyz and /metrics`;
  expect(await look(() => ({ host, port }))).toEqual([free]);

  const pages = {
    readiness: () => Promise.reject(new Error('not asked')),
    metrics: () => Promise.reject(new Error('not asked')),
    api: () => Promise.reject(new Error('not asked')),
  };
  const bot = await serveOperations({ host, port }, pages, pino({ level: 'silent' }));
  expect(await look(() => ({ host, port }))).toEqual([`fine: a bot answers on port ${port} already`]);
  await bot.close();
});

test('names an address that this machine does not have', async () => {
  expect(await look(() => ({ host: '192.0.2.1', port: 9464 }))).toEqual([
    'problem: the bot cannot listen on 192.0.2.1, port 9464 (EADDRNOTAVAIL)',
  ]);
});

test('says whether the bot would start with the tokens of the API', async () => {
  const of = async (token: string | null, expires?: string) => {
    const tokens = [{ name: 'a', token: { env: 'API' }, scopes: ['status' as const], expires }];
    const api = token === null ? undefined : { tokens, badges: ['shop'] };
    // A service whose repository has no good file is left out, and nevertheless one that may be named: the bot starts.
    const layers = new Map([['shop', {} as never]]);
    const config = { operations: { port: 1, host, api }, services: new Map(), layers };
    const found = await examine([apiProbe(config, { API: token ?? '' })], 15_000);
    return found.map(({ status, detail }) => `${status}: ${detail}`);
  };
  expect(await of(null)).toEqual([]);
  expect(await of('a-token-of-some-length')).toEqual([
    'fine: the API can be asked (tokens: 1, open badges: 1)',
  ]);
  expect(await of('a-token-of-some-length', '2026-01-31')).toEqual([
    'problem: the time of tokens of the API is over: a (2026-01-31)',
  ]);
  expect(await of('a-token-of-some-length', '2999-01-31')).toMatchObject([expect.stringMatching(/^fine/)]);
  const [short] = await of('short');
  expect(short).toMatch(/^problem: .*API/);
  expect(short).not.toContain('short');
});

test('says where nobody could ship what a pipeline asks for', async () => {
  const of = async (approve: object) => {
    const token = { name: 'ci', token: { env: 'API' }, scopes: ['ship' as const] };
    const tokens = [{ ...token, 'acts-for': 'pipeline' as const, services: ['shop'] }];
    const service = { policy: { ...POLICY, approve } };
    const services = new Map([['shop', { service } as never]]);
    const layers = new Map([['shop', {} as never]]);
    const config = { operations: { port: 1, host, api: { tokens, badges: [] } }, services, layers };
    const [found] = await examine([apiProbe(config, { API: 'a-token-of-some-length' })], 15_000);
    return found?.detail;
  };
  expect(await of({ users: ['U1'], groups: [] })).toMatch(/one approval more.*: shop$/);
  expect(await of({ users: ['U1', 'U2'], groups: [] })).toMatch(/can be asked/);
  expect(await of({ users: [], groups: ['S1'] })).toMatch(/can be asked/);
});

test('sends each webhook a test event, and says who does not take it', async () => {
  const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const receiver = await startReceiver(SECRET);
  const webhooks = [{ name: 'lake', url: receiver.url, secret: { env: 'LAKE' } }];
  const lookAt = async (LAKE: string) =>
    (await examine(webhookProbes({ webhooks, layers: new Map() }, { LAKE }), 15_000)).map(
      ({ area, status, detail }) => `${area}: ${status}: ${detail}`,
    );
  expect(await lookAt(SECRET)).toEqual(['webhook lake: fine: it takes a signed event (slipway.ping)']);
  expect(receiver.violations).toEqual([]);
  expect(receiver.events).toMatchObject([{ type: 'slipway.ping', data: {} }]);
  expect(await lookAt(SECRET.replace('AQEB', 'AgEB'))).toEqual([
    `webhook lake: problem: it does not take a test event: it answered 401`,
  ]);
  expect(await lookAt('')).toEqual([expect.stringMatching(/problem: .*LAKE is not set/)]);
  expect(webhookProbes(null, {})).toEqual([]);
  await receiver.close();
});
