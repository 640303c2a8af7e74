import { expect, test } from 'vitest';
import { type Live, liveInWords, liveTogether, type Release } from '../../../src/domain/release/release.ts';

const [OLD, NEW, OTHER] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const release = (version: string, commit: string): Release => ({ version, tag: `v${version}`, commit });
const KNOWN = [release('1.3.0', NEW), null, release('1.2.0', OLD)];

test.each<[string, Live | null, string]>([
  ['nothing', null, 'Nothing is in production.'],
  ['a release that is known, by its commit', { commit: NEW }, 'Production has 1.3.0.'],
  [
    'a commit that is not',
    { commit: OTHER },
    'Production has commit ccccccc, which is no release of this promotion.',
  ],
  [
    'what the platform calls a version',
    { commit: OTHER, version: '9.9.9' },
    'Production has 9.9.9 (ccccccc).',
  ],
  ['several releases', liveTogether([{ commit: NEW }, { commit: OLD }]), 'Production has 1.3.0 and 1.2.0.'],
  ['one that is nowhere else', liveTogether([{ commit: NEW }, null]), 'Production has 1.3.0 and nothing.'],
  [
    "one that is nobody's",
    liveTogether([{ commit: NEW }, { commit: OTHER }]),
    'Production has 1.3.0 and commit ccccccc.',
  ],
  ['the same everywhere', liveTogether([{ commit: OLD }, { commit: OLD }]), 'Production has 1.2.0.'],
])('%s', (_name, live, words) => {
  expect(liveInWords(live, KNOWN)).toBe(words);
});
