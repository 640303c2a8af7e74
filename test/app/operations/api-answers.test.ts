import { beforeEach, describe, expect, test } from 'vitest';
import { type ApiQuestion, openApi } from '../../../src/app/operations/api/api.ts';
import { ApiSettings } from '../../../src/config/settings/api.ts';
import { House } from '../../flows/house.ts';

const env = {
  READ: 'read-token-of-24-letters',
  SITE: 'site-token-of-24-letters',
  OLD: 'old-token-of-24-letters',
};
const settings = ApiSettings.parse({
  tokens: [
    { name: 'dashboard', token: { env: 'READ' }, scopes: ['status'] },
    {
      name: 'site',
      token: { env: 'SITE' },
      scopes: ['ship'],
      'acts-for': 'pipeline',
      services: ['site', 'shop'],
    },
    { name: 'old', token: { env: 'OLD' }, scopes: ['status'], expires: '2026-01-31' },
  ],
  badges: ['shop'],
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let house: House;
let ask: (
  path: string,
  more?: Partial<ApiQuestion> & { readonly token?: keyof typeof env },
) => Promise<Answered>;
interface Answered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

beforeEach(() => {
  house = new House();
  // The second one was left out at the start.
  const api = openApi(settings, ['shop', 'site'], env);
  const requests = house.requests();
  ask = async (path, { token, ...more } = {}) => {
    const authorization = token && `Bearer ${env[token]}`;
    const question = { method: 'GET', query: new URLSearchParams(), key: '', body: '', ...more } as const;
    return (await api({ ...question, path, authorization }, requests)) ?? { body: '' };
  };
});

describe('the API', () => {
  test('tells a token of no service that it does not see, also about one that was left out', async () => {
    const answer = await ask('/api/v1/services/site/promotions', {
      method: 'POST',
      token: 'SITE',
      key: 'run-4711-1',
    });
    expect(answer).toMatchObject({ status: 404, body: expect.stringContaining('service-unknown') });
    expect(answer.body).not.toContain('shop');
  });

  test.each(['%00', 'a%2Fb', 'x'.repeat(101)])('knows no promotion %s', async (id) => {
    expect(await ask(`/api/v1/services/shop/promotions/${id}`, { token: 'SITE' })).toMatchObject({
      status: 404,
      body: expect.stringContaining('promotion-unknown'),
    });
  });

  test.each([
    ['POST', '/api/v1/openapi.json', 'GET, HEAD'],
    ['POST', '/api/v1/services', 'GET, HEAD'],
    ['POST', '/api/v1/services/shop/history', 'GET, HEAD'],
    ['GET', '/api/v1/services/shop/promotions', 'POST'],
  ] as const)('takes no %s of %s', async (method, path, allow) => {
    expect(await ask(path, { method, token: 'SITE' })).toMatchObject({ status: 405, headers: { allow } });
  });

  test('says how to ask, and when again', async () => {
    const shop = '/api/v1/services/shop';
    expect((await ask(shop)).headers).toEqual({ 'www-authenticate': 'Bearer' });
    const api = openApi(settings, ['shop', 'site'], env);
    const authorization = `Bearer ${env.READ}`;
    const query = new URLSearchParams();
    const off = await api({ method: 'GET', path: shop, query, authorization, key: '', body: '' }, null);
    expect(off).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  test('shows a badge that is for everybody also to a token whose time is over', async () => {
    expect(await ask('/badge/shop.svg', { token: 'OLD' })).toMatchObject({ status: 200 });
    expect(await ask('/badge/site.svg', { token: 'OLD' })).toMatchObject({ status: 401 });
  });

  test('says what a slow target says as soon as it has said it, and until it says something else', async () => {
    const live = house.target.live.bind(house.target);
    house.target.live = async () => {
      await pause(2_200);
      return live();
    };
    const shown = async () => JSON.parse((await ask('/api/v1/services/shop', { token: 'READ' })).body).live;
    expect(await shown()).toBeNull();
    await pause(400);
    expect(await shown()).toBe('1.2.0');
  });
});
