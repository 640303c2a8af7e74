import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LONG, WHOLE_ONLY } from './sequencer.ts';

test('the files that begin first, and those that run only in CI, are where they are looked for', () => {
  const missing = [...LONG.map((path) => `test/${path}`), ...WHOLE_ONLY].filter(
    (path) => !existsSync(new URL(`../${path}`, import.meta.url)),
  );
  expect(missing).toEqual([]);
});
