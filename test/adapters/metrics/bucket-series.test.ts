import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withBucketSeries } from '../../../src/adapters/metrics/prometheus/bucket-series.ts';
import { inTicks } from '../../../src/domain/judge/in-ticks.ts';
import { type JudgeState, judge } from '../../../src/domain/judge/judge.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

const told = (query: string, count: string) =>
  `${query} or label_replace(${count}, "slipway_series", "yes", "", "")`;

test.each([
  ['sum by (le) (increase(b[$window]))', 'count by (le) (increase(b[$window]))'],
  ['sum(increase(b{x=")"}[$window])) by (job, le)', 'count(increase(b{x=")"}[$window])) by (job, le)'],
  [' sum by(le)(rate(b[$window]))', ' count by(le)(rate(b[$window]))'],
])('%s tells of its series too', (query, count) => {
  expect(withBucketSeries(query)).toBe(told(query, count));
});

test.each([
  'increase(b[$window])',
  'sum(increase(native[$window]))',
  'sum by (job) (increase(native[$window]))',
  'sum by (le) (a) + sum by (le) (b)',
  '30 * sum by (le) (rate(b[$window]))',
  'sum by (le) (rate(b[$window])) * 30',
  'sum by (le) (rate(b[$window])) # sums',
  'sum by (le) (rate(b[$window])',
  'sum_of_buckets',
])('%s is left as it is', (query) => {
  expect(withBucketSeries(query)).toBe(query);
});

const STEP = 30_000;
const FROM = 1_760_000_010_000;
/** Of a request each, in seconds; the same before and after, and in all pods. */
const LATENCIES = Array.from({ length: 200 }, (_, nth) => 0.05 + (nth % 100) * 0.0025);
const OLD = [0.1, 0.25, 0.5, 1];
const NEW = [0.1, 0.3, 0.5, 1];

describe('a release with other buckets', () => {
  let server: TestServer;
  /** The edges of each pod in a tick, by its end. */
  let pods: (endMs: number) => readonly (readonly number[])[];
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer = async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      const query = form.get('query') ?? '';
      const [start = 0, end = 0, step = 1] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
      const all = new Map<string, { metric: Record<string, string>; values: [number, string][] }>();
      const add = (metric: Record<string, string>, at: number, value: number) => {
        const series = all.get(JSON.stringify(metric)) ?? { metric, values: [] };
        const last = series.values.at(-1);
        if (last?.[0] === at) last[1] = String(Number(last[1]) + value);
        else series.values.push([at, String(value)]);
        all.set(JSON.stringify(metric), series);
      };
      for (let at = start; at <= end + 1e-6; at += step) {
        for (const [nth, edges] of pods(Math.round(at * 1_000)).entries()) {
          if (query.includes('total')) add({}, at, LATENCIES.length);
          if (!query.includes('_bucket')) continue;
          for (const edge of [...edges, Number.POSITIVE_INFINITY]) {
            const le = Number.isFinite(edge) ? String(edge) : '+Inf';
            const below = LATENCIES.filter((latency) => latency <= edge).length;
            add(query.includes('sum by (le)') ? { le } : { le, pod: String(nth) }, at, below);
            if (query.includes('label_replace(count by (le)')) add({ le, slipway_series: 'yes' }, at, 1);
          }
        }
      }
      const data = { resultType: 'matrix', result: [...all.values()] };
      response.writeHead(200).end(JSON.stringify({ status: 'success', data }));
    };
  });
  afterEach(() => server.close());

  const open = (settings: Record<string, unknown> = {}) =>
    metrics.open(
      metrics.settings.parse({ use: 'prometheus', url: server.url, ...settings }),
      adapterContext(),
    );
  const total = 'sum(increase(my_total[$window]))';

  test.each([
    ['by the preset', {}],
    ['by a sum of its own', { queries: { total, latency: 'sum by (le) (increase(my_bucket[$window]))' } }],
    ['by all series', { queries: { total, latency: 'increase(my_bucket[$window])' } }],
  ])('is not slower for them, counted %s', async (_, settings) => {
    pods = (end) => (end <= FROM ? [OLD, OLD, OLD] : [OLD, OLD, NEW]);
    const source = open(settings);
    const rules = { tickMs: STEP, settleMs: 60_000, errorRateRise: 0.01, latencyRise: 0.1 };
    const [before, after] = [
      { fromMs: FROM - 60 * STEP, toMs: FROM, stepMs: STEP },
      { fromMs: FROM, toMs: FROM + 20 * STEP, stepMs: STEP },
    ];
    const baseline = await source.read(before, 'baseline');
    expect(baseline.at(-1)?.latency?.edges_ms).toEqual([100, 250, 500, 1_000]);
    const start = judge.begin(inTicks(baseline, { tickMs: STEP }), rules);
    let state: JudgeState | null = null;
    for (const sample of await source.read(after, 'after')) {
      expect(sample.latency?.edges_ms, 'at which all were counted').toEqual([100, 500, 1_000]);
      const judged = judge.tick(start, state, sample);
      const bad = judged.judgement.findings.filter(({ metric }) => metric === 'latency');
      expect(bad.map(({ verdict }) => verdict)).not.toContain('critical');
      expect(bad.map(({ verdict }) => verdict)).not.toContain('warning');
      state = judged.state;
    }
  });

  test('that has none in common with the others says nothing of latency while both are there', async () => {
    pods = (end) => (end <= FROM + STEP ? [OLD, [0.2, 0.4]] : [[0.2, 0.4]]);
    const range = { fromMs: FROM, toMs: FROM + 2 * STEP, stepMs: STEP };
    const samples = await open().read(range, 'after');
    expect(samples.map(({ latency }) => latency?.edges_ms)).toEqual([undefined, [200, 400]]);
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
