import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MetricSource } from '../../../src/adapters/metrics/port.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

let server: TestServer;
let source: MetricSource | null = null;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(async () => {
  await source?.close();
  source = null;
  await server.close();
});

function open(settings: Record<string, unknown> = {}, env: Record<string, string> = {}): MetricSource {
  const parsed = metrics.settings.parse({ use: 'probe', url: server.url, rate: 50, ...settings });
  source = metrics.open(parsed, adapterContext({ env }));
  return source;
}

/** Probes until so many requests were counted, however long that takes; answers with one sample over all of it. */
async function watch(atLeast: number, settings: Record<string, unknown> = {}) {
  const probe = open(settings);
  const from = Date.now() - 1;
  probe.observe(from + 15_000);
  const range = { fromMs: from, toMs: from + 20_000, stepMs: 20_000 };
  return vi.waitUntil(
    async () => {
      const [sample] = await probe.read(range, 'after');
      return (sample?.total ?? 0) >= atLeast && sample;
    },
    { timeout: 15_000, interval: 20 },
  );
}

metricsContract({
  name: 'probe',
  seeing: async () => {
    const probe = open();
    const from = Date.now();
    probe.observe(from + 400);
    await sleep(400);
    return { source: probe, range: { fromMs: from, toMs: from + 400, stepMs: 100 } };
  },
  blind: async () => {
    await server.close();
    return open();
  },
});

describe('the probe', () => {
  test('asks all paths in turn, with headers, and stops by itself', async () => {
    const headers = { authorization: { env: 'SHOP_TOKEN' } };
    const probe = open({ paths: ['/', '/api'], headers }, { SHOP_TOKEN: 'Bearer s3cret' });
    probe.observe(Date.now() + 600);
    await sleep(700);
    const asked = server.requests.length;
    // 30 on an idle machine: a busy one leaves some out, none ever asks more.
    expect(asked).toBeGreaterThanOrEqual(6);
    expect(asked).toBeLessThanOrEqual(32);
    expect(server.requests.slice(0, 4).map((one) => one.path)).toEqual(['/', '/api', '/', '/api']);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer s3cret');
    await sleep(100);
    expect(server.requests).toHaveLength(asked);
  });

  test('what this machine could not ask is no request of production', async () => {
    vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
      process.nextTick(() => this.destroy(Object.assign(new Error('no resolver'), { code: 'EAI_AGAIN' })));
      return this;
    });
    const probe = open();
    const from = Date.now();
    probe.observe(from + 300);
    await sleep(400);
    vi.restoreAllMocks();
    expect(await probe.read({ fromMs: from, toMs: from + 1_000, stepMs: 1_000 }, 'after')).toEqual([]);
  });

  test('goes on when it is told a later end, also after it stopped', async () => {
    const probe = open();
    probe.observe(Date.now() + 50);
    await sleep(120);
    const asked = server.requests.length;
    probe.observe(Date.now() + 5_000);
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(asked + 3), 3_000);
  });

  test('counts 5xx as failed and 4xx as answered', async () => {
    let turn = 0;
    server.answer = (_, response) => response.writeHead([500, 404, 200, 200][turn++ % 4] ?? 200).end();
    const { total, errors } = await watch(20);
    expect(total).toBeGreaterThanOrEqual(12);
    expect((errors ?? 0) / (total ?? 1)).toBeCloseTo(0.25, 1);
  });

  test('lets the config say what failed means', async () => {
    server.answer = (_, response) => response.writeHead(429).end();
    expect((await watch(4, { errors: ['5xx', 429] })).errors).toBeGreaterThan(3);
    await source?.close();
    server.answer = (_, response) => response.writeHead(503).end();
    expect((await watch(4, { errors: ['timeout'] })).errors).toBe(0);
  });

  test('counts a request without an answer in time as failed and slow', async () => {
    server.answer = () => {};
    // Long enough for a connection to be made in any case: without one there is no latency.
    const { total, errors, latency } = await watch(4, { timeout: '250ms' });
    expect(total).toBeGreaterThan(3);
    expect(errors).toBe(total);
    const slow = latency?.counts.reduce(
      (all, count, index) => ((latency.edges_ms[index] ?? 1e9) >= 250 ? all + count : all),
      0,
    );
    expect(slow).toBe(total);
  });

  test('counts a refused connection as failed, without a latency', async () => {
    await server.close();
    const { total, errors, latency } = await watch(5);
    expect(errors).toBe(total);
    expect(latency?.counts.every((count) => count === 0)).toBe(true);
  });

  test('measures latency within a bucket of 6 %', async () => {
    server.answer = (_, response) => setTimeout(() => response.end(), 100);
    const { edges_ms = [], counts = [] } = (await watch(15)).latency ?? {};
    const bucket = counts.indexOf(Math.max(...counts));
    expect(edges_ms[bucket]).toBeGreaterThan(99);
    expect(edges_ms[bucket]).toBeLessThan(135);
  });

  test('does not pile up requests on a production that hangs', async () => {
    server.answer = () => {};
    const probe = open({ timeout: '2s', rate: 10 });
    probe.observe(Date.now() + 60_000);
    await sleep(300);
    expect(server.requests.length).toBeLessThanOrEqual(21);
    const started = performance.now();
    await probe.close();
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('says before the deploy what it will not be able to see', async () => {
    expect(await open({ paths: ['/', '/api'], rate: 2 }).preflight()).toMatch(
      /^Production answers \/ in \d+ ms, \/api in \d+ ms; it is asked 2 times a second\.$/,
    );
    server.answer = (_, response) => response.writeHead(404).end();
    await expect(open({ paths: ['/gone'] }).preflight()).rejects.toMatchObject({
      code: 'metrics-blind',
      facts: { reason: '/gone answered 404' },
    });
    await server.close();
    await expect(open().preflight()).rejects.toMatchObject({ facts: { reason: '/: connection refused' } });
  });
});
