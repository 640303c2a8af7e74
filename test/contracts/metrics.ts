import { describe, expect, test } from 'vitest';
import type { MetricSource, Range } from '../../src/adapters/metrics/port.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';

export interface MetricsDescriptor {
  readonly name: string;
  /** A source that has seen the service, and a range of at least three ticks of which it knows at least two. */
  readonly seeing: () => Promise<{ readonly source: MetricSource; readonly range: Range }>;
  /** A source that does not know the service, or whose other side does not answer. */
  readonly blind: () => Promise<MetricSource>;
}

/** What every metric source promises. */
export function metricsContract(descriptor: MetricsDescriptor): void {
  describe(`${descriptor.name} keeps the contract of a metric source`, () => {
    test('says in a sentence that it sees the service', async () => {
      const { source } = await descriptor.seeing();
      expect(source.kind).toMatch(/^[a-z][a-z-]*$/);
      expect(await source.preflight()).toMatch(/\w+ \w+/);
      await source.close();
    });

    test('does not claim to see what it does not see', async () => {
      const source = await descriptor.blind();
      const failed = await source.preflight().catch((error: unknown) => error);
      expect(failed instanceof Refusal || failed instanceof Unavailable).toBe(true);
      await source.close();
    });

    test('answers with whole ticks, in order, on the grid that was asked for', async () => {
      const { source, range } = await descriptor.seeing();
      const samples = await source.read(range, 'after');
      expect(samples.length).toBeGreaterThanOrEqual(2);
      const times = samples.map((sample) => Date.parse(sample.at));
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      for (const time of times) {
        expect(Math.round((time - range.fromMs) % range.stepMs)).toBe(0);
        expect(time).toBeGreaterThan(range.fromMs);
        expect(time).toBeLessThanOrEqual(range.toMs);
      }
      await source.close();
    });

    test('counts sensibly, in plain JSON', async () => {
      const { source, range } = await descriptor.seeing();
      const samples = await source.read(range, 'baseline');
      expect(samples.some((sample) => (sample.total ?? 0) > 0)).toBe(true);
      for (const sample of samples) {
        expect(sample.phase).toBe('baseline');
        expect(sample.errors ?? 0).toBeLessThanOrEqual(sample.total ?? Number.POSITIVE_INFINITY);
        expect(sample.errors ?? 0).toBeGreaterThanOrEqual(0);
        if (sample.latency === undefined) continue;
        const { edges_ms, counts } = sample.latency;
        expect(counts).toHaveLength(edges_ms.length + 1);
        expect(edges_ms).toEqual([...edges_ms].sort((a, b) => a - b));
        expect(counts.every((count) => count >= 0)).toBe(true);
      }
      expect(JSON.parse(JSON.stringify(samples))).toEqual(samples);
      await source.close();
    });

    test('gives no tick that is not whole', async () => {
      const { source, range } = await descriptor.seeing();
      expect(await source.read({ ...range, toMs: range.fromMs + range.stepMs - 1 }, 'after')).toEqual([]);
      const two = await source.read({ ...range, toMs: range.fromMs + 2.5 * range.stepMs }, 'after');
      expect(two.length).toBeLessThanOrEqual(2);
      await source.close();
    });

    test('never makes up samples', async () => {
      const source = await descriptor.blind();
      const now = Date.now();
      const range = { fromMs: now - 30_000, toMs: now, stepMs: 10_000 };
      const read = await source.read(range, 'after').catch((error: unknown) => error);
      if (!(read instanceof Unavailable)) expect(read).toEqual([]);
      await source.close();
    });

    test('can be told to observe and to close more than once', async () => {
      const { source, range } = await descriptor.seeing();
      source.observe(range.toMs);
      source.observe(range.toMs);
      await source.close();
      await source.close();
      source.observe(Date.now() + 60_000);
    });
  });
}
