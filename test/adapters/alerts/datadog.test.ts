import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { monitorPage } from '../../../src/adapters/alerts/datadog.ts';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { alerts } from '../../support/all-adapters.ts';

type Monitor = Readonly<Record<string, unknown>> & { readonly tags?: readonly string[] };

const NOW = Date.parse('2030-01-07T10:00:00Z');
const group = (status: string, last_triggered_ts = NOW / 1_000 - 60) => ({ status, last_triggered_ts });
let server: TestServer;
let given: Monitor[];
/** What is answered when the downtimes of a monitor are asked for, by its id; absent: they are told. */
let broken: Readonly<Record<string, number>>;
/** Active downtimes of API v2 by the id of their monitor; null: the key may not read them. */
let downtimes: Readonly<Record<string, readonly { scope: string; groups: readonly string[] }[]>> | null;
beforeEach(async () => {
  given = [];
  downtimes = {};
  broken = {};
  server = await startHttpServer();
  server.answer = (request, response) => {
    const { headers } = request;
    if (headers['dd-api-key'] !== 'dd-secret-1' || headers['dd-application-key'] !== 'dd-secret-2') {
      return sendJson(response, { errors: ['Forbidden'] }, 403);
    }
    const { pathname, searchParams: query } = new URL(request.url ?? '', server.url);
    const [, id = null] = /^\/api\/v2\/monitor\/(\d+)\/downtime_matches$/.exec(pathname) ?? [];
    if (id !== null) {
      if (broken[id] !== undefined) return sendJson(response, { errors: ['No'] }, broken[id]);
      if (downtimes === null) return sendJson(response, { errors: ['Forbidden'] }, 403);
      const data = (downtimes[id] ?? []).map((one) => ({
        type: 'downtime_match',
        id: 'd-1',
        attributes: { ...one, start: '2030-01-07T09:00:00Z', end: null },
      }));
      return sendJson(response, { data });
    }
    if (pathname !== '/api/v1/monitor') return sendJson(response, { errors: ['Not found'] }, 404);
    const states = (query.get('group_states') ?? '').split(',');
    if (states.some((state) => !['all', 'alert', 'warn', 'no data'].includes(state))) {
      return sendJson(response, { errors: ['Invalid group_states'] }, 400);
    }
    const tags = (query.get('monitor_tags') ?? '').split(',');
    const size = Number(query.get('page_size'));
    const from = Number(query.get('page')) * size;
    const all = given.filter((monitor) => tags.every((tag) => monitor.tags?.includes(tag)));
    sendJson(
      response,
      all
        .slice(from, from + size)
        .map((monitor) =>
          query.get('with_downtimes') === 'true' ? monitor : { ...monitor, matching_downtimes: undefined },
        ),
    );
  };
});
afterEach(() => server.close());

const monitor = (id: number, more: Readonly<Record<string, unknown>> = {}): Monitor => ({
  id,
  name: `monitor ${id}`,
  type: 'query alert',
  tags: ['service:shop', 'severity:critical'],
  priority: null,
  overall_state: 'Alert',
  options: { silenced: {}, thresholds: { critical: 1 } },
  multi: false,
  matching_downtimes: [],
  ...more,
});

const open = (settings: Record<string, unknown> = {}, url = server.url, now = () => NOW) =>
  alerts.open(
    alerts.settings.parse({
      use: 'datadog',
      tags: ['service:shop'],
      'api-key': { env: 'DD' },
      'application-key': { env: 'APP' },
      api: url,
      timeout: '10s',
      ...settings,
    }),
    adapterContext({ env: { DD: 'dd-secret-1', APP: 'dd-secret-2' }, now }),
  );

meetsFaults({
  name: 'datadog',
  ask: (url, settings, signal) => open(settings, url).firing(signal),
  secrets: ['dd-secret-1', 'dd-secret-2'],
});

describe('datadog', () => {
  test('tells the monitors in alert, each group for itself', async () => {
    given = [
      monitor(1, { overall_state: 'OK' }),
      monitor(2, { draft_status: 'published' }),
      monitor(3, {
        tags: ['service:shop'],
        state: { groups: { 'host:a': group('Alert'), 'host:b': group('OK'), 'host:c': group('Alert') } },
      }),
      monitor(4, { overall_state: 'No Data' }),
      monitor(5, { overall_state: 'Warn' }),
      monitor(6, { tags: ['service:other'] }),
      monitor(7, { draft_status: 'draft' }),
    ];
    expect(await open().firing()).toEqual([
      { id: '2', name: 'monitor 2', critical: true, url: expect.stringMatching(/\/monitors\/2$/) },
      expect.objectContaining({
        id: '3:host:a',
        name: 'monitor 3 (host:a)',
        critical: false,
        since: NOW - 60_000,
      }),
      expect.objectContaining({ id: '3:host:c' }),
    ]);
  });

  test('does not count what is muted or has a downtime', async () => {
    const groups = { groups: { 'env:prod,host:a': group('Alert'), 'env:dev,host:b': group('Alert') } };
    given = [
      monitor(1, { options: { silenced: { '*': null } } }),
      monitor(2, { matching_downtimes: [{ id: 9, scope: ['env:prod'] }] }),
      monitor(3, { state: groups, matching_downtimes: [{ id: 9, scope: ['env:dev'] }] }),
      monitor(4, { state: groups, options: { silenced: { 'env:prod,host:a': 1_900_000_000 } } }),
    ];
    expect((await open().firing()).map(({ id }) => id)).toEqual(['3:env:prod,host:a', '4:env:dev,host:b']);
  });

  test('does not count what has a downtime of API v2, which a monitor does not tell', async () => {
    const groups = { groups: { 'env:prod,host:a': group('Alert'), 'env:dev,host:b': group('Alert') } };
    given = [
      monitor(1),
      monitor(2, { state: groups }),
      monitor(3, { state: groups }),
      monitor(4, { state: groups }),
      monitor(5, { overall_state: 'OK' }),
      monitor(6),
    ];
    downtimes = {
      1: [{ scope: 'env:prod', groups: [] }],
      2: [{ scope: '*', groups: [] }],
      3: [{ scope: 'env:(dev OR qa)', groups: ['env:dev,host:b'] }],
      4: [{ scope: 'env:prod AND host:a', groups: [] }],
    };
    const ids = async () => (await open().firing()).map(({ id }) => id);
    expect(await ids()).toEqual(['3:env:prod,host:a', '4:env:dev,host:b', '6']);
    expect(server.requests.filter(({ path }) => path.includes('/monitor/5/'))).toEqual([]);
    downtimes = null;
    expect(await ids(), 'a key that may not read them counts all').toHaveLength(8);
  });

  test('loses no alert where downtimes cannot be asked for, and keeps those of before for a while', async () => {
    given = [monitor(1), monitor(2), monitor(3)];
    downtimes = { 1: [{ scope: '*', groups: [] }], 2: [{ scope: '*', groups: [] }] };
    let now = NOW;
    const source = open({}, server.url, () => now);
    const ids = async (one = source) => (await one.firing()).map(({ id }) => id);
    for (const status of [400, 404, 429, 500]) {
      broken = { 1: status };
      expect(await ids(open()), `${status}`).toEqual(['1', '3']);
    }
    broken = {};
    expect(await ids()).toEqual(['3']);
    broken = { 1: 503 };
    expect(await ids(), 'no alarm because one answer is lost').toEqual(['3']);
    now += 600_000;
    expect(await ids()).toEqual(['1', '3']);
  });

  test('asks for few downtimes at once, of critical monitors first, and no more where nobody answers', async () => {
    given = Array.from({ length: 60 }, (_, nth) =>
      monitor(nth + 1, nth < 55 ? { tags: ['service:shop'] } : {}),
    );
    const asked = () =>
      server.requests.flatMap(({ path }) => /monitor\/(\d+)\/downtime/.exec(path)?.[1] ?? []).map(Number);
    broken = { 58: 503 };
    expect(await open().firing()).toHaveLength(60);
    expect(asked().sort()).toEqual([56, 57, 58, 59, 60]);
  });

  test('waits until the limit begins anew', async () => {
    server.answer = (_, response) => response.writeHead(429, { 'x-ratelimit-reset': '42' }).end('{}');
    await expect(open().firing()).rejects.toMatchObject({ name: 'Unavailable', retryAfterMs: 42_000 });
    server.answer = (_, response) => response.writeHead(500, { 'x-ratelimit-reset': '42' }).end('{}');
    await expect(open().firing(), 'no limit').rejects.toMatchObject({ retryAfterMs: undefined });
  });

  test.each([
    ['https://api.datadoghq.com', 'https://app.datadoghq.com'],
    ['https://api.datadoghq.eu/', 'https://app.datadoghq.eu'],
    ['https://api.ddog-gov.com', 'https://app.ddog-gov.com'],
    ['https://api.us5.datadoghq.com', 'https://us5.datadoghq.com'],
    ['https://api.us2.ddog-gov.com', 'https://us2.ddog-gov.com'],
  ])('of %s leads to %s', (api, web) => {
    expect(monitorPage(api, 7)).toBe(`${web}/monitors/7`);
  });

  test('is critical by tag or by priority', async () => {
    given = [
      monitor(1, { tags: ['service:shop'], priority: 1 }),
      monitor(2, { tags: ['service:shop'], priority: 2 }),
      monitor(3, { tags: ['service:shop', 'page:yes'], priority: 5 }),
    ];
    const critical = async (settings = {}) =>
      (await open(settings).firing()).filter((alert) => alert.critical).map(({ id }) => id);
    expect(await critical()).toEqual(['1']);
    expect(await critical({ critical: { tags: ['page:yes'], priority: 0 } })).toEqual(['3']);
  });

  test('tags that no monitor has are no good news', async () => {
    given = [monitor(6, { tags: ['service:other'] })];
    await expect(open().firing()).rejects.toMatchObject({
      code: 'source-blind',
      facts: { reason: 'no monitor has the tags service:shop' },
    });
  });

  test('reads page by page', async () => {
    given = Array.from({ length: 250 }, (_, index) => monitor(index + 1));
    expect(await open().firing()).toHaveLength(250);
    const pages = server.requests.filter(({ path }) => path.startsWith('/api/v1/'));
    expect(pages).toHaveLength(3);
    expect(server.requests.length - pages.length, 'no more than these are asked for').toBe(50);
    given = Array.from({ length: 1_100 }, (_, index) => monitor(index + 1));
    await expect(open().firing()).rejects.toMatchObject({
      code: 'source-blind',
      facts: { reason: expect.stringContaining('1,000 or more monitors have the tags') },
    });
  });
});
