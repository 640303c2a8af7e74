import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { alerts } from '../../support/all-adapters.ts';

const NOW = Date.parse('2030-01-07T10:00:00Z');

interface Given {
  readonly labels: Readonly<Record<string, string>>;
  readonly state?: string;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly silencedBy?: readonly string[];
  readonly mutedBy?: readonly string[];
  readonly fingerprint?: string;
}

let server: TestServer;
let given: readonly Given[];
let heedsFilters: boolean;
beforeEach(async () => {
  given = [];
  heedsFilters = true;
  server = await startHttpServer();
  server.answer = (request, response) => {
    const url = new URL(request.url ?? '', server.url);
    if (!/^(\/am|\/api\/alertmanager\/[\w-]+)\/api\/v2\/alerts$/.test(url.pathname))
      return sendJson(response, {}, 404);
    const filters = url.searchParams.getAll('filter');
    const bad = filters.find((filter) => !/^[a-zA-Z_]\w*=".*"$/.test(filter));
    if (bad !== undefined) return sendJson(response, `bad matcher format: ${bad}`, 400);
    const active = ['silenced', 'inhibited'].map((flag) => url.searchParams.get(flag));
    if (active.some((flag) => flag !== 'false')) return sendJson(response, 'strict', 400);
    const fits = ({ labels }: Given) =>
      !heedsFilters ||
      filters.every((filter) => {
        const [label = '', value = ''] = filter.split(/=(.*)/s);
        return labels[label] === JSON.parse(value);
      });
    sendJson(response, given.filter(fits).map(shape));
  };
});
afterEach(() => server.close());

function shape(alert: Given, index: number) {
  return {
    annotations: {},
    endsAt: alert.endsAt ?? '2030-01-07T10:04:00Z',
    fingerprint: alert.fingerprint ?? `f${index}`,
    receivers: [{ name: 'default' }],
    startsAt: alert.startsAt ?? '2030-01-07T09:30:00.123Z',
    status: {
      inhibitedBy: [],
      silencedBy: alert.silencedBy ?? [],
      state: alert.state ?? 'active',
      ...(alert.mutedBy ? { mutedBy: alert.mutedBy } : {}),
    },
    updatedAt: '2030-01-07T09:59:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
    labels: alert.labels,
  };
}

const open = (settings: Record<string, unknown> = {}, url = server.url) =>
  alerts.open(
    alerts.settings.parse({
      use: 'alertmanager',
      url: `${url}/am/`,
      labels: { service: 'shop' },
      timeout: '10s',
      bearer: { env: 'AM_TOKEN' },
      ...settings,
    }),
    adapterContext({ env: { AM_TOKEN: 'am-secret-1', PASSWORD: 'am-secret-2' }, now: () => NOW }),
  );
const grafana = (settings: Record<string, unknown> = {}, url = server.url) =>
  alerts.open(
    alerts.settings.parse({
      use: 'grafana',
      url,
      labels: { service: 'shop' },
      timeout: '10s',
      token: { env: 'AM_TOKEN' },
      ...settings,
    }),
    adapterContext({ env: { AM_TOKEN: 'am-secret-1' }, now: () => NOW }),
  );

meetsFaults({
  name: 'alertmanager',
  ask: (url, settings, signal) => open(settings, url).firing(signal),
  secrets: ['am-secret-1'],
});
meetsFaults({
  name: 'grafana',
  ask: (url, settings, signal) => grafana(settings, url).firing(signal),
  secrets: ['am-secret-1'],
});

describe('alertmanager', () => {
  const shop = (alertname: string, severity = 'critical') => ({ alertname, severity, service: 'shop' });

  test('tells what fires of the service, and what of it is critical', async () => {
    given = [
      { labels: shop('ShopDown') },
      { labels: shop('Slow', 'warning') },
      { labels: { ...shop('OtherDown'), service: 'other' } },
    ];
    expect(await open().firing()).toEqual([
      {
        id: 'f0',
        name: 'ShopDown',
        critical: true,
        since: Date.parse('2030-01-07T09:30:00.123Z'),
        url: 'http://prometheus:9090/graph?g0.expr=up',
      },
      expect.objectContaining({ id: 'f1', name: 'Slow', critical: false }),
    ]);
    expect(await open().preflight()).toBe('Alertmanager answers: 2 alerts fire, 1 of them critical.');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer am-secret-1');
  });

  test('does not count what is silenced, inhibited, muted, over or not yet looked at', async () => {
    given = [
      { labels: shop('A'), state: 'suppressed', silencedBy: ['s1'] },
      { labels: shop('B'), silencedBy: ['s1'] },
      { labels: shop('C'), mutedBy: ['night'] },
      { labels: shop('D'), endsAt: '2030-01-07T09:59:00Z' },
      { labels: shop('E'), state: 'unprocessed' },
      { labels: shop('F'), endsAt: '0001-01-01T00:00:00.000Z' },
    ];
    expect((await open().firing()).map(({ name }) => name)).toEqual(['F']);
    given = [];
    expect(await open().preflight()).toBe('Alertmanager answers: no alerts fire.');
  });

  test('picks by labels itself where the other side does not heed them', async () => {
    heedsFilters = false;
    given = [{ labels: { ...shop('OtherDown'), service: 'other' } }, { labels: shop('ShopDown') }];
    expect((await open().firing()).map(({ name }) => name)).toEqual(['ShopDown']);
    expect(await open({ labels: { service: 'shop', env: 'a "quoted" one' } }).firing()).toEqual([]);
  });

  test('has other labels for what is critical', async () => {
    given = [{ labels: { ...shop('Paged', 'p1'), team: 'a' } }, { labels: shop('Noted', 'p3') }];
    const source = open({ critical: { severity: ['p1', 'p2'] } });
    expect((await source.firing()).map(({ name, critical }) => [name, critical])).toEqual([
      ['Paged', true],
      ['Noted', false],
    ]);
  });

  test('tells each alert once, and bounds what it is told', async () => {
    given = [
      ...Array.from({ length: 3 }, () => ({ labels: shop('Same'), fingerprint: 'same' })),
      { labels: { ...shop('x'.repeat(5_000)), service: 'shop' }, startsAt: '2099-01-01T00:00:00Z' },
    ];
    const firing = await open().firing();
    expect(firing.map(({ name }) => name.length)).toEqual([4, 200]);
    expect(firing[1]?.since, 'a time to come says nothing').toBeUndefined();
  });

  test('signs in with user and password, and quotes why a question is refused', async () => {
    const basic = { bearer: undefined, basic: { user: 'bot', password: { env: 'PASSWORD' } } };
    await open(basic).firing();
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('bot:am-secret-2')}`);
    server.answer = (_, response) => sendJson(response, 'bad matcher format: x', 400);
    await expect(open().firing()).rejects.toMatchObject({
      code: 'source-refused',
      facts: { source: 'Alertmanager', reason: 'bad matcher format: x (400)' },
    });
  });

  test('sends no token in the clear', () => {
    const parse = (url: string, more = {}) =>
      alerts.settings.safeParse({ use: 'alertmanager', url, labels: { a: 'b' }, ...more }).success;
    expect(parse('http://am.example')).toBe(true);
    expect(parse('http://am.example', { bearer: { env: 'T' } })).toBe(false);
    expect(parse('http://am.example', { basic: { user: 'a', password: { env: 'T' } } })).toBe(false);
    expect(parse('https://am.example', { bearer: { env: 'T' } })).toBe(true);
    expect(
      alerts.settings.safeParse({ use: 'alertmanager', url: 'https://am.example', labels: {} }).success,
    ).toBe(false);
  });
});

describe('grafana', () => {
  test('is asked at its own Alertmanager; a rule without data is told, and not critical', async () => {
    given = [
      { labels: { alertname: 'ShopDown', severity: 'critical', service: 'shop' } },
      {
        labels: { alertname: 'DatasourceNoData', rulename: 'Latency', severity: 'critical', service: 'shop' },
      },
      { labels: { alertname: 'DatasourceError', severity: 'critical', service: 'shop' } },
    ];
    const firing = await grafana().firing();
    expect(firing.map(({ name, critical }) => [name, critical])).toEqual([
      ['ShopDown', true],
      ['Latency (gets no data)', false],
      ['a rule (cannot be evaluated)', false],
    ]);
    expect(server.requests[0]?.path).toMatch(/^\/api\/alertmanager\/grafana\/api\/v2\/alerts\?/);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer am-secret-1');
    await grafana({ alertmanager: 'mimir-uid' }).firing();
    expect(server.requests[1]?.path).toMatch(/^\/api\/alertmanager\/mimir-uid\//);
  });
});
