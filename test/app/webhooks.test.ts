import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventSender, type PostEvent, webhookKey } from '../../src/adapters/webhooks/sender.ts';
import { type Sending, sendDue } from '../../src/app/webhooks/send.ts';
import { openWebhooks, startWebhooks } from '../../src/app/webhooks/webhooks.ts';
import { WebhooksSettings } from '../../src/config/settings/webhooks.ts';
import type { AuditEntry } from '../../src/domain/audit/entry.ts';
import { EVERYTHING } from '../../src/domain/policy/lock.ts';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';
import { keptSecret } from '../../src/domain/text/redaction.ts';
import { WebhookPlaces } from '../../src/engine/outbox/webhook-places.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { Store } from '../../src/engine/tables/store.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';
import { startReceiver, type WebhookReceiver } from '../fakes/network/webhook-receiver.ts';
import { parseConfig } from '../support/all-adapters.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const LEASE_MS = 300;
const HERE = 'a hash of the address';
const DAY_MS = 86_400_000;

let database: TestDatabase;
let receiver: WebhookReceiver;
let ledger: ReturnType<typeof createLedger>;
let now: number;
let lines: {
  readonly level: number;
  readonly msg: string;
  readonly reason?: string;
  entries?: number;
  seq?: number;
}[];
const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(async () => {
  lines = [];
  now = Date.now();
  database = await freshDatabase();
  receiver = await startReceiver(SECRET);
  ledger = createLedger({ pool: database.pool, now: () => now });
});
afterEach(async () => {
  await receiver.close();
  await database.close();
});

/** A replica that sends for a webhook. */
function replica(more: Partial<Sending> & { readonly url?: string } = {}) {
  const { url = receiver.url, ...rest } = more;
  const places = new WebhookPlaces(new Store(database.pool), randomUUID, LEASE_MS);
  const sending: Sending = {
    settings: { name: 'events' },
    post: eventSender(url, [webhookKey(SECRET, 'SECRET')], 200),
    address: HERE,
    places,
    log,
    stop: new AbortController().signal,
    now: () => now,
    random: () => 1,
    ...rest,
  };
  return { places, send: () => sendDue(sending) };
}

const entry = (action: AuditEntry['action'], service = 'shop', more: Partial<AuditEntry> = {}) =>
  ledger.audit({ actor: 'U_ADA', action, result: 'done', service, ...more });
const goOn = () => database.pool.query('update slipway.webhooks set until = now()');
const pausedMs = async () =>
  Number(
    (await database.pool.query('select extract(epoch from until - now()) * 1000 as ms from slipway.webhooks'))
      .rows[0].ms,
  );

describe('a webhook', () => {
  test('is sent what comes after it was set up, in order, as the audit has it', async () => {
    const { places, send } = replica();
    await entry('lock.taken');
    await places.begin('events', HERE);
    await entry('promotion.opened', 'shop', {
      promotionId: 'shop-1',
      detail: { note: '🚢 <&> \u202e\ud800' },
    });
    await entry('config.changed', 'api', { source: { via: 'api', token: 'ci' } });
    await ledger.audit({ actor: 'slipway', action: 'audit.seen', result: 'refused' });
    await send();
    expect(receiver.violations).toEqual([]);
    expect(receiver.events.map(({ type, subject }) => [type, subject])).toEqual([
      ['slipway.promotion.opened', 'shop-1'],
      ['slipway.config.changed', 'api'],
      ['slipway.audit.seen', undefined],
    ]);
    const stored = (await ledger.auditTrail({ limit: 3 })).toReversed();
    expect(receiver.events.map(({ data }) => data)).toEqual(JSON.parse(JSON.stringify(stored)));
    const [first] = stored;
    expect(receiver.events[0]).toMatchObject({
      id: `${first?.seq}-${first?.hash.slice(0, 16)}`,
      time: new Date(first?.at ?? 0).toISOString(),
    });
    await send();
    expect(receiver.events).toHaveLength(3);
    expect(lines).toEqual([]);
  });

  test('is sent no secret', async () => {
    const secret = keptSecret('correct-horse-battery');
    const { places, send } = replica();
    await places.begin('events', HERE);
    await entry('lock.taken', 'shop', { detail: { reason: `it is ${secret}` } });
    await send();
    expect(receiver.events).toHaveLength(1);
    expect(JSON.stringify(receiver.events)).not.toContain(secret);
  });

  test('is sent what it asks for only, and goes past the rest', async () => {
    const { places, send } = replica({
      settings: { name: 'events', events: ['promotion.*', 'lock.taken'], services: ['shop'] },
    });
    await places.begin('events', HERE);
    for (const service of ['shop', 'api'])
      for (const action of ['promotion.opened', 'lock.taken', 'lock.released'] as const)
        await entry(action, service);
    await ledger.audit({ actor: 'slipway', action: 'promotion.shipped', result: 'done' });
    await send();
    expect(receiver.types()).toEqual(['slipway.promotion.opened', 'slipway.lock.taken']);
    const { rows } = await database.pool.query(
      'select sent = (select seq from slipway.chain) as all from slipway.webhooks',
    );
    expect(rows).toEqual([{ all: true }]);
  });

  test('is sent what is about everything, or about several services, as of each of them', async () => {
    const { places, send } = replica({ settings: { name: 'events', services: ['shop'] } });
    await places.begin('events', HERE);
    await entry('lock.taken', EVERYTHING);
    await entry('sequence.planned', 'api', { detail: { services: ['api', 'shop'] } });
    await entry('sequence.planned', 'api', { detail: { services: ['api', 'site'] } });
    await send();
    expect(receiver.events.map(({ type, subject }) => [type, subject])).toEqual([
      ['slipway.lock.taken', undefined],
      ['slipway.sequence.planned', 'api'],
    ]);
  });

  test('is signed with both secrets while they change', async () => {
    const settings = {
      name: 'events',
      url: receiver.url,
      secret: { env: 'NEW' },
      'old-secret': { env: 'OLD' },
    };
    const [webhook] = openWebhooks([settings], [], { NEW: OTHER, OLD: SECRET });
    const { places, send } = replica({ post: webhook?.post as PostEvent });
    await places.begin('events', HERE);
    await entry('lock.taken');
    await send();
    expect([receiver.events.length, receiver.violations]).toEqual([1, []]);
  });
});

describe('a webhook that does not take an event', () => {
  const refusals: Readonly<Record<string, NonNullable<WebhookReceiver['answer']>>> = {
    'answers 500': (_request, response) => response.writeHead(500).end(),
    'answers 404': (_request, response) => response.writeHead(404).end(),
    'sends it elsewhere': (_request, response) => response.writeHead(302, { location: receiver.url }).end(),
    hangs: () => undefined,
    'goes away': (request) => request.socket.destroy(),
    'begins to answer that it did not and hangs': (_request, response) => {
      response.writeHead(500, { 'content-length': 100 });
      response.write('x');
    },
  };

  test.each(Object.keys(refusals))(
    'and %s: is said once, paused longer and longer, and nothing is lost',
    async (what) => {
      const { places, send } = replica();
      await places.begin('events', HERE);
      await entry('lock.taken');
      await send();
      await entry('lock.released');
      await entry('promotion.opened');
      receiver.answer = refusals[what] ?? null;
      const pauses: number[] = [];
      for (let tries = 0; tries < 4; tries += 1) {
        await send();
        pauses.push(Math.round((await pausedMs()) / 1_000));
        // Whoever comes too early does nothing.
        const before = receiver.tries;
        await replica().send();
        expect(receiver.tries).toBe(before);
        await goOn();
      }
      expect(pauses).toEqual([5, 10, 20, 40]);
      expect(lines).toHaveLength(1);
      receiver.answer = null;
      await send();
      expect(receiver.violations).toEqual([]);
      expect(receiver.types()).toEqual([
        'slipway.lock.taken',
        'slipway.lock.released',
        'slipway.promotion.opened',
      ]);
      expect(lines.map(({ msg }) => msg)).toEqual([
        expect.stringMatching(/does not take an event; it is sent again/),
        expect.stringMatching(/takes events again/),
      ]);
    },
  );

  test.each([
    ['429', '900', 900_000],
    ['503', new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
    ['503', 'soon', 0],
    ['410', '', DAY_MS],
  ])('with %s and Retry-After: %s is asked again when it said', async (status, after, ms) => {
    const { places, send } = replica();
    await places.begin('events', HERE);
    await entry('lock.taken');
    receiver.answer = (_request, response) =>
      response.writeHead(Number(status), after === '' ? {} : { 'retry-after': after }).end();
    await send();
    expect(Math.abs((await pausedMs()) - ms)).toBeLessThan(60_000);
    expect(lines).toHaveLength(1);
  });

  test('that is gone is tried at once at another address, by nobody who still has the one of before', async () => {
    const settings = { name: 'events', url: receiver.url, secret: { env: 'SECRET' } };
    const [before] = openWebhooks([settings], [], { SECRET });
    const [after] = openWebhooks([{ ...settings, url: `${receiver.url}/new` }], [], { SECRET });
    const [old, moved] = [before, after].map((one) => replica({ address: one?.address ?? '' }));
    await old?.places.begin('events', before?.address ?? '');
    await entry('lock.taken');
    await entry('lock.released');
    receiver.answer = (_request, response) => response.writeHead(410).end();
    await old?.send();
    // A restart alone changes nothing.
    await old?.places.begin('events', before?.address ?? '');
    expect(await pausedMs()).toBeGreaterThan(DAY_MS - 60_000);
    await moved?.places.begin('events', after?.address ?? '');
    await old?.send();
    expect(receiver.tries).toBe(1);
    receiver.answer = null;
    await moved?.send();
    expect(receiver.types()).toEqual(['slipway.lock.taken', 'slipway.lock.released']);
    const { rows } = await database.pool.query('select failures, address from slipway.webhooks');
    expect(rows).toEqual([{ failures: 0, address: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  test('is not tried more often than once in a quarter of an hour for ever', async () => {
    const { places, send } = replica();
    await places.begin('events', HERE);
    await entry('lock.taken');
    receiver.answer = (_request, response) => response.writeHead(500).end();
    await database.pool.query('update slipway.webhooks set failures = 2000000000');
    await send();
    expect(Math.round((await pausedMs()) / 1_000)).toBe(900);
    expect(lines).toEqual([]);
  });

  test('has taken it when it says so, however long it goes on talking', async () => {
    const post = eventSender(receiver.url, [webhookKey(SECRET, 'SECRET')]);
    const { places, send } = replica({ post });
    await places.begin('events', HERE);
    await entry('lock.taken');
    receiver.answer = (_request, response) => {
      response.writeHead(202);
      response.write('working on it');
    };
    await send();
    await send();
    expect([receiver.tries, lines]).toEqual([1, []]);
  });

  test('that does not take anything is said to have missed what became too old meanwhile, page by page', async () => {
    const { places, send } = replica();
    now -= 4 * DAY_MS;
    await places.begin('events', HERE);
    for (let number = 0; number < 101; number += 1) await entry('lock.taken');
    now += 4 * DAY_MS;
    await entry('lock.released');
    await database.pool.query('update slipway.webhooks set failures = 3');
    receiver.answer = (_request, response) => response.writeHead(500).end();
    await send();
    expect(lines).toMatchObject([{ entries: 100, msg: expect.stringMatching(/older than three days/) }]);
    const { rows } = await database.pool.query('select failures from slipway.webhooks');
    expect(rows).toEqual([{ failures: 4 }]);
    receiver.answer = null;
    await goOn();
    await send();
    expect(lines.map(({ entries }) => entries)).toEqual([100, undefined, 1]);
  });

  test('is said with the event that is in the way, and to be gone also when it was away before', async () => {
    const { places, send } = replica();
    await places.begin('events', HERE);
    await entry('lock.taken');
    receiver.answer = (_request, response) => response.writeHead(500).end();
    await send();
    await goOn();
    receiver.answer = (_request, response) => response.writeHead(410).end();
    await send();
    const { seq } = (await ledger.auditTrail({ limit: 1 }))[0] ?? {};
    expect(lines).toMatchObject([
      { seq, action: 'lock.taken', msg: expect.stringMatching(/sent again/) },
      { seq, action: 'lock.taken', msg: expect.stringMatching(/wants no more/) },
    ]);
  });

  test('goes on with what is younger than three days', async () => {
    const { places, send } = replica();
    now -= 3.5 * DAY_MS;
    await places.begin('events', HERE);
    await entry('lock.taken');
    await entry('lock.released');
    now += 2 * DAY_MS;
    await entry('promotion.opened');
    // Whose clock is wrong does not lose anything by it.
    const wrong = Date.now() + 9 * DAY_MS;
    const post = eventSender(receiver.url, [webhookKey(SECRET, 'SECRET')]);
    await replica({
      now: () => wrong,
      post: (event, _now, signal) => post(event, Date.now(), signal),
    }).send();
    expect(receiver.types()).toEqual(['slipway.promotion.opened']);
    expect(lines).toMatchObject([{ entries: 2, msg: expect.stringMatching(/older than three days/) }]);
    await goOn();
    await send();
    expect(receiver.tries).toBe(1);
  });
});

describe('replicas', () => {
  test('send each event once, in order', async () => {
    const sends = [1, 2, 3].map(() => replica().send);
    await replica().places.begin('events', HERE);
    for (let round = 0; round < 15; round += 1) {
      await entry(round % 2 === 0 ? 'lock.taken' : 'lock.released');
      await Promise.all(sends.map((send) => send()));
    }
    await Promise.all(sends.map((send) => send()));
    const ids = receiver.events.map(({ id }) => Number(id.split('-')[0]));
    expect(ids).toHaveLength(15);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(15);
  });

  test('killed between sending and noting it: another one sends it again, and nothing else twice', async () => {
    const dying = replica();
    await dying.places.begin('events', HERE);
    await entry('lock.taken');
    await entry('lock.released');
    dying.places.moved = () => Promise.reject(new Unavailable('the database', 'killed'));
    await expect(dying.send()).rejects.toThrow('killed');
    expect(receiver.events).toHaveLength(1);
    // Until its lease is over nobody knows that it is dead.
    await replica().send();
    expect(receiver.events).toHaveLength(1);
    await pause(LEASE_MS + 50);
    await replica().send();
    expect(receiver.events.map(({ type }) => type)).toEqual([
      'slipway.lock.taken',
      'slipway.lock.taken',
      'slipway.lock.released',
    ]);
    expect(receiver.types()).toHaveLength(2);
    expect(receiver.violations).toEqual([]);
  });

  test('one that was frozen does not go on where another took over', async () => {
    const post = eventSender(receiver.url, [webhookKey(SECRET, 'SECRET')]);
    let thaw: () => void = () => undefined;
    const frozen = replica({
      post: async (...given) => {
        const posted = await post(...given);
        await new Promise<void>((resolve) => {
          thaw = resolve;
        });
        return posted;
      },
    });
    await frozen.places.begin('events', HERE);
    for (let round = 0; round < 3; round += 1) await entry('lock.taken');
    const sending = frozen.send();
    await pause(LEASE_MS + 100);
    // Of the same process, too.
    await replica({ places: frozen.places }).send();
    expect(receiver.events).toHaveLength(4);
    thaw();
    await sending;
    expect(receiver.events).toHaveLength(4);
    expect(receiver.types()).toHaveLength(3);
  });

  test('one that stops leaves it to the next at once', async () => {
    const stop = new AbortController();
    receiver.answer = () => stop.abort();
    const leaving = replica({ stop: stop.signal });
    await leaving.places.begin('events', HERE);
    await entry('lock.taken');
    await leaving.send();
    receiver.answer = null;
    await replica().send();
    expect(receiver.events).toHaveLength(1);
    expect(lines).toEqual([]);
  });
});

test('a webhook that hangs keeps no other one waiting, nor the bot from stopping', async () => {
  const hanging = await startReceiver(SECRET);
  hanging.answer = () => undefined;
  const urls = { hanging: hanging.url, sound: receiver.url };
  const settings = Object.entries(urls).map(([name, url]) => ({ name, url, secret: { env: 'SECRET' } }));
  const webhooks = openWebhooks(settings, [], { SECRET });
  const { places } = replica();
  for (const { settings, address } of webhooks) await places.begin(settings.name, address);
  await entry('lock.taken');
  const job = startWebhooks(webhooks, { pool: database.pool, log });
  await expect.poll(() => [receiver.events.length, hanging.tries], { timeout: 5_000 }).toEqual([1, 1]);
  const before = Date.now();
  await job.stop();
  expect(Date.now() - before).toBeLessThan(2_000);
  await hanging.close();
});

describe('the settings of webhooks', () => {
  const webhook = { name: 'events', url: 'https://events.example.com', secret: { env: 'SECRET' } };

  test('are part of the main file', () => {
    const services = {
      shop: {
        repository: { use: 'git', url: 'https://git.example.com/shop.git' },
        target: { use: 'git-branch' },
      },
    };
    const text = JSON.stringify({ slack: { channel: '#ship' }, services, webhooks: [webhook] });
    expect(parseConfig(text, 'slipway.yaml').webhooks).toEqual([webhook]);
  });

  test.each([
    ['a typo', { events: ['promotion.shiped'] }],
    ['a kind that does not exist', { events: ['promotions.*'] }],
    ['a pattern', { events: ['*'] }],
    ['no event', { events: [] }],
    ['a password in the address', { url: 'https://a:b@events.example.com' }],
    ['another protocol', { url: 'file:///etc/passwd' }],
    ['a secret as it is', { secret: SECRET }],
  ])('are refused with %s', (_what, given) => {
    expect(WebhooksSettings.safeParse([{ ...webhook, ...given }]).success).toBe(false);
  });

  test('name what the audit knows, and what people did at a surface of Slack', () => {
    const events = ['promotion.shipped', 'rollback.*', 'button.*', 'command'];
    expect(WebhooksSettings.safeParse([{ ...webhook, events }]).success).toBe(true);
    expect(WebhooksSettings.safeParse([webhook, webhook]).success).toBe(false);
  });

  test('may name a variable that has the address', async () => {
    const named = [{ ...webhook, url: { env: 'ADDRESS' } }];
    expect(WebhooksSettings.safeParse(named).success).toBe(true);
    const [opened] = openWebhooks(named, [], { SECRET, ADDRESS: receiver.url });
    const { places, send } = replica({ post: opened?.post as PostEvent });
    await places.begin('events', HERE);
    await entry('lock.taken');
    await send();
    expect(receiver.events).toHaveLength(1);
    for (const ADDRESS of ['', 'ftp://hush.example', 'https://a:hush@b.example'])
      expect(() => openWebhooks(named, [], { SECRET, ADDRESS })).toThrow(/ADDRESS/);
    expect(() => openWebhooks(named, [], { SECRET, ADDRESS: 'hush' })).not.toThrow(/hush/);
  });

  test.each([
    ['no secret', 'secret-missing', {}],
    ['any text', 'environment-invalid', { SECRET: 'correct horse battery staple' }],
    ['no prefix', 'environment-invalid', { SECRET: SECRET.slice(6) }],
    [
      'a secret that is too short',
      'environment-invalid',
      { SECRET: `whsec_${Buffer.alloc(23).toString('base64')}` },
    ],
    [
      'one that is too long',
      'environment-invalid',
      { SECRET: `whsec_${Buffer.alloc(65).toString('base64')}` },
    ],
    ['what is no base64', 'environment-invalid', { SECRET: SECRET.replace('AQE', 'A!E') }],
    ['a letter that is left over', 'environment-invalid', { SECRET: `whsec_${'A'.repeat(41)}` }],
  ])('are refused at the start with %s', (_what, code, env) => {
    expect(() => openWebhooks([webhook], [], env)).toThrow(expect.objectContaining({ code }));
  });

  test('name services that there are', () => {
    expect(() => openWebhooks([{ ...webhook, services: ['shpo'] }], ['shop'], { SECRET })).toThrow(
      expect.objectContaining({ code: 'service-unknown' }),
    );
  });
});
