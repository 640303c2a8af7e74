import type { Bump } from '../../src/domain/release/version.ts';

/** What happened between two releases, and the step that it asks for by Conventional Commits 1.0.0 and what people mean. */
export interface History {
  readonly name: string;
  /** Messages, oldest first. */
  readonly messages: readonly string[];
  /** Whoever promotes wants a release, so that the smallest step is the answer where nothing asks for more. */
  readonly right: Bump;
  /** Why, where the specification leaves it open. */
  readonly why?: string;
}

const one = (message: string, right: Bump, why?: string): History => ({
  name: message.split('\n', 1)[0] ?? '',
  messages: [message],
  right,
  ...(why === undefined ? {} : { why }),
});

const REVERTED = 'a'.repeat(40);

export const HISTORIES: readonly History[] = [
  one('feat: coupons at checkout', 'minor'),
  one('feat(cart): coupons', 'minor'),
  one('fix: rounding of totals', 'patch'),
  one('fix(cart): rounding', 'patch'),
  one('perf: fewer queries', 'patch'),
  one('feat!: prices are in cents', 'major'),
  one('fix(api)!: no more XML', 'major'),
  one('refactor!: one package less', 'major'),
  one('chore!: Node 18 is not supported any more', 'major'),
  one('feat: prices in cents\n\nBREAKING CHANGE: what was 1.00 is 100', 'major'),
  one('feat: prices in cents\n\nBREAKING-CHANGE: what was 1.00 is 100', 'major'),
  one('fix: totals\n\nRefs: #12\nBREAKING CHANGE: rounding is by bank', 'major'),
  one('fix: totals\n\nBREAKING CHANGE:\nrounding is by bank', 'major', 'the text may stand on the next line'),
  one('fix: totals\n\nBREAKING CHANGE #rounding is by bank', 'major', 'the other separator of a footer'),
  one('fix: a sentence on breaking change\n\nThis is no breaking change: totals stay.', 'patch'),
  one('docs: how to set it up', 'patch'),
  one('test: more of them', 'patch'),
  one('ci: faster', 'patch'),
  one('style: commas', 'patch'),
  one('chore: tidy', 'patch'),
  one('chore(deps): raise pino', 'patch'),
  one('build: a smaller image', 'patch'),
  one('refactor: one function less', 'patch'),
  one('Coupons at checkout', 'patch', 'not a conventional commit'),
  one('WIP', 'patch'),
  one('FEAT: coupons', 'minor', 'types are not case sensitive'),
  one('Fix: rounding', 'patch', 'types are not case sensitive'),
  one('feat(parser(v2)): nested scopes', 'minor', 'people nest scopes'),
  one('feat(a)(b): two scopes', 'minor', 'people write two scopes'),
  one('feat: "quotes" and `code` (#12)', 'minor'),
  one('feat :coupons', 'patch', 'not a conventional commit'),
  {
    name: 'a merged pull request',
    messages: ['feat: coupons', 'Merge pull request #7 from acme/coupons\n\nfeat: coupons'],
    right: 'minor',
  },
  {
    name: 'a merged pull request whose title asks for more than its commits',
    messages: ['fix: totals', 'Merge pull request #7 from acme/coupons\n\nfeat: coupons'],
    right: 'patch',
    why: 'commits tell what is shipped; a title is often older than they are',
  },
  one(
    'feat: coupons\n\n* fix: rounding\n\n* feat!: prices in cents',
    'minor',
    'what a squashed body lists is a hint',
  ),
  one('feat: coupons\n\n- BREAKING CHANGE: prices are in cents', 'major', 'a bullet before the footer'),
  one('feat: coupons\r\n\r\nBREAKING CHANGE: prices are in cents\r\n', 'major', 'ends of lines of Windows'),
  { name: 'fix, then feat', messages: ['fix: a', 'feat: b'], right: 'minor' },
  { name: 'feat, then fix', messages: ['feat: b', 'fix: a'], right: 'minor' },
  { name: 'docs and chore', messages: ['docs: a', 'chore: b'], right: 'patch' },
  { name: 'feat! among many', messages: ['fix: a', 'feat!: b', 'docs: c'], right: 'major' },
  {
    name: 'a feature and its revert by hash',
    messages: [`feat: coupons`, `Revert "feat: coupons"\n\nThis reverts commit ${REVERTED}.`],
    right: 'patch',
    why: 'nothing is left of it',
  },
  {
    name: 'a breaking feature reverted, and a fix',
    messages: ['feat!: cents', `Revert "feat!: cents"\n\nThis reverts commit ${REVERTED}.`, 'fix: totals'],
    right: 'patch',
    why: 'what was reverted is not shipped',
  },
  {
    name: 'a revert that is reverted',
    messages: [
      'feat: coupons',
      `Revert "feat: coupons"\n\nThis reverts commit ${REVERTED}.`,
      `Reapply "feat: coupons"\n\nThis reverts commit ${'b'.repeat(40)}.`,
    ],
    right: 'minor',
    why: 'it is back',
  },
  {
    name: 'the revert of something that is live',
    messages: [`revert: feat: gift cards\n\nThis reverts commit ${'c'.repeat(40)}.`],
    right: 'patch',
    why: 'production changes',
  },
];
