import fc from 'fast-check';
import { inject } from 'vitest';
import type { CrashPoint } from '../fakes/memory-run.ts';

/** How much of the long tables and properties runs; test/global-setup.ts reads it from the environment, once. */
export interface Sampling {
  /** All of it, as in CI (`SLIPWAY_WHOLE=1`). */
  readonly whole: boolean;
  /** Otherwise a sample, drawn by this seed (`SLIPWAY_SEED`). */
  readonly seed: number;
}

declare module 'vitest' {
  export interface ProvidedContext {
    sampling: Sampling;
  }
}

/** How often a property is tried. */
export function runs(count: { readonly sample: number; readonly whole: number }): number {
  return inject('sampling').whole ? count.whole : count.sample;
}

/**
 * The rows of a long table that are run: all of them, or as many as it takes to have one of each kind. A row may be of
 * several kinds, such as its operation and its fault. `all`: none is left out.
 */
export function sampled<T>(
  rows: readonly T[],
  kindsOf: (row: T) => readonly string[],
  all = inject('sampling').whole,
): readonly T[] {
  const { seed } = inject('sampling');
  if (all || rows.length === 0) return rows;
  const anyOrder = fc.shuffledSubarray([...rows.keys()], { minLength: rows.length });
  const [order = []] = fc.sample(anyOrder, { seed, numRuns: 1 });
  const seen = new Set<string>();
  const chosen = new Set<number>();
  for (const index of order) {
    const kinds = kindsOf(rows[index] as T);
    if (kinds.every((kind) => seen.has(kind))) continue;
    for (const kind of kinds) seen.add(kind);
    chosen.add(index);
  }
  return rows.filter((_row, index) => chosen.has(index));
}

/** Where a run of so many journaled calls is killed: at each of them in every way, or at each of them in one way. */
export function crashPoints(calls: number): readonly CrashPoint[] {
  const ways = ['before', 'unrecorded', 'recorded'] as const;
  const points = Array.from({ length: calls }, (_, at) => ways.map((when) => ({ at, when }))).flat();
  return sampled(points, ({ at, when }) => [`call ${at}`, when]);
}
