import { expect, test } from 'vitest';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { about } from '../said.ts';

test.each([
  ['the release pull request #12', 'is through'],
  ['the release merge request !12', 'is through'],
  ['the git remote', 'answers again'],
])('%s %s', (what, how) => {
  expect(notice({ kind: 'recovered', what }, about('releasing')).text).toBe(`✅ ${what} ${how}. Going on.`);
});
