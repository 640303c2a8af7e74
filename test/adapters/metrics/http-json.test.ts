import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { growthOf } from '../../../src/adapters/metrics/http-json/growth.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

const FROM = 1_760_000_000_000;
const STEP = 30_000;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * STEP, stepMs: STEP };

let server: TestServer;
let answer: (query: URLSearchParams) => unknown;
beforeEach(async () => {
  answer = () => ({
    requests: { total: 600, failed: 3 },
    slow: [0.25],
    jobs: { done: '40', failed: 1 },
    age: 90,
  });
  server = await startHttpServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://a');
    response.end(JSON.stringify(answer(searchParams)));
  });
});
afterEach(() => server.close());

const SETTINGS = {
  use: 'http-json',
  total: 'requests.total',
  errors: 'requests.failed',
  latency: { p95: 'slow[0]' },
  'latency-unit': 's',
  counts: {
    'failed jobs': { total: 'jobs.done', bad: 'jobs.failed' },
    'queue age': { value: 'age', above: 60 },
  },
};
const open = (settings: Record<string, unknown> = {}, now: () => number = () => RANGE.toMs + 60_000) =>
  metrics.open(
    metrics.settings.parse({
      url: `${server.url}/stats?of={service}&from={from}&to={to}`,
      ...SETTINGS,
      ...settings,
    }),
    adapterContext({ now }),
  );

metricsContract({
  name: 'http-json by time',
  seeing: async () => ({ source: open(), range: RANGE }),
  blind: async () => {
    answer = () => ({});
    return open();
  },
});

metricsContract({
  name: 'http-json of counters',
  seeing: async () => {
    let total = 0;
    answer = () => {
      total += 7;
      return { requests: { total, failed: 0 }, slow: [0.1], jobs: { done: total, failed: 0 }, age: 1 };
    };
    const source = open({ url: server.url, every: '20ms' }, Date.now);
    const began = Date.now();
    source.observe(began + 60_000);
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(14), { timeout: 10_000 });
    const stepMs = Math.max(60, Math.floor((Date.now() - began) / 4));
    return { source, range: { fromMs: began, toMs: began + 4 * stepMs, stepMs } };
  },
  blind: async () => {
    await server.close();
    return open({ url: server.url }, Date.now);
  },
});

describe('an address with times in it', () => {
  test('is asked once for each tick, in seconds, and knows everything of it', async () => {
    const samples = await open().read(RANGE, 'after');
    expect(server.requests.map(({ path }) => path).sort()).toEqual(
      [0, 1, 2, 3].map(
        (tick) =>
          `/stats?of=shop&from=${(FROM + tick * STEP) / 1_000}&to=${(FROM + (tick + 1) * STEP) / 1_000}`,
      ),
    );
    expect(samples).toHaveLength(4);
    expect(samples[0]).toEqual({
      at: new Date(FROM + STEP).toISOString(),
      phase: 'after',
      total: 600,
      errors: 3,
      percentiles_ms: { p95: 250 },
      counts: { 'failed jobs': { total: 40, bad: 1 }, 'queue age': { total: 1, bad: 1 } },
    });
  });

  test('leaves missing what is not there: no failures are not none', async () => {
    answer = () => ({ requests: { total: 600 }, jobs: { done: 3 }, age: 'old' });
    expect(await open().read(RANGE, 'after')).toEqual([]);
    await expect(open().preflight()).rejects.toMatchObject({
      code: 'metrics-blind',
      facts: { reason: 'there is no number at requests.failed, slow[0], jobs.failed, age' },
    });
  });

  test.each([204, 404, 410])('with %i knows nothing of the service yet', async (status) => {
    server.answer = (_, response) => response.writeHead(status).end();
    await expect(open().preflight()).rejects.toMatchObject({
      code: 'metrics-blind',
      facts: { reason: `it answered ${status}` },
    });
    await expect(open().read(RANGE, 'after')).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test('reads JSON that is sent as PHP does where nothing else is said', async () => {
    server.answer = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=UTF-8' })
        .end(JSON.stringify(answer(new URLSearchParams())));
    expect(await open().read(RANGE, 'after')).toHaveLength(4);
  });

  test('stops asking for the other ticks when one could not be read', async () => {
    answer = () => 'a sign-in page';
    const hours = { ...RANGE, toMs: FROM + 200 * STEP };
    await expect(open().read(hours, 'after')).rejects.toMatchObject({ name: 'Unavailable' });
    const asked = server.requests.length;
    await Promise.allSettled(Array.from({ length: 3 }, () => open().preflight()));
    expect(server.requests.length - asked).toBeLessThan(12);
  });

  test('says what it sees', async () => {
    expect(await open().preflight()).toMatch(
      /^127\.0\.0\.1:\d+ has 2 requests a second in the last five minutes\.$/,
    );
  });
});

describe('counters', () => {
  const every = 10_000;
  const of = (...totals: (readonly [total: number, errors: number])[]) =>
    growthOf(
      totals.map(([total, errors], index) => ({
        at: index * every,
        numbers: { total, errors, 'value of age': total },
      })),
      4 * every,
    ).map(({ numbers }) => [numbers['total'], numbers['errors']]);

  test('count by how much they grow', () => {
    expect(of([100, 1], [160, 1], [200, 4])).toEqual([
      [undefined, undefined],
      [60, 0],
      [40, 3],
    ]);
  });

  test('that begin anew with a release count with all they have since', () => {
    expect(of([10_000, 90], [10_060, 91], [30, 5], [90, 5])).toEqual([
      [undefined, undefined],
      [60, 1],
      [30, 5],
      [60, 0],
    ]);
  });

  test('of several instances in turn are not believed', () => {
    const wild = of([10_000, 90], [400, 1], [10_060, 91], [430, 1], [10_090, 91], [460, 1]);
    expect(wild.slice(3).filter(([total], index) => index % 2 === 0 && total !== undefined)).toEqual([]);
  });

  test('that contradict each other, and readings far apart, say nothing', () => {
    expect(of([100, 9], [160, 3])[1]).toEqual([60, undefined]);
    const far = growthOf(
      [
        { at: 0, numbers: { total: 1, errors: 0 } },
        { at: 3_600_000, numbers: { total: 9, errors: 0 } },
      ],
      4 * every,
    );
    expect(far[1]?.numbers).toEqual({});
  });

  test('are read in the background, and what does not answer is said', async () => {
    answer = () => ({
      requests: { total: 5, failed: 0 },
      slow: [0.1],
      jobs: { done: 5, failed: 0 },
      age: 1,
    });
    const source = open({ url: server.url, every: '20ms' }, Date.now);
    expect(source.forgets).toBe(true);
    expect(await source.preflight()).toMatch(/has counted 5 requests so far; it is read every 20 ms\.$/);
    const fromMs = Date.now();
    await server.close();
    source.observe(fromMs + 60_000);
    await vi.waitFor(
      () =>
        expect(source.read({ fromMs, toMs: fromMs + 1_000, stepMs: 100 }, 'after')).rejects.toThrow(
          'connection refused',
        ),
      { timeout: 10_000 },
    );
    await source.close();
  });
});

test.each([
  [{ url: 'https://a.example/?from={from}' }, 'both {from} and {to}'],
  [{ url: 'https://user:pass@a.example/' }, 'an address such as'],
  [{ url: 'https://a.example/', total: '' }, 'a path such as'],
  [{ url: 'http://a.example/', headers: { authorization: { env: 'T' } } }, 'an https address'],
])('refuses %j', (settings, words) => {
  const { error } = metrics.settings.safeParse({ ...SETTINGS, ...settings });
  expect(error?.issues.map(({ message }) => message).join()).toContain(words);
});
