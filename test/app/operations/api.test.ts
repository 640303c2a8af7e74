import { Ajv2020 } from 'ajv/dist/2020.js';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Api, openApi } from '../../../src/app/operations/api/api.ts';
import { badgeOf, badgeSvg } from '../../../src/app/operations/api/badge.ts';
import { apiDescription } from '../../../src/app/operations/api/description.ts';
import { serveOperations } from '../../../src/app/operations/server.ts';
import { ApiSettings } from '../../../src/config/settings/api.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RequestContext } from '../../../src/flows/requests/request.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { MemoryTarget } from '../../fakes/memory-target.ts';
import { House } from '../../flows/house.ts';
import { parseConfig } from '../../support/all-adapters.ts';

const TOKENS = {
  ALL: 'all of it: 0123456789',
  ONE: 'only status 0123456789',
  OTHER: 'another one 0123456789',
};
const tokensOf = (text: string) => text.replaceAll(' ', '-');
const env = Object.fromEntries(Object.entries(TOKENS).map(([name, text]) => [name, tokensOf(text)]));
const settings = ApiSettings.parse({
  tokens: [
    { name: 'dashboard', token: { env: 'ALL' }, scopes: ['status', 'history', 'dora'] },
    { name: 'screen', token: { env: 'ONE' }, scopes: ['status'] },
    { name: 'elsewhere', token: { env: 'OTHER' }, scopes: ['status', 'history'], services: ['site'] },
  ],
  badges: ['shop'],
});
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
ajv.addSchema({ $id: 'api', ...apiDescription() });

type Described = z.infer<typeof Description>;
const Description = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.looseObject({})) })),
  ),
});

describe('the API', () => {
  let house: House;
  let requests: RequestContext | null;
  let api: Api | null;
  let said: string[];
  let server: Awaited<ReturnType<typeof serveOperations>>;
  beforeEach(async () => {
    house = new House();
    requests = house.requests();
    api = openApi(settings, ['shop', 'site'], env);
    said = [];
    server = await serveOperations(
      { host: '127.0.0.1', port: 0 },
      {
        readiness: () => Promise.reject(new Error('not asked')),
        metrics: () => Promise.reject(new Error('not asked')),
        api: async (question) => (await api?.(question, requests)) ?? null,
      },
      pino({}, { write: (line: string) => said.push(line) }),
    );
  });
  afterEach(() => server.close());

  const ask = (path: string, token: keyof typeof TOKENS | null = 'ALL') =>
    fetch(`http://127.0.0.1:${server.port}${path}`, {
      headers: token === null ? {} : { authorization: `Bearer ${env[token]}` },
    });
  /** The answer, held against the description. */
  async function read(path: string, operation: string, token: keyof typeof TOKENS | null = 'ALL') {
    const response = await ask(path, token);
    const body: unknown = await response.json();
    const pointer = [`/api/v1/services${operation}`, 'get', 'responses', String(response.status)]
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .join('/');
    const validate = ajv.getSchema(`api#/paths/${encodeURI(pointer)}/content/application~1json/schema`);
    expect(validate, `${operation} ${response.status} is described`).toBeDefined();
    expect(validate?.(body), ajv.errorsText(validate?.errors)).toBe(true);
    return { status: response.status, body };
  }
  async function ship(): Promise<void> {
    const id = await house.open();
    const script = async () => {
      const isAsked = (await house.state(id)) === 'awaiting-approval' && (await house.approveOnce(id));
      return isAsked ? ({ kind: 'vote' } as const) : null;
    };
    await drive(new MemoryRun({ id, clock: house.clock, script }), (run) => promote(run, house.ports, id));
  }

  test('describes itself, without a token, and knows no other path', async () => {
    const response = await ask('/api/v1/openapi.json', null);
    const description: Described = Description.parse(await response.json());
    expect(response.status).toBe(200);
    expect(Object.keys(description.paths)).toHaveLength(7);
    expect((await ask('/api/v1/nothing')).status).toBe(404);
    expect((await ask('/api/v1/services/shop/constructor')).status).toBe(404);
  });

  test('says what is live and under way, and what came last', async () => {
    expect(await read('/api/v1/services/shop', '/{service}')).toEqual({
      status: 200,
      body: { service: 'shop', live: '1.2.0', open: null, last: null, lock: null },
    });
    await house.ledger.lock({ service: 'shop', owner: 'U_ADA', reason: '<!channel>' });
    await house.open();
    await house.clock.advance(60_000);
    const { body } = await read('/api/v1/services', '');
    const [shop, site] = (body as { services: Record<string, unknown>[] }).services;
    expect(shop).toMatchObject({
      open: { state: 'checking', version: null, by: 'U_ADA' },
      lock: { owner: 'U_ADA', reason: '<!channel>', everything: false },
    });
    expect(site).toMatchObject({ service: 'site', live: null });
  });

  test('lists what was shipped, and its figures', async () => {
    await ship();
    const { body } = await read('/api/v1/services/shop/history?limit=5', '/{service}/history');
    expect(body).toMatchObject({
      promotions: [{ state: 'shipped', version: '1.3.0', previous: '1.2.0', rollback: null }],
    });
    expect((await read('/api/v1/services/shop/dora?days=7', '/{service}/dora')).body).toMatchObject({
      service: 'shop',
      failed: 0,
    });
  });

  test.each([
    ['no token', '/api/v1/services/shop', '/{service}', null, 401],
    ['a token without the scope', '/api/v1/services/shop/dora', '/{service}/dora', 'ONE', 403],
    ['a token for another service', '/api/v1/services/shop', '/{service}', 'OTHER', 404],
    ['a service that does not exist', '/api/v1/services/nothing', '/{service}', 'ALL', 404],
    ['a name that is no text', '/api/v1/services/%E0%A4%A', '/{service}', 'ALL', 404],
    ['a number that is none', '/api/v1/services/shop/history?limit=0', '/{service}/history', 'ALL', 400],
    [
      'a number that is too high',
      '/api/v1/services/shop/history?limit=101',
      '/{service}/history',
      'ALL',
      400,
    ],
  ] as const)('turns away %s', async (_what, path, operation, token, status) => {
    expect(await read(path, operation, token)).toMatchObject({ status });
  });

  test('goes on behind a service, and does not begin anew behind one that is gone', async () => {
    expect(await read('/api/v1/services?after=shop', '')).toMatchObject({
      body: { services: [{ service: 'site' }] },
    });
    expect(await read('/api/v1/services?after=site', '')).toEqual({ status: 200, body: { services: [] } });
    for (const [after, token] of [
      ['gone', 'ALL'],
      ['', 'ALL'],
      ['shop', 'OTHER'],
    ] as const)
      expect(await read(`/api/v1/services?after=${after}`, '', token)).toMatchObject({
        status: 400,
        body: { code: 'parameter-invalid', message: expect.stringContaining('begin without it') },
      });
  });

  test('shows with a token only what it may see', async () => {
    const { body } = await read('/api/v1/services', '', 'OTHER');
    expect(body).toMatchObject({ services: [{ service: 'site' }] });
    expect((body as { services: unknown[] }).services).toHaveLength(1);
  });

  test('says so while the bot starts, and while it has no database', async () => {
    requests = null;
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({ status: 503 });
    requests = house.requests({
      ledger: new Proxy(house.ledger, {
        get: () => () => Promise.reject(new Unavailable('the database', 'the database is away')),
      }),
    });
    expect(await read('/api/v1/services/shop/history', '/{service}/history')).toMatchObject({ status: 503 });
  });

  test('answers in JSON also while it is off, and names a fault that is in the log', async () => {
    requests = house.requests({
      ledger: new Proxy(house.ledger, { get: () => () => Promise.reject(new Error('a bug')) }),
    });
    const { status, body } = await read('/api/v1/services/shop/history', '/{service}/history');
    const { code, message } = body as { code: string; message: string };
    expect([status, code]).toEqual([500, 'fault']);
    const [, reference] = /look for ([0-9a-f]{8})\.$/.exec(message) ?? [];
    expect(said).toEqual([expect.stringMatching(`a bug.*${reference}`)]);
    api = null;
    expect(await (await ask('/api/v1/services')).json()).toMatchObject({ code: 'api-off' });
    expect((await ask('/elsewhere')).headers.get('content-type')).toBe('text/plain');
  });

  test('knows a service that came while the bot runs', async () => {
    expect(await read('/api/v1/services/new', '/{service}')).toMatchObject({ status: 404 });
    const context = house.requests();
    requests = { ...context, services: new Map([...context.services, ['new', house.ports]]) };
    expect(await read('/api/v1/services/new', '/{service}')).toMatchObject({ status: 200 });
    const { body } = await read('/api/v1/services', '');
    expect((body as { services: { service: string }[] }).services.map(({ service }) => service)).toEqual([
      'shop',
      'site',
      'new',
    ]);
  });

  test('asks the target that a reload brought, and forgets a service that it took out', async () => {
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({ body: { live: '1.2.0' } });
    const target = new MemoryTarget(house.clock.now);
    target.current = { commit: 'd'.repeat(40), version: '9.0.0' };
    requests = house.requests({ services: new Map([['shop', { ...house.ports, target }]]) });
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({ body: { live: '9.0.0' } });
    requests = house.requests({ services: new Map([['other', house.ports]]) });
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({ status: 404 });
    expect(await read('/api/v1/services/site', '/{service}')).toMatchObject({ status: 200 });
  });

  test('sees an older promotion that is rolled back, and that it was over last', async () => {
    const first = await house.open();
    const closed = () => ({ closedAt: house.clock.now() });
    await house.ledger.change(first, { to: 'shipped', data: closed() });
    await house.clock.advance(60_000);
    const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
    await house.ledger.open({ id: 'shop-0002', request, channel: 'C_SHIP' });
    await house.ledger.change('shop-0002', { to: 'cancelled', data: closed() });
    await house.clock.advance(60_000);
    await house.ledger.change(first, { to: 'rolling-back', data: { closedAt: null } });
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({
      body: { open: { id: first, state: 'rolling-back' }, last: { id: 'shop-0002' } },
    });
    expect(await (await ask('/badge/shop.svg', null)).text()).toContain('rolling back');
    await house.ledger.change(first, { to: 'rolled-back', data: closed() });
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({
      body: { open: null, last: { id: first, state: 'rolled-back' } },
    });
    expect(await (await ask('/badge/shop.svg', null)).text()).toContain('after a rollback');
  });

  test('says which share of the requests a release has', async () => {
    const id = await house.open();
    const stage = { share: 5, next: 100, shares: [5, 100] };
    await house.ledger.change(id, { to: 'monitoring', data: { stage } });
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({ body: { open: { share: 5 } } });
    await house.ledger.change(id, { data: { stage: null } });
    expect(await read('/api/v1/services/shop', '/{service}')).toMatchObject({
      body: { open: { share: null } },
    });
  });

  test('has a badge for everybody where the settings say so, else for those with a token', async () => {
    const svg = await ask('/badge/shop.svg', null);
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(await svg.text()).toContain('<title>shop: 1.2.0</title>');
    expect((await ask('/badge/site.svg', null)).status).toBe(404);
    expect((await ask('/badge/site.svg', 'ONE')).status).toBe(200);
    expect((await ask('/badge/nothing.svg', 'ALL')).status).toBe(404);
    requests = null;
    expect(await (await ask('/badge/shop.svg', null)).text()).toContain('unknown');
  });
});

describe('the settings of the API', () => {
  const open =
    (given: object, environment = env) =>
    () =>
      openApi(ApiSettings.parse(given), ['shop'], environment);
  const token = { name: 'a', token: { env: 'ALL' }, scopes: ['status'] };

  test('are part of the configuration', () => {
    const text = (api: object) =>
      JSON.stringify({
        slack: { channel: '#ship' },
        operations: { port: 9464, api },
        services: {
          shop: {
            repository: { use: 'git', url: 'https://git.example.com/shop.git' },
            target: { use: 'git-branch' },
          },
        },
      });
    expect(parseConfig(text({ tokens: [token] }), 'slipway.yaml').operations?.api?.tokens).toHaveLength(1);
    expect(() => parseConfig(text({ tokens: [{ ...token, scopes: ['write'] }] }), 'slipway.yaml')).toThrow();
  });

  test.each([
    ['secret-missing', { tokens: [token] }, {}],
    ['environment-invalid', { tokens: [token] }, { ALL: 'short' }],
    ['environment-invalid', { tokens: [token] }, { ALL: 'a'.repeat(501) }],
    ['environment-invalid', { tokens: [token] }, { ALL: 'correct horse battery staple' }],
    ['service-unknown', { badges: ['shpo'] }, env],
    ['service-unknown', { tokens: [{ ...token, services: ['shpo'] }] }, env],
  ])('are refused at the start: %s', (code, given, environment) => {
    expect(open(given, environment)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a badge', () => {
  const idle = { service: 'shop', live: '1.2.0', open: null, last: null, lock: null };
  const promotion = {
    id: 'shop-1',
    service: 'shop',
    state: 'shipped',
    version: '1.3.0',
    previous: '1.2.0',
    commit: null,
    share: null,
    by: 'U_ADA',
    token: null,
    why: null,
    began: '2026-01-01T00:00:00.000Z',
    changed: '2026-01-01T00:00:00.000Z',
    rollback: null,
  } as const;
  const lock = { owner: 'U', reason: 'x', since: promotion.began, until: null, everything: false };

  test.each([
    ['1.2.0', 'good', idle],
    ['unknown', 'grey', { ...idle, live: null }],
    ['1.2.0 locked', 'grey', { ...idle, lock }],
    ['1.2.0', 'good', { ...idle, open: { ...promotion, state: 'awaiting-approval' as const } }],
    ['1.3.0 watching', 'busy', { ...idle, open: { ...promotion, state: 'monitoring' as const } }],
    [
      '1.1.0 rolling back',
      'bad',
      {
        ...idle,
        open: {
          ...promotion,
          state: 'rolling-back' as const,
          rollback: { to: '1.1.0', by: null, began: promotion.began },
        },
      },
    ],
    [
      '1.2.0 after a rollback',
      'bad',
      { ...idle, lock, last: { ...promotion, state: 'rolled-back' as const } },
    ],
  ] as const)('says %s', (text, colour, service) => {
    expect(badgeOf(service)).toEqual({ text, colour });
  });

  test('lets no text out of its place', () => {
    const svg = badgeSvg('a"><script>', '1.0 & </svg>\u0000', 'good');
    expect(svg).not.toMatch(/<script|<\/svg>.+|\p{Cc}(?!$)/u);
    expect(svg).toContain('&lt;script&gt;');
  });
});
