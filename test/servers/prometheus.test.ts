import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createShopRemote } from '../../demo/shop/remote.ts';
import { type Shop, startShop } from '../../demo/shop/shop.ts';
import { mergeHistograms, quantile } from '../../src/domain/judge/histogram.ts';
import { judge } from '../../src/domain/judge/judge.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import { metricsContract } from '../contracts/metrics.ts';
import { adapterContext } from '../fakes/adapter-context.ts';
import { metrics } from '../support/all-adapters.ts';
import { describeWith, freePort } from './program.ts';

const STEP = 2_000;
/** As if the ticks were of a minute each, so that errors in two of them are more than a restart. */
const JUDGED = { tickMs: 60_000, settleMs: 0, errorRateRise: 0.01, latencyRise: 0.1 };

const RULES = `
groups:
  - name: shop
    interval: 500ms
    rules:
      - alert: ShopFailing
        expr: sum(increase(http_requests_total{status=~"5.."}[4s])) > 5
        labels: { severity: critical, service: shop }
`;

/** A service whose failures are counted from the first one on: the series begins with what it has. */
class Newborn {
  failed = 0;
  #served = 1_000;
  readonly #server = createServer((_request, response) => {
    this.#served += 5;
    const lines = [`http_requests_total{status="200"} ${this.#served}`];
    if (this.failed > 0) lines.push(`http_requests_total{status="503"} ${this.failed}`);
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(`${lines.join('\n')}\n`);
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const config = (shop: string, newborn: string) => `
global: { scrape_interval: 500ms, scrape_timeout: 450ms, evaluation_interval: 500ms }
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ['${new URL(shop).host}'] }]
  - job_name: newborn
    static_configs: [{ targets: ['${new URL(newborn).host}'] }]
`;

describeWith('prometheus', 'prometheus')('a real Prometheus that watches the sample shop', () => {
  let dir: string;
  let shop: Shop;
  let server: ChildProcess;
  let url: string;
  const newborn = new Newborn();

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'prometheus-'));
    const remote = await createShopRemote(dir);
    shop = await startShop({ remote: remote.path, traffic: 100 });
    await writeFile(join(dir, 'rules.yml'), RULES);
    await writeFile(join(dir, 'prometheus.yml'), config(shop.url, await newborn.listen()));
    url = `http://127.0.0.1:${await freePort()}`;
    server = spawn(
      'prometheus',
      [
        `--config.file=${join(dir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
      ],
      { stdio: 'ignore' },
    );
    await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), {
      timeout: 30_000,
      interval: 100,
    });
    // Prometheus takes some seconds to begin; four whole ticks are what the tests look back on.
    await vi.waitFor(async () => expect(await open().read(lastTicks(4), 'baseline')).toHaveLength(4), {
      timeout: 50_000,
      interval: 250,
    });
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
    await shop.close();
    newborn.close();
    await rm(dir, { recursive: true, force: true });
  });

  const open = (settings: Record<string, unknown> = {}) =>
    metrics.open(
      metrics.settings.parse({
        use: 'prometheus',
        url,
        selector: 'job="shop"',
        scrape: '500ms',
        alerts: { labels: { severity: 'critical', service: 'shop' } },
        ...settings,
      }),
      adapterContext(),
    );
  const lastTicks = (count: number) => {
    const toMs = Math.floor(Date.now() / STEP) * STEP;
    return { fromMs: toMs - count * STEP, toMs, stepMs: STEP, isLive: true };
  };
  const total = (samples: readonly Sample[], field: 'total' | 'errors') =>
    samples.reduce((all, sample) => all + (sample[field] ?? 0), 0);

  metricsContract({
    name: 'prometheus, the real one',
    seeing: async () => ({ source: open(), range: lastTicks(4) }),
    blind: async () => open({ selector: 'job="nobody"', alerts: undefined }),
  });

  test('sees the requests, no errors, and latency as the shop makes it', async () => {
    const source = open();
    expect(await source.preflight()).toMatch(/^Prometheus sees [\d.]+ requests a second\.$/);
    const samples = await source.read(lastTicks(4), 'baseline');
    expect(samples).toHaveLength(4);
    expect(total(samples, 'total')).toBeGreaterThan(300);
    expect(total(samples, 'total')).toBeLessThan(1_000);
    expect(samples.every((sample) => sample.errors === 0)).toBe(true);
    expect(samples.at(-1)?.alerts).toEqual([]);
    const latency = mergeHistograms(samples.flatMap((sample) => sample.latency ?? []));
    const median = latency && quantile(latency, 0.5);
    expect(median).toBeGreaterThan(20);
    expect(median).toBeLessThan(60);
  });

  test('counts other things, and looks at values', async () => {
    const grown = (more: string) => `sum(increase(http_requests_total{job="{service}"${more}}[$window]))`;
    const source = open({
      counts: {
        'failed requests': { total: grown(''), bad: grown(',status=~"5.."') },
        'scrape time': { value: 'max(scrape_duration_seconds{job="shop"})', above: 10 },
        targets: { value: 'sum(up{job="shop"})', below: 2 },
      },
    });
    expect(await source.preflight()).toMatch(/^Prometheus sees/);
    const samples = await source.read(lastTicks(4), 'baseline');
    expect(samples).toHaveLength(4);
    for (const { counts, total: requests = 0 } of samples) {
      expect(counts).toMatchObject({ 'scrape time': { total: 1, bad: 0 }, targets: { total: 1, bad: 1 } });
      expect(counts?.['failed requests']).toEqual({ total: expect.closeTo(requests, 0), bad: 0 });
    }
    await expect(
      open({ counts: { jobs: { value: 'no_such_metric', above: 1 } } }).preflight(),
    ).rejects.toMatchObject({
      code: 'metrics-blind',
    });
  });

  test('sees the first failures of a new release, which begin a series', async () => {
    const source = open({ selector: 'job="newborn"', alerts: undefined });
    expect(total(await source.read(lastTicks(3), 'after'), 'errors')).toBe(0);
    newborn.failed = 3;
    const began = Date.now();
    await sleep(2.5 * STEP);
    // The grid of ticks may begin just after the failures.
    const after = await source.read(lastTicks(3), 'after');
    expect(total(after, 'errors')).toBeCloseTo(3, 1);
    const before = await source.read(lastTicks(3), 'baseline');
    expect(total(before, 'errors'), 'of a target that was there before').toBeCloseTo(3, 1);
    // Lifetimes of services that are only new to Prometheus are no requests of a tick.
    expect(total(after, 'total')).toBeLessThan(5 * 2 * ((Date.now() - began) / 500));
  });

  test('sees a bad release as the judge must see it', async () => {
    const source = open();
    const before = await source.read(lastTicks(4), 'baseline');
    shop.control.set({ mode: 'failing', errorRate: 0.4 });
    await sleep(3.2 * STEP);
    const after = await source.read(lastTicks(2), 'after');
    shop.control.set({ mode: 'healthy' });
    const share = total(after, 'errors') / total(after, 'total');
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.5);
    expect(after.at(-1)?.alerts).toEqual(['ShopFailing{service="shop",severity="critical"}']);
    const start = judge.begin(before, JUDGED);
    const [first, ...others] = after;
    const judged = others.reduce(
      (before, sample) => judge.tick(start, before.state, sample),
      judge.tick(start, null, first ?? null),
    );
    const { verdict, findings } = judged.judgement;
    expect(verdict).toBe('critical');
    expect(
      findings.filter((finding) => finding.verdict === 'critical').map((finding) => finding.metric),
    ).toEqual(['error rate', 'critical alerts']);
  });

  test('sees nothing of a service that is gone, and says so', async () => {
    const source = open({ alerts: undefined });
    await shop.close();
    await sleep(2.5 * STEP);
    const range = lastTicks(1);
    expect(await source.read(range, 'after')).toEqual([]);
    expect(await source.read({ ...range, fromMs: range.fromMs - 60 * STEP }, 'after')).not.toEqual([]);
  });

  test('says what is wrong with a query, in the words of Prometheus', async () => {
    await expect(open({ queries: { total: 'sum(increase(x[$window])' } }).preflight()).rejects.toMatchObject({
      code: 'metrics-query-refused',
      facts: { query: 'total', reason: expect.stringMatching(/parse error/) },
    });
  });
});
