import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filesOf, LONG, LONG_FILES } from './sequencer.ts';

test('the files that begin first, and those that run only in CI, are where they are looked for', () => {
  const missing = [...LONG.map((path) => `test/${path}`), ...LONG_FILES].filter(
    (path) => !existsSync(new URL(`../${path.replace(/[*{].*/, '')}`, import.meta.url)),
  );
  expect(missing).toEqual([]);
});

test.each([
  ['in short', {}, [], { only: null, without: LONG_FILES }],
  ['whatever is named', {}, ['test/cli/stop.test.ts'], { only: null, without: [] }],
  ['everything', { SLIPWAY_WHOLE: '1' }, [], { only: null, without: [] }],
  [
    'in short, each whole',
    { SLIPWAY_WHOLE: '1', SLIPWAY_FILES: 'short' },
    [],
    { only: null, without: LONG_FILES },
  ],
  ['the long ones', { SLIPWAY_WHOLE: '1', SLIPWAY_FILES: 'long' }, [], { only: LONG_FILES, without: [] }],
])('%s', (_what, env, named, expected) => {
  expect(filesOf(env, named)).toEqual(expected);
});
