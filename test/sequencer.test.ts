import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LONG, leftOut, WHOLE_ONLY } from './sequencer.ts';

test('the files that begin first, and those that run only in CI, are where they are looked for', () => {
  const missing = [...LONG.map((path) => `test/${path}`), ...WHOLE_ONLY].filter(
    (path) => !existsSync(new URL(`../${path.replace(/[*{].*/, '')}`, import.meta.url)),
  );
  expect(missing).toEqual([]);
});

test('every variant is in one of the parts that CI draws from, and everything runs without them', () => {
  const parts = ['0/6', '1/6', '2/6', '3/6', '4/6', '5/6'].map((part) =>
    leftOut({ SLIPWAY_WHOLE: '1', SLIPWAY_VARIANTS: part }),
  );
  const variants = [...new Set(parts.flat())];
  expect(variants.length).toBeGreaterThan(20);
  for (const file of variants) expect(parts.filter((left) => !left.includes(file)).length, file).toBe(1);
  expect(leftOut({ SLIPWAY_WHOLE: '1' })).toEqual([]);
  expect(leftOut({})).toEqual(WHOLE_ONLY);
});
