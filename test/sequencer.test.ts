import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LONG } from './sequencer.ts';

test('the files that begin first are where they are looked for', () => {
  expect(LONG.filter((path) => !existsSync(new URL(path, import.meta.url)))).toEqual([]);
});
