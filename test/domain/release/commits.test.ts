import { CommitParser } from 'conventional-commits-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommitCollector, readCommit } from '../../../src/domain/release/commits.ts';
import type { Commit } from '../../../src/domain/release/release.ts';
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
      `x (#${'1'.repeat(100_000)}`,
      `${'\t'.repeat(100_000)}x`,
    ];
    for (const message of hostile) {
      // Time of the processor, the better of two: others use the machine too.
      const times = [1, 2].map(() => {
        const before = process.cpuUsage();
        readCommit(commit(message));
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1_000;
      });
      expect(Math.min(...times), message.slice(0, 20)).toBeLessThan(100);
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

  test('keeps its memory flat: at most 500 entries a group, and says how many more there are', () => {
    const collector = new CommitCollector();
    for (let index = 0; index < 2_000; index++) collector.add(commit(`fix: thing ${index}`));
    const { total, subjects, reasons, groups } = collector.summary();
    expect([total, subjects.length, reasons.length]).toEqual([2_000, 30, 20]);
    expect(groups[0]?.entries).toHaveLength(501);
    expect(groups[0]?.entries.at(-1)).toBe('… and 1500 more');
  });
});
