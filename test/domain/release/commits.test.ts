import { CommitParser } from 'conventional-commits-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommitCollector, readCommit } from '../../../src/domain/release/commits.ts';
import type { Commit } from '../../../src/domain/release/release.ts';
import { processorMs } from '../../support/processor-time.ts';
import { runs } from '../../support/whole.ts';

let count = 0;
function commit(message: string, over: Partial<Commit> = {}): Commit {
  count++;
  const sha = count.toString(16).padStart(8, '0').repeat(5);
  return {
    sha,
    message,
    authorName: 'Dev',
    authorEmail: 'dev@shop.test',
    at: count,
    parents: ['p'],
    ...over,
  };
}

describe('readCommit', () => {
  test.each([
    ['feat: coupons', 'minor', 'feat', null, 'coupons'],
    ['feat(cart): coupons', 'minor', 'feat', 'cart', 'coupons'],
    ['FEAT(Cart/UI,api): coupons', 'minor', 'feat', 'Cart/UI,api', 'coupons'],
    ['fix: rounding', 'patch', 'fix', null, 'rounding'],
    ['perf(db): index', 'patch', 'perf', 'db', 'index'],
    ['whatever: it is', 'patch', 'whatever', null, 'it is'],
    ['fix!: drop v1', 'major', 'fix', null, 'drop v1'],
    ['chore(api)!: drop v1', 'major', 'chore', 'api', 'drop v1'],
    ['fix: a\n\nBREAKING CHANGE: tokens end', 'major', 'fix', null, 'a'],
    ['fix: a\n\nBREAKING-CHANGE: tokens end', 'major', 'fix', null, 'a'],
    ['fix: a\n\nbody\n\nRefs: #1\nBREAKING CHANGE: tokens end\nReviewed-by: Z', 'major', 'fix', null, 'a'],
    ['feat: a\r\n\r\nBREAKING CHANGE: windows\r\n', 'major', 'feat', null, 'a'],
    ['fix: a\n\nThis is not a BREAKING CHANGE: at all', 'patch', 'fix', null, 'a'],
    ['fix: a\n\nbreaking changes to the docs build', 'patch', 'fix', null, 'a'],
    ['fix: a\n\n-type-\nfeat', 'patch', 'fix', null, 'a'],
    ['feat(parser(v2)): nested', 'minor', 'feat', 'parser(v2)', 'nested'],
    ['feat(a)(b): two', 'minor', 'feat', 'a, b', 'two'],
    ['feat(a: open', 'patch', null, null, 'feat(a: open'],
    ['fix: a\n\nBREAKING CHANGE:\ntokens end', 'major', 'fix', null, 'a'],
    ['fix: a\n\nBREAKING CHANGE #tokens end', 'major', 'fix', null, 'a'],
    ['fix: a\n\n  BREAKING CHANGE: tokens end', 'major', 'fix', null, 'a'],
    ['fix: a (#3)\n\n* fix: b\n* BREAKING CHANGE: tokens end', 'major', 'fix', null, 'a (#3)'],
    ['fix: a\n\nBREAKING CHANGES are listed in the wiki', 'patch', 'fix', null, 'a'],
    ['feat:no blank', 'patch', null, null, 'feat:no blank'],
    ['Add coupons', 'patch', null, null, 'Add coupons'],
    ['Add coupons\n\nBREAKING CHANGE: all of it', 'major', null, null, 'Add coupons'],
    ['', 'patch', null, null, ''],
    ['# heading', 'patch', null, null, '# heading'],
  ])('%j asks for %s', (message, bump, type, scope, subject) => {
    expect(readCommit(commit(message))).toEqual({
      kind: 'change',
      bump,
      type,
      scope,
      subject,
      breaking: bump === 'major',
    });
  });

  test('reads what the parser reads, also where it does without it', () => {
    const parser = new CommitParser({
      headerPattern: /^(\w+)(?:\(([^()]*)\))?!?:\s+(.*)$/,
      breakingHeaderPattern: /^(\w+)(?:\(([^()]*)\))?!:\s+(.*)$/,
      noteKeywords: ['BREAKING CHANGE', 'BREAKING-CHANGE'],
      notesPattern: (keywords) => new RegExp(`^[ \\t]*(?:[-*+][ \\t]+)?(${keywords})(?::|[ \\t]#)(.*)`),
      issuePrefixes: ['#'],
    });
    const word = fc.constantFrom(
      'feat',
      'fix',
      '!',
      '(',
      ')',
      ':',
      ': ',
      ' ',
      'x',
      'BREAKING CHANGE: ',
      '\n',
      '\n\n',
      'A',
      '#1',
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        const message = `s${words.join('')}`;
        // Scopes in scopes and several of them are ours alone.
        fc.pre(!/\(.*[()].*\)/.test(message.split('\n')[0] ?? ''));
        const reading = readCommit(commit(message));
        const parsed = parser.parse(message);
        expect(reading).toMatchObject({
          kind: 'change',
          type: parsed['type']?.toLowerCase() ?? null,
          scope: parsed['scope'] || null,
          breaking: parsed.notes.length > 0,
        });
      }),
      { numRuns: runs({ sample: 500, whole: 2_000 }) },
    );
  });

  test('reads any message in time linear in its length', () => {
    const hostile = [
      `fix!: x\n\n${'a'.repeat(500)}!`,
      `fix!: x\n\n${'a'.repeat(100_000)}!`,
      `feat${'('.repeat(100_000)}`,
      `feat${'()'.repeat(50_000)}: x`,
      `Revert "${'"'.repeat(100_000)}`,
      `revert: x\n${'Refs: aaaaaaa '.repeat(8_000)}`,
      `x\n${'\n'.repeat(100_000)}`,
      `x\n${' '.repeat(100_000)}BREAKING CHANGE`,
      `x\n* feat!: x${' by @x in https://x'.repeat(6_000)} .`,
      `x\n* feat!: x${'](https://x/pull'.repeat(6_000)}`,
      `x (#${'1'.repeat(100_000)}`,
      `${'\t'.repeat(100_000)}x`,
    ];
    for (const message of hostile) {
      const work = () => readCommit(commit(message));
      expect(processorMs(work, { enough: 100 }), message.slice(0, 20)).toBeLessThan(100);
    }
  });

  test('knows merges by their parents, and counts merges that say something', () => {
    const merge = { parents: ['a', 'b'] };
    expect(readCommit(commit('Merge branch "x"', merge)).kind).toBe('merge');
    expect(readCommit(commit('Merge pull request #1 from a/b\n\nfeat: x', merge)).kind).toBe('merge');
    expect(readCommit(commit('Merge branch handling was wrong')).kind).toBe('change');
    expect(readCommit(commit('feat: squashed by hand', merge)).kind).toBe('change');
    const { parents: _, ...unknown } = commit('Merge branch "x"');
    expect(readCommit(unknown).kind).toBe('merge');
  });

  test('knows its own commits by the ledger, never by their message', () => {
    expect(readCommit(commit('chore(release): v1.0.0\n\nSlipway-Promotion: p1'), true).kind).toBe('own');
    const forged = commit('feat!: no more carts\n\nSlipway-Promotion: p1');
    expect(readCommit(forged)).toMatchObject({ kind: 'change', bump: 'major', breaking: true });
    expect(readCommit(commit('docs: report\n\nText.\n\nReviewed-by: A\nSlipway-Record: p1'), true).kind).toBe(
      'own',
    );
    expect(readCommit(commit('feat: parse Slipway-Record: trailers')).kind).toBe('change');
    expect(readCommit(commit('feat: x\n\nSlipway-Record: quoted\n\nand more text')).kind).toBe('change');
  });
});

function collect(...commits: Commit[]) {
  const collector = new CommitCollector();
  for (const one of commits) collector.add(one, one.authorName === 'Slipway');
  return collector.summary();
}

const said = ({ reasons, groups }: ReturnType<typeof collect>) => [
  ...reasons.map(({ bump, text }) => `${bump} ${text.slice(8)}`),
  ...groups.flatMap(({ title, entries }) => entries.map((entry) => `${title}: ${entry}`)),
];

describe('CommitCollector', () => {
  test('sums up, most telling first', () => {
    const { total, subjects, reasons, groups } = collect(
      commit('fix: rounding'),
      commit('feat(cart): coupons'),
      commit('refactor!: new api'),
      commit('Merge branch "x"', { parents: ['a', 'b'] }),
      commit('docs: ship report\n\nSlipway-Record: p1', { authorName: 'Slipway' }),
      commit('chore: tidy'),
    );
    expect(total).toBe(6);
    expect(subjects.map(({ subject }) => subject)).toContain('docs: ship report');
    expect(reasons.map(({ bump, text }) => `${bump} ${text.slice(8)}`)).toEqual([
      'major refactor!: new api',
      'minor feat(cart): coupons',
      'patch fix: rounding',
      'patch chore: tidy',
    ]);
    expect(reasons[0]?.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(groups).toEqual([
      { title: 'Added', entries: ['**cart:** coupons'] },
      { title: 'Changed', entries: ['**BREAKING** new api'] },
      { title: 'Fixed', entries: ['rounding'] },
    ]);
  });

  test('lists work that users do not see only when there is nothing else', () => {
    expect(collect(commit('chore: tidy'), commit('ci: faster')).groups).toEqual([
      { title: 'Changed', entries: ['tidy', 'faster'] },
    ]);
  });

  describe('reverts', () => {
    const feature = () => commit('feat: coupons');
    const revertOf = (of: Commit) =>
      commit(`Revert "${of.message.split('\n')[0]}"\n\nThis reverts commit ${of.sha}.`);

    test('cancel the commit that they undo', () => {
      const undone = feature();
      expect(collect(revertOf(undone), commit('fix: x'), undone).reasons.map(({ bump }) => bump)).toEqual([
        'patch',
      ]);
      expect(collect(revertOf(undone), undone)).toMatchObject({ total: 2, reasons: [], groups: [] });
    });

    test('of reverts bring the commit back', () => {
      const back = feature();
      const revert = revertOf(back);
      expect(collect(revertOf(revert), revert, back).reasons.map(({ bump }) => bump)).toEqual(['minor']);
      const reapply = commit(`Reapply "feat: coupons"\n\nThis reverts commit ${revert.sha}.`);
      expect(collect(reapply, revert, back).reasons.map(({ bump }) => bump)).toEqual(['minor']);
    });

    test('of reverts that were released before bring a feature back', () => {
      const reapply = commit('Reapply "feat: coupons" (#9)\n\nThis reverts commit 0123456789.');
      expect(collect(reapply)).toMatchObject({
        reasons: [{ bump: 'minor' }],
        groups: [{ title: 'Added', entries: ['coupons'] }],
      });
      const again = commit('Revert "Revert "feat: coupons (#7)" (#8)"');
      expect(collect(again).reasons.map(({ bump }) => bump)).toEqual(['minor']);
    });

    test('are matched by what they name, whatever number the title carries', () => {
      const undone = commit('feat: coupons (#12)');
      expect(
        collect(commit(`revert: feat: coupons (#34)\n\nRefs: ${undone.sha.slice(0, 8)}`), undone).reasons,
      ).toEqual([]);
      expect(collect(commit('Revert "feat: coupons" (#35)'), undone).reasons).toEqual([]);
      const [one, two] = [commit('fix: a'), commit('feat: b')];
      const both = commit(`revert: both\n\nRefs: ${one.sha.slice(0, 9)}, ${two.sha.slice(0, 9)}`);
      expect(collect(both, two, one).reasons).toEqual([]);
    });

    test('of what was released before are a change', () => {
      const { reasons, groups } = collect(revertOf(feature()));
      expect(reasons.map(({ bump }) => bump)).toEqual(['patch']);
      expect(groups).toEqual([{ title: 'Changed', entries: ['Reverted: feat: coupons'] }]);
    });

    test('are understood in the words of GitHub and of conventional commits', () => {
      const undone = commit('feat: coupons (#12)');
      expect(collect(commit('Revert "feat: coupons (#12)"\n\nReverts acme/shop#12'), undone).reasons).toEqual(
        [],
      );
      const other = feature();
      const conventional = commit(`revert: feat: coupons\n\nRefs: ${other.sha.slice(0, 10)}`);
      expect(collect(conventional, other).reasons).toEqual([]);
      expect(collect(commit('revert: feat: coupons'), feature()).reasons).toEqual([]);
    });
  });

  describe('reverts that break something', () => {
    test.each([
      ['revert!: drop the v2 API\n\nBREAKING CHANGE: /v2 is gone', 'Reverted: drop the v2 API'],
      ['revert(api)!: drop the v2 API', 'Reverted: drop the v2 API'],
      ['Revert "feat: v2"\n\nBREAKING CHANGE: /v2 is gone', 'Reverted: feat: v2'],
      ['Reapply "feat: v2"\n\nBREAKING CHANGE: /v1 is gone', 'v2'],
    ])('%j is major', (message, entry) => {
      expect(said(collect(commit(message)))).toEqual([
        `major ${message.split('\n')[0]}`,
        `Changed: **BREAKING** ${entry}`,
      ]);
    });

    test('also where what they undo was not released', () => {
      const undone = commit('feat: v2');
      const revert = commit(`revert: feat: v2\n\nRefs: ${undone.sha}\nBREAKING CHANGE: tokens end`);
      expect(collect(revert, undone).reasons.map(({ bump }) => bump)).toEqual(['major']);
    });
  });

  describe('merges', () => {
    const merge = (message: string, first = 'p1', second = 'p2') =>
      commit(message, { parents: [first, second] });

    test.each([
      ['Merge pull request #12 from x/api\n\nfeat!: drop v1', 'feat!: drop v1'],
      ['Merge pull request #12 from x/api\n\nDrop v1\n\nBREAKING CHANGE: it is gone', 'Drop v1'],
      [
        "Merge branch 'api' into 'main'\n\nfeat(api)!: drop v1\n\nSee merge request a/b!12",
        "Merge branch 'api' into 'main'",
      ],
      ['Merged in api (pull request #12)\n\nfeat!: drop v1', 'feat!: drop v1'],
      ['Merged PR 12: feat!: drop v1', 'feat!: drop v1'],
      ['Pull request #12: feat!: drop v1\n\nMerge in SHOP/shop from api to main', 'feat!: drop v1'],
      ["Merge pull request 'feat!: drop v1' (#12) from a/api into main", 'feat!: drop v1'],
    ])('%j breaks something, and is no entry', (message, reason) => {
      expect(said(collect(merge(message)))).toEqual([`major ${reason}`]);
    });

    test.each([
      'Merge pull request #12 from x/api\n\nfeat: v2',
      'Merged in api (pull request #12)\n\nfeat: v2\n\nApproved-by: Ada',
      'Merged PR 12: feat: v2',
      "Merge remote-tracking branches 'origin/a' and 'origin/b'",
      "Merge tags 'a' and 'b'",
      "Merge pull request 'feat: v2' (#12) from a/api into main",
    ])('%j says nothing that its commits do not', (message) => {
      expect(said(collect(merge(message)))).toEqual([]);
    });

    test.each([
      'Merged PR 12: feat: v2',
      'Pull request #12: feat: v2',
      'Merge pull request #12 from x/api\n\nfeat: v2',
      'Merged in api (pull request #12)\n\nfeat: v2',
    ])('%j with one parent is a squash of that title', (message) => {
      expect(said(collect(commit(message)))).toEqual([`minor ${message.split('\n')[0]}`, 'Added: v2']);
    });

    test('a squashed commit that breaks something does so as a line of the list', () => {
      expect(collect(commit('API (#3)\n\n* feat: v2\n\n* feat(api)!: drop v1')).reasons[0]?.bump).toBe(
        'major',
      );
      expect(collect(commit('API (#3)\n\n* Note!: not a type')).reasons[0]?.bump).toBe('patch');
    });

    const theirs = '* feat!: drop Node 16\n* BREAKING CHANGE: drop Node 18';
    test.each([
      ['chore(deps): update foo to v5 (#12)', theirs],
      ['build(deps-dev): bump foo from 4 to 5', theirs],
      ['fix(deps): update foo to v5', theirs],
      ['deps: foo 5', theirs],
      ['Bump foo from 4 to 5', '* feat!: drop Node 16 by @x in https://github.com/foo/foo/pull/7'],
      ['Update foo', '- fix(api)!: no callbacks ([a1b2c3d](https://github.com/foo/foo/commit/a1b2c3d))'],
    ])('what is quoted of the changes of others breaks nothing here: %s', (title, below) => {
      expect(collect(commit(`${title}\n\n${below}`)).reasons[0]?.bump).toBe('patch');
    });

    test.each([
      'chore(deps)!: update foo to v5',
      'chore(deps): update foo to v5\n\nBREAKING CHANGE: needs Node 20',
      'chore(cart): update foo to v5\n\n* fix!: needs Node 20',
      'API (#3)\n\n* feat!: drop v1 by default, see https://shop.test/docs',
    ])('what breaks something itself does: %j', (message) => {
      expect(collect(commit(message)).reasons[0]?.bump).toBe('major');
    });

    const history = (
      undo: (merge: Commit) => string,
      title = 'Merge pull request #12 from x/coupons\n\nCoupons',
    ) => {
      const shared = commit('fix: shared', { parents: ['released'] });
      const first = commit('feat: coupons', { parents: [shared.sha] });
      const second = commit('fix!: coupons', { parents: [first.sha] });
      const main = commit('fix: on main', { parents: [shared.sha] });
      const join = merge(title, main.sha, second.sha);
      const revert = commit(undo(join), { parents: [join.sha] });
      return [revert, join, main, second, first, shared] as const;
    };
    const left = ['patch fix: on main', 'patch fix: shared', 'Fixed: on main', 'Fixed: shared'];

    test.each([
      [
        'by its id, as git has it',
        (undone: Commit) =>
          `Revert "Merge pull request #12 from x/coupons"\n\nThis reverts commit ${undone.sha}, reversing\nchanges made to p.`,
      ],
      ['by its number, as GitHub has it', () => 'Revert "Coupons (#12)" (#13)'],
      ['by its title', () => 'Revert "Coupons" (#13)\n\nReverts acme/shop#12'],
    ])('a revert undoes what the merge brought: %s', (_way, undo) => {
      expect(said(collect(...history(undo)))).toEqual(left);
    });

    test('a revert undoes what the merge brought: by its number, as GitLab has it', () => {
      const title = "Merge branch 'coupons' into 'main'\n\nCoupons\n\nSee merge request acme/shop!12";
      const undo = `Revert "Merge branch 'coupons' into 'main'"\n\nThis reverts merge request !12`;
      expect(said(collect(...history(() => undo, title)))).toEqual(left);
    });

    test('a revert undoes what a merge with a title of its own brought', () => {
      const undo = (undone: Commit) => `Revert "feat: coupons (#12)"\n\nThis reverts commit ${undone.sha}.`;
      expect(said(collect(...history(undo, 'feat: coupons (#12)')))).toEqual(left);
    });

    test('a revert of the revert brings it back', () => {
      const commits = history((undone) => `Revert "Coupons"\n\nThis reverts commit ${undone.sha}.`);
      const back = commit(`Reapply "Coupons"\n\nThis reverts commit ${commits[0].sha}.`);
      expect(said(collect(back, ...commits))).toContain('Added: coupons');
    });

    test('a revert of another pull request undoes nothing of it', () => {
      expect(said(collect(...history(() => 'Revert "Coupons (#11)" (#13)')))).toContain('Added: coupons');
    });

    test('commits of other services lead to those that are undone', () => {
      const [revert, join, ...others] = history(
        (undone) => `Revert "Coupons"\n\nThis reverts commit ${undone.sha}.`,
      );
      const collector = new CommitCollector();
      collector.add(revert);
      collector.add(join, false, false);
      for (const one of others) collector.add(one, false, one.message !== 'fix!: coupons');
      const summary = collector.summary();
      expect([...said(summary), summary.total]).toEqual([...left, 4]);
    });
  });

  describe('reverts of something else', () => {
    test('with the title of another pull request, or the number of a ticket, leave it', () => {
      const newer = commit('feat: update (#7)');
      expect(said(collect(commit('Revert "feat: update (#5)" (#9)'), newer))).toContain('Added: update (#7)');
      const named = commit('Revert "feat: update" (#9)\n\nReverts acme/shop#5');
      expect(said(collect(named, newer))).toContain('Added: update (#7)');
      const undone = commit('feat: coupons');
      for (const ticket of ['#1234567', 'SHOP-1234567', 'acme/shop#1234567']) {
        expect(said(collect(commit(`revert: feat: coupons\n\nRefs: ${ticket}`), undone))).toEqual([]);
      }
    });

    test('a revert of a revert with a number undoes that', () => {
      const revert = commit('Revert "feat: coupons (#7)" (#8)');
      expect(said(collect(commit('Revert "Revert "feat: coupons (#7)" (#8)" (#9)'), revert))).toEqual([]);
      expect(said(collect(commit('Reapply "feat: coupons (#7)" (#9)'), revert))).toEqual([]);
      expect(said(collect(commit('Reapply "feat: coupons (#6)" (#9)'), revert))).toHaveLength(4);
    });

    const before = 'a'.repeat(40);
    const revertOf = (subject: string, sha = before) =>
      commit(`Revert "${subject}"\n\nThis reverts commit ${sha}.`);
    const summed = (lost: readonly string[], ...commits: Commit[]) => {
      const collector = new CommitCollector();
      for (const one of commits) collector.add(one);
      return { doubtful: collector.doubtful, said: said(collector.summary(new Set(lost))) };
    };

    test('an id of before a rebase is that of the title, once nobody knows it', () => {
      const commits = [revertOf('feat: coupons'), commit('fix: a'), commit('feat: coupons')];
      expect(summed([], ...commits)).toEqual({
        doubtful: [before],
        said: expect.arrayContaining(['Added: coupons', 'Changed: Reverted: feat: coupons']) as unknown,
      });
      expect(summed([before], ...commits).said).toEqual(['patch fix: a', 'Fixed: a']);
    });

    test('is not asked for where no title fits, or the id was found', () => {
      const undone = commit('feat: coupons');
      expect(summed([], revertOf('feat: coupons'), commit('fix: a')).doubtful).toEqual([]);
      expect(
        summed([], revertOf('feat: coupons', undone.sha), commit('feat: coupons'), undone).doubtful,
      ).toEqual([]);
      expect(summed([], revertOf('feat: coupons', 'abcdef1'), commit('feat: coupons')).doubtful).toEqual([]);
    });

    test('a revert whose own id is lost comes back with what it undid', () => {
      const [other, undone] = ['b'.repeat(40), commit('feat: coupons')];
      const reapply = commit(`Reapply "feat: coupons"\n\nThis reverts commit ${other}.`);
      const lost = [before, other];
      expect(summed(lost, reapply, revertOf('feat: coupons'), undone).said).toContain('Added: coupons');
      expect(summed(lost, reapply, revertOf('feat: coupons', undone.sha), undone).said).toContain(
        'Added: coupons',
      );
      expect(summed(lost, reapply, revertOf('feat: coupons'), commit('fix: a')).said).toEqual([
        'patch fix: a',
        'Fixed: a',
      ]);
    });
  });

  test('keeps its memory flat: at most 500 entries a group, and says how many more there are', () => {
    const collector = new CommitCollector();
    for (let index = 0; index < 2_000; index++) collector.add(commit(`fix: thing ${index}`));
    const { total, subjects, reasons, groups } = collector.summary();
    expect([total, subjects.length, reasons.length]).toEqual([2_000, 30, 20]);
    expect(groups[0]?.entries).toHaveLength(501);
    expect(groups[0]?.entries.at(-1)).toBe('… and 1500 more');
  });
});
