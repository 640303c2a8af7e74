import { drawFrom } from './faults.ts';

export const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
export const COUNT = Number(process.env['CHAOS_COUNT'] ?? 3);
/** Everything is tried, not only what is drawn. */
export const WHOLE = process.env['CHAOS_WHOLE'] === '1';

/** So many of them, the same ones for the same seed, in their order; all of them with `--whole`. */
export function drawn<T>(all: readonly T[], count: number): readonly T[] {
  if (WHOLE || all.length <= count) return all;
  const draw = drawFrom(SEED);
  const left = all.map((_, index) => index);
  while (left.length > count) left.splice(draw(left.length), 1);
  return left.map((index) => all[index] as T);
}
