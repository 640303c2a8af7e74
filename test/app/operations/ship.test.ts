import { Ajv2020 } from 'ajv/dist/2020.js';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openApi } from '../../../src/app/operations/api/api.ts';
import { apiDescription } from '../../../src/app/operations/api/description.ts';
import { serveOperations } from '../../../src/app/operations/server.ts';
import { ApiSettings } from '../../../src/config/settings/api.ts';
import { Unavailable, UnavailableAfterwards } from '../../../src/domain/refusals/refusal.ts';
import { House } from '../../flows/house.ts';

const TODAY = new Date().toISOString().slice(0, 10);
const env = {
  OLD: 'old-token-of-24-letters',
  LAST: 'last-token-of-24-letters',
  ADA: 'ada-token-of-24-letters!',
  CI: 'ci-token-of-24-letters',
  READ: 'read-token-of-24-letters',
  SITE: 'site-token-of-24-letters',
};
const OF_ADA = { name: 'terminal', token: { env: 'ADA' }, scopes: ['ship'], 'acts-for': 'U0ADA' };
const settings = ApiSettings.parse({
  tokens: [
    OF_ADA,
    { name: 'ci', token: { env: 'CI' }, scopes: ['ship'], 'acts-for': 'pipeline', services: ['shop'] },
    { ...OF_ADA, name: 'old', token: { env: 'OLD' }, expires: '2026-01-31' },
    { ...OF_ADA, name: 'last day', token: { env: 'LAST' }, expires: TODAY },
    { name: 'dashboard', token: { env: 'READ' }, scopes: ['status', 'history', 'dora'] },
    { name: 'site', token: { env: 'SITE' }, scopes: ['ship'], 'acts-for': 'pipeline', services: ['site'] },
  ],
});
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
ajv.addSchema({ $id: 'api', ...apiDescription() });
const KEY = 'run-4711-1';

let house: House;
let server: Awaited<ReturnType<typeof serveOperations>>;
let runs: ReturnType<House['requests']>['runs'];

async function serve(given = new House()) {
  house = given;
  const { people } = house;
  const profile = people.profile.bind(people);
  people.profile = (user) => {
    if (user.startsWith('pipeline')) throw new Error('Slack is asked about a pipeline.');
    return profile(user);
  };
  const api = openApi(settings, ['shop', 'site'], env);
  const requests = house.requests();
  ({ runs } = requests);
  server = await serveOperations(
    { host: '127.0.0.1', port: 0 },
    {
      readiness: () => Promise.reject(new Error('not asked')),
      metrics: () => Promise.reject(new Error('not asked')),
      api: (question) => api(question, requests),
    },
    pino({ level: 'silent' }),
  );
}

interface Wanted {
  readonly token?: keyof typeof env | null;
  readonly key?: string | null;
  readonly body?: unknown;
  readonly service?: string;
}

/** The answer, held against the description. */
async function ship({ token = 'CI', key = KEY, body = {}, service = 'shop' }: Wanted = {}) {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/services/${service}/promotions`, {
    method: 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${env[token]}` }),
      ...(key === null ? {} : { 'idempotency-key': key }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as { id: string; code: string; message: string };
  const path = encodeURI(`~1api~1v1~1services~1{service}~1promotions`);
  const validate = ajv.getSchema(
    `api#/paths/${path}/post/responses/${response.status}/content/application~1json/schema`,
  );
  expect(validate, `${response.status} is described`).toBeDefined();
  expect(validate?.(answer), ajv.errorsText(validate?.errors)).toBe(true);
  return { status: response.status, ...answer };
}

const opened = () => house.ledger.recent({ limit: 100 });
const rows = async () =>
  (await house.ledger.auditTrail({ limit: 100 }))
    .map(({ actor, action, result, source }) => ({ actor, action, result, source }))
    .reverse();

beforeEach(() => serve());
afterEach(() => server.close());

describe('shipping over the API', () => {
  test('starts a promotion for a pipeline, which is named and is nobody in Slack', async () => {
    const answer = await ship({ body: { bump: 'minor', note: 'payday' } });
    expect(answer).toMatchObject({
      status: 200,
      state: 'checking',
      by: 'pipeline ci',
      token: null,
      thread: `https://slack.test/${answer.id}`,
    });
    expect(await house.ledger.get(answer.id)).toMatchObject({
      request: { service: 'shop', bump: 'minor', note: 'payday', by: 'pipeline ci' },
    });
    expect(await rows()).toEqual([
      { actor: 'pipeline ci', action: 'promotion.opened', result: 'done', source: { via: 'api' } },
    ]);
    expect(await house.ledger.deciders(answer.id)).toMatchObject({ requester: 'pipeline ci' });
  });

  test('starts a promotion in the name of a person, and says with which token', async () => {
    const answer = await ship({ token: 'ADA' });
    expect(answer).toMatchObject({ status: 200, by: 'U0ADA', token: 'terminal' });
    expect(await rows()).toEqual([
      {
        actor: 'U0ADA',
        action: 'promotion.opened',
        result: 'done',
        source: { via: 'api', token: 'terminal' },
      },
    ]);
    // So she may not approve it herself.
    expect(await house.ledger.deciders(answer.id)).toMatchObject({ requester: 'U0ADA' });
  });

  test('makes one promotion of a request that is sent again, also when it is over', async () => {
    const tries = await Promise.all([ship(), ship(), ship()]);
    const [{ id } = { id: '' }] = tries;
    expect(tries.map((one) => one.id)).toEqual([id, id, id]);
    await house.ledger.change(id, { to: 'cancelled' });
    expect(await ship()).toMatchObject({ status: 200, id, state: 'cancelled' });
    expect(await opened()).toHaveLength(1);
    expect((await ship({ key: 'run-4711-2' })).id).not.toBe(id);
  });

  test('is refused in the audit as it is for whoever asks, however often it is tried', async () => {
    await ship({ token: 'ADA' });
    for (let tries = 0; tries < 3; tries += 1)
      expect(await ship()).toMatchObject({ status: 409, code: 'promotion-open' });
    expect((await rows()).map(({ actor, result }) => `${actor} ${result}`)).toEqual([
      'U0ADA done',
      ...Array(3).fill('pipeline ci refused'),
    ]);
  });

  test('takes the same key of another token for another request, and not for another wish', async () => {
    const { id } = await ship();
    expect(await ship({ token: 'ADA' })).toMatchObject({ status: 409, code: 'promotion-open' });
    expect(await ship({ body: { bump: 'major' } })).toMatchObject({ status: 422, code: 'key-used' });
    expect((await opened()).map((one) => one.id)).toEqual([id]);
  });

  test('goes on where a crash was between taking the key and opening', async () => {
    const { open } = house.ledger;
    house.ledger.open = () => Promise.reject(new Unavailable('the database', 'the bot was killed'));
    expect(await ship()).toMatchObject({ status: 503, code: 'unavailable' });
    house.ledger.open = open;
    expect(await ship()).toMatchObject({ status: 200, by: 'pipeline ci' });
    expect(await opened()).toHaveLength(1);
  });

  test('is not told of the promotion of somebody else as its own, after such a crash', async () => {
    const { open } = house.ledger;
    house.ledger.open = () => Promise.reject(new Unavailable('the database', 'the bot was killed'));
    await ship();
    house.ledger.open = open;
    const { id } = await ship({ token: 'ADA' });
    expect(await ship()).toMatchObject({
      status: 409,
      code: 'promotion-open',
      message: expect.stringContaining(id),
    });
    expect(await opened()).toHaveLength(1);
  });

  test('says that it was taken when only Slack does not answer any more', async () => {
    house.slack.refresh = () =>
      Promise.reject(new UnavailableAfterwards(new Unavailable('Slack', 'it is away')));
    expect(await ship()).toMatchObject({ status: 200, state: 'checking' });
  });

  test('says that it was taken also where nothing can begin yet', async () => {
    runs.start = () => Promise.reject(new Error('not launched'));
    expect(await ship()).toMatchObject({ status: 200, state: 'checking' });
    expect(await ship()).toMatchObject({ status: 200, state: 'checking' });
    expect(await opened()).toHaveLength(1);
  });

  test.each([
    ['no token', { token: null }, 401, 'no-token'],
    ['a token whose time is over', { token: 'OLD' }, 401, 'token-expired'],
    ['a token that only reads', { token: 'READ' }, 403, 'no-scope'],
    ['a token of another service', { token: 'SITE' }, 404, 'service-unknown'],
    ['a service that does not exist', { service: 'shpo', token: 'ADA' }, 404, 'service-unknown'],
    ['no key', { key: null }, 400, 'key-missing'],
    ['a key that is too short', { key: '1' }, 400, 'key-missing'],
    ['a body that is no JSON', { body: '{bump' }, 400, 'body-invalid'],
    ['a bump that does not exist', { body: { bump: 'huge' } }, 400, 'body-invalid'],
    ['to break the glass', { body: { override: 'now' } }, 400, 'body-invalid'],
  ] as const)('refuses %s', async (_what, wanted, status, code) => {
    expect(await ship(wanted)).toMatchObject({ status, code });
    expect(await opened()).toEqual([]);
  });

  test('takes a token on its last day', async () => {
    expect(await ship({ token: 'LAST' })).toMatchObject({ status: 200, token: 'last day' });
  });

  test('holds to locks and permissions, and leaves a row of each refusal', async () => {
    const until = Date.UTC(2099, 0, 1);
    await house.ledger.lock({ service: 'shop', owner: 'U_GRACE', reason: 'migration', until });
    expect(await ship()).toMatchObject({
      status: 409,
      code: 'locked',
      message: expect.stringMatching(/migration\. By U_GRACE\. Until 2099-01-01T00:00:00\.000Z\. /),
    });
    expect((await rows()).at(-1)).toMatchObject({
      actor: 'pipeline ci',
      action: 'promotion.opened',
      result: 'refused',
    });
    // What was refused may be asked again with the same key.
    await house.ledger.unlock('shop', 'U_GRACE');
    expect(await ship()).toMatchObject({ status: 200 });
    await server.close();
    await serve(new House({ start: { users: ['U_GRACE'], groups: [] } }));
    expect(await ship({ token: 'ADA' })).toMatchObject({ status: 403, code: 'not-allowed' });
    expect((await rows()).at(-1)).toMatchObject({
      actor: 'U0ADA',
      result: 'refused',
      source: { token: 'terminal' },
    });
    // The settings of its token say what a pipeline may start.
    expect(await ship()).toMatchObject({ status: 200 });
  });

  test('turns away a token that asks too often', async () => {
    const { id } = await ship({ body: '' });
    for (let number = 1; number < 10; number += 1) await ship({ key: `run-4711-1-${number}` });
    expect(await ship({ key: 'run-4711-1-10' })).toMatchObject({ status: 429, code: 'too-many' });
    // The same request again starts nothing.
    expect(await ship()).toMatchObject({ status: 200, id });
    expect(await ship({ token: 'ADA' })).toMatchObject({ status: 409 });
  });

  test('reads no body that is longer than any request is', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/services/shop/promotions`, {
      method: 'POST',
      body: 'x'.repeat(5_000_000),
    });
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'too-long' }]);
    const elsewhere = await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' });
    expect([elsewhere.status, elsewhere.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const method = await fetch(`http://127.0.0.1:${server.port}/api/v1/services/shop`, { method: 'DELETE' });
    expect([method.status, await method.json()]).toMatchObject([405, { code: 'method' }]);
  });

  test('shows a promotion to whoever may ship the service', async () => {
    const { id } = await ship();
    const ask = async (token: keyof typeof env, name = id) => {
      const url = `http://127.0.0.1:${server.port}/api/v1/services/shop/promotions/${name}`;
      return (await fetch(url, { headers: { authorization: `Bearer ${env[token]}` } })).status;
    };
    expect(await ask('CI')).toBe(200);
    expect(await ask('SITE')).toBe(404);
    expect(await ask('READ')).toBe(403);
    expect(await ask('CI', 'shop-nothing')).toBe(404);
    expect(await ask('ADA')).toBe(200);
    // What they may not see in Slack their token does not show either.
    house.people.outsideChannel.add('U0ADA');
    expect(await ask('ADA')).toBe(403);
    expect(await ask('CI')).toBe(200);
  });
});

describe('the settings of a token that ships', () => {
  test.each([
    ['nobody to act for', { ...OF_ADA, 'acts-for': undefined }],
    ['a day that there is not', { ...OF_ADA, expires: '2027-02-30' }],
    ['a name instead of an id', { ...OF_ADA, 'acts-for': 'ada' }],
    ['somebody to act for and nothing to do', { ...OF_ADA, scopes: ['status'] }],
    [
      'a pipeline that is no word',
      { ...OF_ADA, name: 'last day', 'acts-for': 'pipeline', services: ['shop'] },
    ],
    ['a pipeline of everything', { ...OF_ADA, 'acts-for': 'pipeline' }],
  ])('are refused: %s', (_what, token) => {
    expect(ApiSettings.safeParse({ tokens: [token] }).success).toBe(false);
  });

  test('have a name of their own', () => {
    expect(ApiSettings.safeParse({ tokens: [OF_ADA] }).success).toBe(true);
    expect(ApiSettings.safeParse({ tokens: [OF_ADA, OF_ADA] }).success).toBe(false);
  });
});
