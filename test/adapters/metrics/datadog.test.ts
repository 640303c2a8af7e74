import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mustTell } from '../../../src/adapters/metrics/port.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { FakeDatadog } from '../../fakes/clouds/datadog.ts';
import { metrics } from '../../support/all-adapters.ts';

const HITS = 'sum:trace.express.request.hits{service:shop}.as_count()';
const ERRORS = 'sum:trace.express.request.errors{service:shop}.as_count()';
// Not on Datadog's grid: a promotion begins when it begins.
const FROM = 1_760_000_007_123;
const STEP = 30_000;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * STEP, stepMs: STEP };
const NOW = RANGE.toMs + 120_000;

let datadog: FakeDatadog;
let env: Record<string, string>;
beforeEach(async () => {
  datadog = await FakeDatadog.start();
  env = { DD_API: datadog.keys.api, DD_APP: datadog.keys.application };
  datadog.points.set(HITS, () => 300);
  datadog.points.set(ERRORS, () => null);
});
afterEach(() => datadog.close());

const open = (settings: Record<string, unknown> = {}, now = NOW) =>
  metrics.open(
    metrics.settings.parse({
      use: 'datadog',
      url: datadog.url,
      'api-key': { env: 'DD_API' },
      'application-key': { env: 'DD_APP' },
      total: 'sum:trace.express.request.hits{service:{service}}.as_count()',
      errors: 'sum:trace.express.request.errors{service:{service}}.as_count()',
      ...settings,
    }),
    adapterContext({ env, now: () => now }),
  );

metricsContract({
  name: 'datadog',
  seeing: async () => ({ source: open(), range: RANGE }),
  blind: async () => {
    datadog.points.clear();
    return open();
  },
});

describe('datadog', () => {
  test('asks for everything at once, in buckets of a tick, one of which ends in each tick', async () => {
    const samples = await open().read(RANGE, 'after');
    expect(datadog.asked).toHaveLength(1);
    expect(datadog.asked[0]).toMatchObject({ interval: STEP, to: RANGE.toMs });
    expect(datadog.asked[0]?.queries.map(({ query }) => query)).toEqual([HITS, ERRORS]);
    expect(samples).toEqual(
      [1, 2, 3, 4].map((tick) => ({
        at: new Date(FROM + tick * STEP).toISOString(),
        phase: 'after',
        total: 300,
        errors: 0,
      })),
    );
  });

  test('a bucket without a point of the total is missing, whatever failed in it', async () => {
    const begins = (tick: number) => Math.floor((FROM + tick * STEP) / STEP) * STEP - STEP;
    datadog.points.set(HITS, (at) => (at === begins(2) ? null : 300));
    datadog.points.set(ERRORS, (at) => (at === begins(2) ? 7 : at === begins(3) ? 4 : null));
    const samples = await open().read(RANGE, 'after');
    expect(samples.map(({ at, errors }) => [(Date.parse(at) - FROM) / STEP, errors])).toEqual([
      [1, 0],
      [3, 4],
      [4, 0],
    ]);
  });

  test('reads percentiles and other counts, in their units and by their limits', async () => {
    const slow = 'p95:trace.express.request{service:shop}';
    datadog.points.set(slow, () => 0.25);
    datadog.points.set('sum:jobs.done{*}.as_count()', () => 20);
    datadog.points.set('sum:jobs.failed{*}.as_count()', () => 2);
    datadog.points.set('max:queue.age{*}', (at) => (at > FROM + STEP ? 90 : 10));
    const source = open({
      latency: { p95: slow },
      counts: {
        'failed jobs': { total: 'sum:jobs.done{*}.as_count()', bad: 'sum:jobs.failed{*}.as_count()' },
        'queue age': { value: 'max:queue.age{*}', above: 60, rise: '30pp' },
      },
    });
    expect(source.counts).toEqual({ 'failed jobs': { rise: undefined }, 'queue age': { rise: 0.3 } });
    const samples = await source.read(RANGE, 'after');
    expect(samples[0]).toMatchObject({
      percentiles_ms: { p95: 250 },
      counts: { 'failed jobs': { total: 20, bad: 2 }, 'queue age': { total: 1, bad: 0 } },
    });
    expect(samples.at(-1)?.counts?.['queue age']).toEqual({ total: 1, bad: 1 });
  });

  test('says before the deploy what it sees, or of what it sees nothing', async () => {
    expect(await open().preflight()).toBe(
      'Datadog sees 5 requests a second, of which 0 failed in 15 minutes.',
    );
    const source = open({ counts: { 'queue age': { value: 'max:queue.age{*}', above: 60 } } });
    await expect(source.preflight()).rejects.toMatchObject({
      code: 'metrics-blind',
      facts: { source: 'Datadog', reason: 'it has no value of queue age in the last 15 minutes' },
    });
  });

  test('says that no error was ever counted, and counts none all the same', async () => {
    const settings = { counts: { jobs: { total: HITS, bad: 'sum:jobs.fialed{*}.as_count()' } } };
    expect(await open(settings).doubt?.()).toBe(
      'No error was ever counted by Datadog in the last week (errors, jobs): check the query, because what it does not find counts as none.',
    );
    expect((await open(settings).read(RANGE, 'after'))[0]).toMatchObject({ errors: 0 });
    // One error, days ago, is enough; so is a query that has zeros.
    datadog.points.set(ERRORS, (at) => (Math.abs(at - (NOW - 5 * 86_400_000)) < 3_600_000 ? 1 : null));
    expect(await open().doubt?.()).toBeNull();
    expect(await open(settings).doubt?.()).toContain('(jobs)');
    datadog.points.set('sum:jobs.fialed{*}.as_count()', () => 0);
    expect(await open(settings).doubt?.()).toBeNull();
    expect(await open({ errors: undefined }).doubt?.()).toBeNull();
    datadog.instead = (_, response) => response.writeHead(503).end();
    expect(await open(settings).doubt?.(), 'what cannot be told now is no doubt').toBeNull();
  });

  test('an answer with an error in it is none', async () => {
    datadog.instead = (_, response) =>
      response.end('{"errors":"q1: timed out","data":{"type":"timeseries_response","attributes":{}}}');
    await expect(open().read(RANGE, 'after')).rejects.toMatchObject({
      name: 'Unavailable',
      reason: 'its answer is incomplete (q1: timed out)',
    });
  });

  test('knows no longer intervals than a tick', async () => {
    datadog.leastInterval = 60_000;
    await expect(open().read(RANGE, 'after')).rejects.toThrow('only figures farther apart than');
    expect(() => mustTell(open(), 5_000)).toThrow('metrics-tick');
    expect(open().delayMs).toBe(90_000);
  });

  test('waits as long as the limit says, and says which query is wrong', async () => {
    datadog.instead = (_, response) =>
      response.writeHead(429, { 'x-ratelimit-reset': '42' }).end('{"errors":["Rate limit"]}');
    await expect(open().read(RANGE, 'after')).rejects.toMatchObject({
      name: 'Unavailable',
      reason: 'its limit of requests is reached',
      retryAfterMs: 42_000,
    });
    datadog.instead = null;
    await expect(open({ total: 'hits' }).preflight()).rejects.toMatchObject({
      code: 'metrics-query-refused',
      facts: { reason: expect.stringContaining("Rule 'scope_expr' didn't match") },
    });
  });

  test('shows its keys to nobody, and sends them nowhere in the clear', async () => {
    env['DD_APP'] = 'another-application-key';
    const refused = await open()
      .preflight()
      .catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'metrics-unauthorised', facts: { status: 403 } });
    expect(JSON.stringify(refused) + String(refused)).not.toContain('another-application-key');
    const parsed = metrics.settings.safeParse({
      use: 'datadog',
      url: 'http://dd.example',
      total: 'a',
      'api-key': { env: 'A' },
      'application-key': { env: 'B' },
    });
    expect(parsed.error?.issues[0]?.message).toContain('an https address');
    expect(
      metrics.settings.safeParse({
        use: 'datadog',
        'api-key': { env: 'A' },
        'application-key': { env: 'B' },
        total: 'a.rollup(sum, 60)',
      }).success,
    ).toBe(false);
  });
});
