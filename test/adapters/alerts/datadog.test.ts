import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { alerts } from '../../support/all-adapters.ts';

type Monitor = Readonly<Record<string, unknown>> & { readonly tags?: readonly string[] };

const NOW = Date.parse('2030-01-07T10:00:00Z');
const group = (status: string, last_triggered_ts = NOW / 1_000 - 60) => ({ status, last_triggered_ts });
let server: TestServer;
let given: Monitor[];
beforeEach(async () => {
  given = [];
  server = await startHttpServer();
  server.answer = (request, response) => {
    const { headers } = request;
    if (headers['dd-api-key'] !== 'dd-secret-1' || headers['dd-application-key'] !== 'dd-secret-2') {
      return sendJson(response, { errors: ['Forbidden'] }, 403);
    }
    const { pathname, searchParams: query } = new URL(request.url ?? '', server.url);
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

const open = (settings: Record<string, unknown> = {}, url = server.url) =>
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
    adapterContext({ env: { DD: 'dd-secret-1', APP: 'dd-secret-2' }, now: () => NOW }),
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
      monitor(2),
      monitor(3, {
        tags: ['service:shop'],
        state: { groups: { 'host:a': group('Alert'), 'host:b': group('OK'), 'host:c': group('Alert') } },
      }),
      monitor(4, { overall_state: 'No Data' }),
      monitor(5, { overall_state: 'Warn' }),
      monitor(6, { tags: ['service:other'] }),
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
    expect(server.requests).toHaveLength(3);
    given = Array.from({ length: 1_100 }, (_, index) => monitor(index + 1));
    await expect(open().firing()).rejects.toMatchObject({
      code: 'source-blind',
      facts: { reason: expect.stringContaining('1,000 or more monitors have the tags') },
    });
  });
});
