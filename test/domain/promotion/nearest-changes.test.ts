import { expect, test } from 'vitest';
import { nearestChanges } from '../../../src/domain/promotion/earlier/nearest-changes.ts';

const commits = [
  { sha: 'a'.repeat(40), subject: 'docs: fix a typo in the readme', author: 'Ada' },
  { sha: 'b'.repeat(40), subject: 'feat(checkout): coupons', author: 'Grace' },
  { sha: 'c'.repeat(40), subject: 'fix(search): faster answers', author: 'Linus' },
];
const order = (failing: readonly string[]) =>
  nearestChanges(commits, failing).map(({ author, shares }) => [author, shares]);

test('commits that name what fails come first, with the word', () => {
  expect(order(['error rate of /api/checkout', '30 % of requests fail since the deploy'])).toEqual([
    ['Grace', 'checkout'],
    ['Ada', null],
    ['Linus', null],
  ]);
  expect(order(['Search: no answer within 5 seconds'])[0]).toEqual(['Linus', 'search']);
});

test('where nothing names it, the newest come first; words of every finding count for nothing', () => {
  expect(
    order(['error rate', 'above the baseline, faster than usual: answers failed']).map(([one]) => one),
  ).toEqual(['Linus', 'Ada', 'Grace']);
  expect(order(['error rate', 'latency above the limit']).map(([one]) => one)).toEqual([
    'Ada',
    'Grace',
    'Linus',
  ]);
  expect(order([])).toHaveLength(3);
});
