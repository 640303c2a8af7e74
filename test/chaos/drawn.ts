import { randomFrom } from '../domain/judge/samples.ts';

export const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
export const COUNT = Number(process.env['CHAOS_COUNT'] ?? 3);
/** Everything is tried, not only what is drawn. */
export const WHOLE = process.env['CHAOS_WHOLE'] === '1';

/** Whole numbers below `below`, the same ones for the same seed. */
export function drawFrom(seed: number): (below: number) => number {
  const random = randomFrom(seed);
  return (below) => Math.floor(random() * below);
}

/** So many of them, the same ones for the same seed, in their order; all of them with `--whole`. */
export function drawn<T>(all: readonly T[], count: number): readonly T[] {
  if (WHOLE) return all;
  const draw = drawFrom(SEED);
  const left = [...all];
  while (left.length > count) left.splice(draw(left.length), 1);
  return left;
}
