import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mustTell } from '../../../src/adapters/metrics/port.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

type Values = Readonly<Record<number, string>>;
interface Canned {
  total?: Values | null;
  errors?: Values | null;
  latency?: Readonly<Record<string, Values>>;
  alerts?: { labels: Record<string, string>; state: string; activeAt?: string }[];
  /** Types of its rules; absent: it has one that alerts. Null: it does not serve them. */
  rules?: readonly ('alerting' | 'recording')[] | null;
  status?: number;
  body?: string;
  /** By the whole query, before everything else. */
  by?: Readonly<Record<string, Values>>;
  histogram?: unknown;
  warnings?: string[];
  isPartial?: boolean;
}

const FROM = 1_760_000_000_000;
const STEP = 30_000;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * STEP, stepMs: STEP };
const at = (tick: number) => new Date(FROM + tick * STEP).toISOString();

let server: TestServer;
let canned: Canned;
let queries: string[];
let forms: URLSearchParams[];
beforeEach(async () => {
  canned = { total: { 1: '100', 2: '120', 3: '110', 4: '90' }, errors: { 1: '0', 2: '3', 3: '1', 4: '0' } };
  queries = [];
  forms = [];
  server = await startHttpServer();
  server.answer = async (request, response) => {
    const form = new URLSearchParams(await bodyOf(request));
    const query = form.get('query') ?? '';
    if (query !== '') {
      queries.push(query);
      forms.push(form);
    }
    if (canned.rules === null && request.url?.includes('/rules')) return void response.writeHead(404).end();
    const { status = 200, body } = canned;
    response.writeHead(status).end(
      body ??
        JSON.stringify({
          status: 'success',
          data: dataFor(request.url ?? '', query),
          ...(canned.warnings ? { warnings: canned.warnings } : {}),
          ...(canned.isPartial ? { isPartial: true } : {}),
        }),
    );
  };
});
afterEach(() => server.close());

function dataFor(path: string, query: string): unknown {
  if (path.endsWith('/alerts')) return { alerts: canned.alerts ?? [] };
  const { pathname, searchParams } = new URL(path, 'http://prometheus');
  if (pathname.endsWith('/rules')) {
    const types = canned.rules ?? ['alerting'];
    const rules = types.filter((type) => searchParams.get('type') !== 'alert' || type === 'alerting');
    return { groups: rules.map((type) => ({ name: 'shop', rules: [{ type, name: 'ShopDown' }] })) };
  }
  const series = (values: Values, labels: Record<string, string> = {}) => {
    const points = Object.entries(values).map(([tick, value]) => [
      (FROM + Number(tick) * STEP) / 1_000,
      value,
    ]);
    return path.endsWith('/query')
      ? { metric: labels, value: points[0] }
      : { metric: labels, values: points };
  };
  const resultType = path.endsWith('/query') ? 'vector' : 'matrix';
  const own = canned.by?.[query];
  if (own) return { resultType, result: [series(own)] };
  if (canned.histogram !== undefined && query.startsWith('sum (')) {
    const at = [1, 2].map((tick) => [(FROM + tick * STEP) / 1_000, canned.histogram]);
    return { resultType, result: [{ metric: {}, histograms: at }] };
  }
  if (query.includes('_bucket')) {
    return {
      resultType,
      result: Object.entries(canned.latency ?? {}).map(([le, values]) => series(values, { le })),
    };
  }
  const [total, errors] = [canned.total ?? {}, canned.errors ?? {}];
  // As `or` does at each time by itself: what is not on the left is taken from the right.
  const zeros = query.includes(' or 0 * ')
    ? Object.fromEntries(Object.keys(total).map((tick) => [tick, '0']))
    : {};
  const isFailed = query.includes('5..') || query.includes('my_errors');
  const found = isFailed ? { ...zeros, ...errors } : total;
  const values = Object.keys(found).length > 0 ? found : null;
  return { resultType, result: values ? [series(values)] : [] };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const open = (
  settings: Record<string, unknown> = {},
  env: Record<string, string> = {},
  now = FROM + 4 * STEP,
) =>
  metrics.open(
    metrics.settings.parse({
      use: 'prometheus',
      url: `${server.url}/prom/`,
      selector: 'job="shop"',
      ...settings,
    }),
    adapterContext({ env, now: () => now }),
  );

metricsContract({
  name: 'prometheus',
  seeing: async () => ({ source: open(), range: RANGE }),
  blind: async () => {
    canned = { total: null, errors: null };
    return open();
  },
});

test.each([
  [{ selector: 'job="a",version="{version}"' }],
  [{ queries: { total: 'sum(increase(x{version="{version}"}[$window]))' } }],
  [{ queries: { total: 'sum(increase(x{version!~"{version}"}[$window])) {version}' } }],
  [{ counts: { jobs: { value: 'max(x{version="{version}"})', above: 1 } } }],
])('%j is refused: before the deploy any version is asked for', (settings) => {
  const { error } = metrics.settings.safeParse({ use: 'prometheus', url: 'https://a.example', ...settings });
  expect(JSON.stringify(error?.issues)).toContain('only in a pattern');
});

describe('prometheus', () => {
  test('asks for the increase over each tick', async () => {
    await open().read(RANGE, 'after');
    expect(server.requests.map((one) => `${one.method} ${one.path}`)).toEqual(
      Array(3).fill('POST /prom/api/v1/query_range'),
    );
    const grown = (series: string) => {
      const before = `count_over_time(${series}[1h] offset 30000ms)`;
      return `((last_over_time(${series}[30000ms]) unless ${before}) or increase(${series}[30000ms]))`;
    };
    const buckets = 'http_request_duration_seconds_bucket{job="shop"}';
    const [all, failed] = [
      'http_requests_total{job="shop"}',
      'http_requests_total{job="shop",status=~"5.."}',
    ];
    expect(queries.sort()).toEqual([
      `(sum(${grown(failed)})) or 0 * (sum(${grown(all)}))`,
      `sum by (le) (${grown(buckets)}) or label_replace(count by (le) (count_over_time(${buckets}[30000ms])), "slipway_series", "yes", "", "")`,
      `sum(${grown(all)})`,
    ]);
    expect(Object.fromEntries(forms[0] ?? [])).toMatchObject({
      start: `${(FROM + STEP) / 1_000}.000`,
      end: `${(FROM + 4 * STEP) / 1_000}.000`,
      step: '30.000',
    });
  });

  test('adds new series before a deploy only of targets that are not new to Prometheus', async () => {
    await open().read(RANGE, 'baseline');
    const target = 'http_requests_total{job="shop",job!="",instance!=""}';
    const grown = (series: string) => {
      const born = `(last_over_time(${series}[30000ms]) unless count_over_time(${series}[1h] offset 30000ms))`;
      const kept = `and on (job, instance) (${target} and ${target} offset 30000ms)`;
      return `((${born} ${kept}) or increase(${series}[30000ms]))`;
    };
    const buckets = 'http_request_duration_seconds_bucket{job="shop"}';
    const [all, failed] = [
      'http_requests_total{job="shop"}',
      'http_requests_total{job="shop",status=~"5.."}',
    ];
    expect(queries.sort()).toEqual([
      `(sum(${grown(failed)})) or 0 * (sum(increase(${all}[30000ms])))`,
      `sum by (le) (increase(${buckets}[30000ms])) or label_replace(count by (le) (count_over_time(${buckets}[30000ms])), "slipway_series", "yes", "", "")`,
      `sum(${grown(all)})`,
    ]);
  });

  test('knows other common names', async () => {
    await open({ preset: 'opentelemetry', 'status-label': 'code', selector: '' }).read(RANGE, 'baseline');
    const target = 'http_server_request_duration_seconds_count{job!="",instance!=""}';
    expect(queries).toContainEqual(expect.stringContaining(`and on (job, instance) (${target} and `));
    expect(queries.some((query) => query.includes('{code=~"5.."}'))).toBe(true);
  });

  test('takes the config at its word', async () => {
    canned.total = { 1: '10', 2: '10' };
    canned.errors = { 1: '1' };
    const samples = await open({
      queries: { total: 'sum(my_total[$window])', errors: 'my_errors[$window]' },
    }).read(RANGE, 'after');
    expect(queries.sort()).toEqual([
      '(my_errors[30000ms]) or 0 * (sum(my_total[30000ms]))',
      'sum(my_total[30000ms])',
    ]);
    expect(samples).toEqual([
      { at: at(1), phase: 'after', total: 10, errors: 1 },
      { at: at(2), phase: 'after', total: 10, errors: 0 },
    ]);
    queries = [];
    await open({ queries: { total: 'my_total # all', errors: 'my_errors # bad' } }).read(RANGE, 'after');
    expect(queries).toContain('(my_errors # bad\n) or 0 * (my_total # all\n)');
    queries = [];
    const [unknown] = await open({ queries: { total: 'my_total' } }).read(RANGE, 'after');
    expect(queries).toEqual(['my_total']);
    expect(unknown, 'nobody counts them').not.toHaveProperty('errors');
  });

  test('says when no error was ever seen: a query that is spelt wrong looks like a service without any', async () => {
    const counts = { jobs: { total: 'my_jobs[$window]', bad: 'lost_jobs[$window]' } };
    const source = open({ queries: { total: 'my_total', errors: 'my_errors[$window]' }, counts });
    const hour = 3_600_000;
    const end = Math.floor((FROM + 4 * STEP) / hour) * 3_600;
    const once = { [(end * 1_000 - FROM) / STEP]: '0' };
    canned.total = once;
    canned.errors = once;
    expect(await source.doubt?.(), 'a series that does not grow is one').toBeNull();
    expect(queries.sort()).toEqual(['lost_jobs[3600000ms]', 'my_errors[3600000ms]']);
    expect(Object.fromEntries(forms[0] ?? [])).toMatchObject({
      start: `${end - 7 * 86_400}.000`,
      end: `${end}.000`,
      step: '3600.000',
    });
    canned.errors = null;
    expect(await source.doubt?.()).toBe(
      'No error was ever counted by Prometheus in the last week (errors): check the query, because what it does not find counts as none.',
    );
    canned.total = null;
    expect(await source.doubt?.()).toContain('(errors, jobs)');
    expect(await open().doubt?.(), 'of the preset too').toContain('(errors)');
    canned.status = 503;
    expect(await source.doubt?.(), 'what cannot be told now is no doubt').toBeNull();
  });

  test('needs two scrapes for a tick', () => {
    expect(() => mustTell(open({ scrape: '15s' }), 30_000)).not.toThrow();
    expect(() => mustTell(open({ scrape: '20s' }), 30_000)).toThrow(
      expect.objectContaining({ facts: { source: 'prometheus', tick: '30 s', shortest: '40 s' } }),
    );
  });

  test('has a tick whole a moment after its end', () => {
    expect(open().delayMs).toBe(5_000);
    expect(open({ delay: '20s' }).delayMs).toBe(20_000);
  });

  test('leaves missing what is missing or not a number', async () => {
    canned.total = { 1: '100', 2: 'NaN', 4: '+Inf' };
    canned.errors = { 1: 'NaN', 2: 'NaN', 4: 'NaN' };
    expect(await open().read(RANGE, 'after')).toEqual([{ at: at(1), phase: 'after', total: 100 }]);
  });

  test('never has more errors than requests, and none below zero', async () => {
    canned.total = { 1: '10', 2: '10.4567' };
    canned.errors = { 1: '10.2', 2: '-0.1' };
    expect(await open().read(RANGE, 'after')).toMatchObject([
      { total: 10, errors: 10 },
      { total: 10.457, errors: 0 },
    ]);
  });

  test('turns cumulative buckets into counts in ms', async () => {
    canned.latency = {
      '+Inf': { 1: '10', 2: '4' },
      '0.5': { 1: '9', 2: 'NaN' },
      '0.1': { 1: '6', 2: '4' },
      '0.25': { 1: '5.9', 2: '3.9' },
    };
    const samples = await open().read(RANGE, 'after');
    expect(samples[0]?.latency).toEqual({ edges_ms: [100, 250, 500], counts: [6, 0, 3, 1] });
    expect(samples[1]?.latency).toEqual({ edges_ms: [100, 250], counts: [4, 0, 0] });
    expect(samples[2]?.latency).toBeUndefined();
  });

  test('tells which critical alerts fire, on the newest tick only', async () => {
    const critical = { severity: 'critical', service: 'shop' };
    canned.alerts = [
      { labels: { ...critical, alertname: 'ShopDown' }, state: 'firing' },
      { labels: { ...critical, alertname: 'ShopDown', instance: 'b' }, state: 'firing' },
      { labels: { ...critical, alertname: 'Waiting' }, state: 'pending' },
      { labels: { ...critical, service: 'other', alertname: 'OtherDown' }, state: 'firing' },
    ];
    const source = open({ alerts: { labels: critical } });
    const down = [
      'ShopDown{instance="b",service="shop",severity="critical"}',
      'ShopDown{service="shop",severity="critical"}',
    ];
    expect(await source.alerts?.()).toEqual(down);
    expect(open({}).alerts, 'nobody said which alerts are critical').toBeUndefined();
    const live = { ...RANGE, isLive: true };
    expect((await source.read(live, 'after')).map((sample) => sample.alerts)).toEqual([
      undefined,
      undefined,
      undefined,
      down,
    ]);
    canned.total = {};
    canned.errors = {};
    expect(await source.read(live, 'after')).toEqual([{ at: at(4), phase: 'after', alerts: down }]);
    expect(await source.read(RANGE, 'baseline'), 'of another day').toEqual([]);
  });

  test('tells of alerts of now however late its ticks are read, and since when they fire', async () => {
    const critical = { severity: 'critical', alertname: 'ShopDown' };
    canned.alerts = [
      { labels: critical, state: 'firing', activeAt: '2025-10-09T08:53:00.123456789Z' },
      { labels: { ...critical, pod: 'a' }, state: 'firing', activeAt: '2999-01-01T00:00:00Z' },
    ];
    const settings = { alerts: { labels: { severity: 'critical' } }, delay: '90s' };
    const late = open(settings, {}, RANGE.toMs + 100_000);
    expect((await late.read({ ...RANGE, isLive: true }, 'after')).at(-1)).toMatchObject({
      alerts: ['ShopDown{pod="a",severity="critical"}', 'ShopDown{severity="critical"}'],
      alerts_since: { 'ShopDown{severity="critical"}': '2025-10-09T08:53:00.123Z' },
    });
  });

  test('sends its credentials, from the environment, and shows them to nobody', async () => {
    const settings = { headers: { authorization: { env: 'PROM_TOKEN', prefix: 'Bearer ' } } };
    const source = open(settings, { PROM_TOKEN: 's3cret' });
    await source.preflight();
    expect(server.requests.every((one) => one.headers.authorization === 'Bearer s3cret')).toBe(true);
    canned.status = 401;
    const refused = await source.preflight().catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'metrics-unauthorised', facts: { status: 401 } });
    expect(JSON.stringify(refused) + String(refused)).not.toContain('s3cret');
  });

  test('says before the deploy what it sees, or why it sees nothing', async () => {
    canned.total = { 1: '1500' };
    expect(await open().preflight()).toBe(
      'Prometheus sees 5 requests a second; it has no latency histogram.',
    );
    canned.latency = { '+Inf': { 1: '1500' } };
    expect(await open().preflight()).toBe('Prometheus sees 5 requests a second.');
    canned.status = 400;
    canned.body = JSON.stringify({
      status: 'error',
      errorType: 'bad_data',
      error: 'parse error: unexpected "}"',
    });
    await expect(open().preflight()).rejects.toMatchObject({
      code: 'metrics-query-refused',
      facts: { reason: 'parse error: unexpected "}"' },
    });
    canned.status = 404;
    await expect(open().preflight()).rejects.toMatchObject({ code: 'metrics-blind' });
    canned.status = 503;
    await expect(open().preflight()).rejects.toMatchObject({ name: 'Unavailable', what: 'Prometheus' });
  });

  test.each([
    ['fetch series: rpc error: code = Unavailable desc = connection error', true],
    ['expanding series: proxy Series(): Addr: 10.0.0.2:10901: dial tcp: connection refused', true],
    ['No StoreAPIs matched for this query', true],
    [`error when executing query="${'a'.repeat(300)}": cannot perform search on vmstorage-1:8401: EOF`, true],
    [
      'cannot return full response, since some of vmstorage nodes are unavailable for query="container_limit"',
      true,
    ],
    ['expanding series: context deadline exceeded', true],
    ['expanding series: consistency check failed because some blocks were not queried', true],
    ['too many outstanding requests', true],
    ['query timed out in query execution', true],
    ['found duplicate series for the match group: many-to-many matching not allowed', false],
    ['query processing would load too many samples into memory', false],
    ['rpc error: code = ResourceExhausted desc = exceeded series limit: limit 1000 violated', false],
    ['cannot search on vmstorage: the number of matching timeseries exceeds 300000; narrow down', false],
  ])('a part that is away is no query that is not understood: %s', async (error, isAway) => {
    canned.body = JSON.stringify({ status: 'error', errorType: 'execution', error });
    canned.status = 422;
    const said = await open()
      .preflight()
      .catch((thrown: Error) => thrown);
    expect(said).toMatchObject(isAway ? { name: 'Unavailable' } : { code: 'metrics-query-refused' });
    if (isAway) expect(String(said)).toContain(error.slice(-15));
    canned.status = 400;
    await expect(open().preflight()).rejects.toMatchObject({ code: 'metrics-query-refused' });
  });

  test('alerts of a server without rules would never fire', async () => {
    canned.latency = { '+Inf': { 1: '1500' } };
    const critical = open({ alerts: { labels: { severity: 'critical' } } });
    expect(await critical.doubt?.()).not.toMatch(/alerting rule/);
    for (const rules of [[], ['recording']] as const) {
      canned.rules = rules;
      expect(await critical.preflight(), 'the first rule may be still to come').toMatch(/^Prometheus sees/);
      expect(await critical.doubt?.()).toMatch(/Prometheus tells of no alerting rule/);
      expect(await open().doubt?.(), 'nobody wants its alerts').not.toMatch(/alerting rule/);
    }
    canned.rules = null;
    expect(await critical.doubt?.(), 'who does not tell its rules is believed').not.toMatch(/alerting rule/);
  });

  test('while production is watched, any trouble is a source that does not answer now', async () => {
    for (const status of [400, 401, 404, 500]) {
      canned.status = status;
      await expect(open().read(RANGE, 'after')).rejects.toMatchObject({ name: 'Unavailable' });
    }
    await server.close();
    await expect(open().read(RANGE, 'after')).rejects.toThrow('connection refused');
  });

  test('counts other things, and looks at values, each by its own query', async () => {
    canned.by = {
      'sum(increase(jobs_total{service="shop"}[30000ms]))': { 1: '40', 2: '40', 3: '5' },
      '(sum(increase(jobs_failed[30000ms]))) or 0 * (sum(increase(jobs_total{service="shop"}[30000ms])))': {
        1: '2',
        2: 'NaN',
        3: '500',
      },
      'max(queue_age)': { 1: '10', 2: '90' },
    };
    const counts = {
      'failed jobs': {
        total: 'sum(increase(jobs_total{service="{service}"}[$window]))',
        bad: 'sum(increase(jobs_failed[$window]))',
      },
      'queue age': { value: 'max(queue_age)', above: 60 },
    };
    const source = open({ counts });
    expect(source.counts).toEqual({ 'failed jobs': { rise: undefined }, 'queue age': { rise: 0.2 } });
    expect((await source.read(RANGE, 'after')).map((sample) => sample.counts)).toEqual([
      { 'failed jobs': { total: 40, bad: 2 }, 'queue age': { total: 1, bad: 0 } },
      { 'queue age': { total: 1, bad: 1 } },
      undefined,
      undefined,
    ]);
    const lost = open({
      queries: { total: 'my_total' },
      counts: { 'lost jobs': { value: 'lost', above: 0 } },
    });
    canned.total = {};
    canned.errors = {};
    canned.by = { my_total: { 1: '9' } };
    await expect(lost.preflight()).rejects.toMatchObject({
      code: 'metrics-blind',
      facts: { reason: 'the query for lost jobs finds nothing in the last five minutes' },
    });
  });

  test('reads native histograms, whose empty buckets are left out', async () => {
    canned.histogram = {
      count: '10',
      sum: '3.5',
      buckets: [
        [3, '-0.001', '0.001', '1'],
        [0, '0.25', '0.2726', '5'],
        [0, '0.9170040432046711', '1', '3'],
        [0, '5000', '+Inf', '1'],
        [0, '0.5', '0.545', '-0.2'],
      ],
    };
    const [sample] = await open({ preset: 'native-histogram' }).read(RANGE, 'after');
    const series = 'http_request_duration_seconds{job="shop"}';
    const born = `(last_over_time(${series}[30000ms]) unless count_over_time(${series}[1h] offset 30000ms))`;
    expect(queries).toContain(`histogram_count(sum((${born} or increase(${series}[30000ms]))))`);
    const { edges_ms: edges = [], counts = [] } = sample?.latency ?? {};
    expect(edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? 0))).toBe(true);
    const upTo = (ms: number) =>
      counts.slice(0, edges.findIndex((edge) => edge >= ms) + 1).reduce((a, b) => a + b, 0);
    expect([upTo(2), upTo(250), upTo(273), upTo(1_000), counts.at(-1)]).toEqual([1, 1, 6, 9, 1]);
    canned.histogram = { count: 'NaN', sum: '0', buckets: [] };
    expect((await open({ preset: 'native-histogram' }).read(RANGE, 'after'))[0]?.latency).toBeUndefined();
  });

  test('an answer that leaves something out is none', async () => {
    canned.warnings = ['receive series from Addr: 10.0.0.1:10901: connection refused'];
    await expect(open().read(RANGE, 'after')).rejects.toThrow(
      'Prometheus: its answer is incomplete (receive series from Addr: 10.0.0.1:10901: connection refused)',
    );
    canned.warnings = ['PromQL warning: bucket label "le" is missing or has a malformed value'];
    expect(await open().read(RANGE, 'after')).toHaveLength(4);
    canned.isPartial = true;
    await expect(open().read(RANGE, 'after')).rejects.toThrow('its answer is incomplete');
    expect(Object.fromEntries(forms[0] ?? [])).toMatchObject({
      partial_response: 'false',
      deny_partial_response: '1',
      nocache: '1',
      latency_offset: '5000ms',
    });
  });

  test('signs in by token or password, for one tenant', async () => {
    const env = { TOKEN: 'token-of-grafana', PASSWORD: 'password-of-grafana' };
    await open({ bearer: { env: 'TOKEN' }, tenant: 'team-a' }, env).preflight();
    expect(server.requests.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer token-of-grafana',
      'x-scope-orgid': 'team-a',
    });
    await open({ basic: { user: '123', password: { env: 'PASSWORD' } } }, env).preflight();
    const { authorization = '' } = server.requests.at(-1)?.headers ?? {};
    expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).toBe(
      '123:password-of-grafana',
    );
  });
});
