import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { alerts } from '../../support/all-adapters.ts';

interface Given {
  readonly id: string;
  readonly title?: string;
  readonly status?: string;
  readonly urgency?: string;
  readonly priority?: string;
  readonly service?: string;
  readonly created?: string;
}

const SERVICES = ['PSHOP01', 'PSHOP02', 'POTHER1'];
let server: TestServer;
let given: Given[];
beforeEach(async () => {
  given = [];
  server = await startHttpServer();
  server.answer = (request, response) => {
    const { authorization, accept } = request.headers;
    const refused = (status: number, message: string, errors: string[] = []) =>
      sendJson(response, { error: { message, code: 2001, errors } }, status);
    if (authorization !== 'Token token=pd-secret-1') return refused(401, 'Unauthorized');
    if (accept !== 'application/vnd.pagerduty+json;version=2') return refused(400, 'Invalid version');
    const url = new URL(request.url ?? '', server.url);
    const [, service] = /^\/services\/(\w+)$/.exec(url.pathname) ?? [];
    if (service !== undefined) {
      return SERVICES.includes(service)
        ? sendJson(response, { service: { id: service, name: 'Shop' } })
        : refused(404, 'Not Found');
    }
    if (url.pathname !== '/incidents') return refused(404, 'Not Found');
    const { searchParams: query } = url;
    const limit = Number(query.get('limit') ?? 25);
    const offset = Number(query.get('offset') ?? 0);
    if (limit > 100 || offset + limit > 10_000)
      return refused(400, 'Invalid Input Provided', ['Limit is too high']);
    if (query.get('date_range') !== 'all') return refused(400, 'strict: only a month');
    const ids = query.getAll('service_ids[]');
    const statuses = query.getAll('statuses[]');
    const all = given
      .map(shape)
      .filter((one) => ids.includes(one.service.id) && statuses.includes(one.status));
    if (!['created_at:asc', 'created_at:desc'].includes(query.get('sort_by') ?? 'created_at:asc'))
      return refused(400, 'Invalid Input Provided', ['Sort by is invalid']);
    const sign = query.get('sort_by') === 'created_at:desc' ? -1 : 1;
    all.sort((a, b) => sign * a.created_at.localeCompare(b.created_at));
    const incidents = all.slice(offset, offset + limit);
    sendJson(response, { incidents, limit, offset, total: null, more: offset + limit < all.length });
  };
});
afterEach(() => server.close());

function shape({
  id,
  title = id,
  status = 'triggered',
  urgency = 'high',
  priority,
  service = 'PSHOP01',
  created = '2030-01-07T09:30:00Z',
}: Given) {
  return {
    id,
    type: 'incident',
    summary: `[#1] ${title}`,
    title,
    status,
    urgency,
    created_at: created,
    html_url: `https://acme.pagerduty.com/incidents/${id}`,
    priority: priority === undefined ? null : { id: 'PP', type: 'priority_reference', summary: priority },
    service: { id: service, type: 'service_reference', summary: 'Shop' },
  };
}

const open = (settings: Record<string, unknown> = {}, url = server.url, secret = 'pd-secret-1') =>
  alerts.open(
    alerts.settings.parse({
      use: 'pagerduty',
      services: ['PSHOP01'],
      token: { env: 'PD' },
      api: url,
      timeout: '10s',
      ...settings,
    }),
    adapterContext({ env: { PD: secret }, now: () => Date.parse('2030-01-07T10:00:00Z') }),
  );

meetsFaults({
  name: 'pagerduty',
  ask: (url, settings, signal) => open(settings, url).firing(signal),
  secrets: ['pd-secret-1'],
});

describe('pagerduty', () => {
  test('tells the open incidents of its services; urgent ones are critical', async () => {
    given = [
      { id: 'Q1', title: 'Shop is down' },
      { id: 'Q2', status: 'acknowledged', urgency: 'low' },
      { id: 'Q3', status: 'resolved' },
      { id: 'Q4', service: 'POTHER1' },
      { id: 'Q5', service: 'PSHOP02', urgency: 'low' },
    ];
    expect(await open().firing()).toEqual([
      {
        id: 'Q1',
        name: 'Shop is down',
        critical: true,
        since: Date.parse('2030-01-07T09:30:00Z'),
        url: 'https://acme.pagerduty.com/incidents/Q1',
      },
      expect.objectContaining({ id: 'Q2', critical: false }),
    ]);
    const both = await open({ services: ['PSHOP01', 'PSHOP02'] }).firing();
    expect(both.map(({ id }) => id)).toEqual(['Q1', 'Q2', 'Q5']);
    expect(await open().preflight()).toBe('PagerDuty answers: 2 alerts fire, 1 of them critical.');
  });

  test('can be critical by priority', async () => {
    given = [
      { id: 'Q1' },
      { id: 'Q2', priority: 'P1' },
      { id: 'Q3', priority: 'P3' },
      { id: 'Q4', priority: 'P1', urgency: 'low' },
    ];
    const firing = await open({ critical: { priority: ['P1', 'P2'] } }).firing();
    expect(firing.filter(({ critical }) => critical).map(({ id }) => id)).toEqual(['Q2']);
  });

  test('reads page by page, and not for ever', async () => {
    given = Array.from({ length: 230 }, (_, index) => ({ id: `Q${index}` }));
    expect(await open().firing()).toHaveLength(230);
    given = Array.from({ length: 900 }, (_, index) => ({ id: `Q${index}` }));
    given = [...given, { id: 'QNEW', created: '2030-01-07T09:59:00Z' }];
    const firing = await open().firing();
    expect(firing).toHaveLength(500);
    expect(firing[0]?.id).toBe('QNEW');
  });

  test('a service that is not there has no incidents, and is no good news', async () => {
    await expect(open({ services: ['PNOBODY'] }).firing()).rejects.toMatchObject({
      code: 'source-refused',
      facts: { reason: 'Not Found (404)' },
    });
    const source = open();
    await source.firing();
    await source.firing();
    expect(server.requests.filter(({ path }) => path.startsWith('/services/PSHOP'))).toHaveLength(1);
  });

  test('a wrong token is said, without it', async () => {
    await expect(open({}, server.url, 'pd-wrong-2').firing()).rejects.toMatchObject({
      code: 'source-unauthorised',
    });
  });
});
