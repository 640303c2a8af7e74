import { describe, expect, test } from 'vitest';
import { authorInWords, authorsOf, couldBe, plannedAuthors } from '../../../src/domain/promotion/authors.ts';
import type { Commit } from '../../../src/domain/release/release.ts';

const commit = (sha: string, change: Partial<Commit> = {}): Commit => ({
  sha,
  authorName: 'Ada',
  authorEmail: 'Ada@Shop.test',
  at: 0,
  message: 'feat: x',
  ...change,
});

describe('authors', () => {
  test('are author, committer and whom trailers name, wherever these stand', () => {
    const message = [
      'feat: x',
      '',
      'Co-authored-by: Grace <GRACE@shop.test>, Kay <kay@shop.test>',
      'signed-off-by: linus@shop.test',
      '',
      'and @nobody; Reviewed-by: Mary <mary@shop.test>',
    ].join('\r\n');
    const authors = authorsOf([commit('1', { committerEmail: 'Dev@shop.test', message })], null);
    expect(authors).toEqual(
      ['ada', 'dev', 'grace', 'kay', 'linus'].map((name) => ({
        emails: [`${name}@shop.test`],
        trust: 'claimed',
      })),
    );
  });

  test('GitHub itself, which commits what people do on its pages, is none', () => {
    const authors = authorsOf([commit('1', { committerEmail: 'noreply@github.com' })], null);
    expect(authors.map(authorInWords)).toEqual(['ada@shop.test']);
  });

  test('an account is known by the addresses that the host has for it, and by its private one', () => {
    const commits = [
      commit('1', { authorAccount: 'Ada', authorEmail: 'ada@shop.test' }),
      commit('2', { authorEmail: '12+Ada@users.noreply.github.com' }),
    ];
    const openers = new Map([
      ['1', ['ada']],
      ['2', ['ada']],
    ]);
    expect(authorsOf(commits, openers)).toEqual([
      {
        trust: 'proven',
        account: 'ada',
        emails: ['12+ada@users.noreply.github.com', 'ada@shop.test'],
      },
    ]);
  });

  test('a signature that the host verified proves an account, an address in a commit proves none', () => {
    const commits = [
      commit('1', { authorAccount: 'ada' }),
      commit('2', { authorEmail: 'm@nowhere.test', signedBy: ['mallory'] }),
    ];
    expect(
      authorsOf(commits, new Map()).map(({ trust, ...one }) => [authorInWords({ trust, ...one }), trust]),
    )
      // Ada is named by a commit that anybody may have pushed.
      .toEqual([
        ['m@nowhere.test', 'claimed'],
        ['@mallory', 'proven'],
        ['@ada (no pull request, no verified signature)', 'unproven'],
      ]);
  });

  test('a squash merge on the pages of the host, which signs it, is by who opened the pull request', () => {
    const squashed = commit('1', {
      authorAccount: 'Ada',
      signedBy: ['Ada'],
      committerEmail: 'noreply@github.com',
    });
    for (const account of ['ada', 'mallory'])
      expect(authorsOf([squashed], new Map([['1', [account]]])).map(({ trust }) => trust)).not.toContain(
        'unsigned',
      );
    const unsigned = commit('1', { authorAccount: 'Ada' });
    const trusts = (people: Record<string, string>) =>
      authorsOf([unsigned], new Map([['1', ['ada']]]), people).map(({ trust }) => trust);
    expect(trusts({ ada: 'U_ADA' })).toEqual(['proven']);
    expect(trusts({ ada: 'outside' })).toEqual(['proven', 'unsigned']);
  });

  test('of plans of earlier versions are addresses', () => {
    expect(plannedAuthors(['ada@shop.test'])).toEqual([{ emails: ['ada@shop.test'], trust: 'claimed' }]);
  });

  test('hostile messages are read in linear time', () => {
    const start = performance.now();
    for (const line of ['co-authored-by: ', '<', '@', ' ', 'a@b <', '\r\n']) {
      const message = `feat: x\n\nCo-authored-by: ${line.repeat(100_000 / line.length)}`;
      authorsOf([commit('1', { message })], null);
    }
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe('who could be an author whom nobody knows', () => {
  const people = { linus: 'U_LINUS', 'grace@home.test': 'U_GRACE' };
  const octocat = { trust: 'proven', account: 'octocat', emails: [] } as const;

  test('nobody whose own account is another one', () => {
    expect(couldBe('U_LINUS', octocat, people)).toBe(false);
    expect(couldBe('U_LINUS', { ...octocat, account: 'linus' }, people)).toBe(true);
    expect(couldBe('U_GRACE', octocat, people)).toBe(true);
  });

  test('anybody, of what is only written into a commit', () => {
    for (const trust of ['claimed', 'unproven', 'unsigned'] as const)
      expect(couldBe('U_LINUS', { ...octocat, trust }, people)).toBe(true);
  });
});
