import { describe, expect, test } from 'vitest';
import { CommitCollector } from '../../../src/domain/release/commits.ts';
import type { Commit } from '../../../src/domain/release/release.ts';
import { processorMs } from '../../support/processor-time.ts';

const HALF = 5_000;

function commit(nr: number, message: string): Commit {
  const sha = nr.toString(16).padStart(8, '0').repeat(5);
  return { sha, message, authorName: 'Dev', authorEmail: 'dev@shop.test', at: nr, parents: ['p'] };
}

describe('thousands of reverts are read at once', () => {
  const elsewhere = (nr: number) => commit(nr + 100_000, '').sha;

  test.each<[string, (nr: number) => string, (nr: number) => string, number]>([
    ['of what comes', (nr) => `Revert "fix: ${nr}"`, (nr) => `fix: ${nr}`, 0],
    [
      'by ids',
      (nr) => `Revert "fix: x"\n\nThis reverts commit ${commit(nr, '').sha}.`,
      (nr) => `fix: ${nr}`,
      0,
    ],
    ['of what was released before', (nr) => `Revert "feat: ${nr}"`, (nr) => `fix: ${nr}`, 2 * HALF],
    [
      'of the same title, by ids of something else',
      (nr) => `Revert "fix: x"\n\nThis reverts commit ${elsewhere(nr)}.`,
      () => 'fix: x',
      2 * HALF,
    ],
  ])('%s', (_what, undoing, undone, left) => {
    const commits = [
      ...Array.from({ length: HALF }, (_, nr) => commit(nr + 50_000, undoing(nr))),
      ...Array.from({ length: HALF }, (_, nr) => commit(nr, undone(nr))),
    ];
    const work = () => {
      const collector = new CommitCollector();
      for (const one of commits) collector.add(one);
      const { reasons, total } = collector.summary();
      expect(total).toBe(2 * HALF);
      expect(reasons.length > 0).toBe(left > 0);
    };
    expect(processorMs(work, { enough: 3_000 })).toBeLessThan(3_000);
  });
});
