import { describe, expect, test } from 'vitest';
import { authorInWords, authorsOf } from '../../../src/domain/promotion/authors.ts';
import type { Commit } from '../../../src/domain/release/release.ts';

const commit = (change: Partial<Commit> = {}): Commit => ({
  sha: '1',
  authorName: 'Ada',
  authorEmail: 'ada@shop.test',
  authorAccount: 'Ada',
  at: 0,
  message: 'feat: x',
  parents: ['0'],
  ...change,
});
const SQUASHED = { signedBy: ['Ada'] };
const OWN = { signedBy: ['Ada'], committerEmail: 'ada@shop.test', committerAccount: 'Ada' };
const behind = (pushed: readonly string[] | null, opened: readonly string[] = ['ada']) => ({
  openers: new Map([['1', opened]]),
  pushers: new Map([['1', pushed]]),
});
const trusts = (change: Partial<Commit>, host: ReturnType<typeof behind>) =>
  authorsOf([commit(change)], host).map((author) => `${author.trust} ${author.account}`);

describe('whoever pushed to a pull request', () => {
  test.each([
    ['unsigned', {}],
    ['squashed', SQUASHED],
    ['signed by its author', OWN],
  ])('is an author of what is %s, and so is whom it names', (_how, change) => {
    expect(trusts(change, behind(['ada', 'Mallory']))).toEqual(['proven ada', 'proven mallory']);
    expect(trusts(change, behind(['ada']))).toEqual(['proven ada']);
  });

  test.each([
    ['unsigned', {}, ['proven ada', 'unpushed ada']],
    ['squashed', SQUASHED, ['proven ada', 'unpushed ada']],
    ['signed by its author', OWN, ['proven ada']],
    ['a merge', { ...SQUASHED, parents: ['0', '2'] }, ['proven ada']],
  ])('while nobody tells, a name clears nobody: %s', (_how, change, wanted) => {
    expect(trusts(change, behind(null)).sort()).toEqual(wanted);
  });

  test('what came without a pull request is as it was', () => {
    expect(trusts({}, behind([], []))).toEqual(['unproven ada']);
    expect(trusts(SQUASHED, behind([], []))).toEqual(['proven ada']);
  });

  test('people are told why', () => {
    const words = authorsOf([commit()], behind(null)).map(authorInWords);
    expect(words).toContain('@ada (the host does not tell who pushed to that pull request)');
  });
});
