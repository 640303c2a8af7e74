import type { Histogram, Sample } from '../../../src/domain/judge/sample.ts';

const START = Date.UTC(2026, 10, 20, 9);
const TICK_MS = 30_000;
const EDGES_MS = Array.from({ length: 120 }, (_, index) => Number((1.06 ** index).toPrecision(4)));

/** Random numbers 0..1 from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Tick = Omit<Sample, 'at' | 'phase'> | null;

/** Samples of consecutive ticks; null: a tick of which nothing is known. */
export function ticks(phase: Sample['phase'], all: readonly Tick[]): Sample[] {
  const first = phase === 'baseline' ? START - all.length * TICK_MS : START;
  return all.map((tick, index) => ({
    at: new Date(first + (index + 1) * TICK_MS).toISOString(),
    phase,
    ...tick,
  }));
}

/** The same tick so many times. */
export function times(count: number, tick: Tick): Tick[] {
  return Array.from({ length: count }, () => tick);
}

/** A histogram of requests with a given median, spread as in the wild (log-normal, σ 0.5). */
export function latencies(total: number, medianMs: number, random: () => number): Histogram {
  const counts = new Array<number>(EDGES_MS.length + 1).fill(0);
  for (let request = 0; request < total; request++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const ms = medianMs * Math.exp(0.5 * normal);
    let bucket = Math.min(EDGES_MS.length, Math.max(0, Math.floor(Math.log(ms) / Math.log(1.06)) - 1));
    while (bucket < EDGES_MS.length && ms > (EDGES_MS[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return { edges_ms: EDGES_MS, counts };
}

/** A tick of a service with so many requests, each failing with a probability. */
export function randomTick(total: number, errorRate: number, medianMs: number, random: () => number): Tick {
  let errors = 0;
  for (let request = 0; request < total; request++) if (random() < errorRate) errors += 1;
  return { total, errors, latency: latencies(total, medianMs, random) };
}
