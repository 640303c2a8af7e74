import { type AuditEntry, bySlipway } from '../audit/entry.ts';
import type { Release, Sha } from '../release/release.ts';
import type { Promotion, PromotionState } from './promotion.ts';

/** A release that a rollback may return to: this installation shipped exactly this commit under this version. */
export interface KnownRelease extends Pick<Release, 'version' | 'tag' | 'commit' | 'build'> {
  /** `live-before`: it was live when a plan was approved. `adopted`: a person vouched for it. */
  readonly how: 'shipped' | 'live-before' | 'adopted';
}

/** A commit that Slipway made itself, by the ledger; `version`: of the release that it is. */
export interface OwnCommit {
  readonly sha: Sha;
  readonly version: string | null;
}

const APPROVED: readonly PromotionState[] = [
  'releasing',
  'deploying',
  'verifying',
  'monitoring',
  'rolling-back',
  'shipped',
  'rolled-back',
];

/** What a promotion proves to have been in production: what its approved plan found there, and what it deployed. */
export function releasesOf({ state, data }: Pick<Promotion, 'state' | 'data'>): readonly KnownRelease[] {
  const { plan, release, deployment } = data;
  const before = APPROVED.includes(state) || deployment !== undefined ? plan?.rollbackTo : undefined;
  return [
    ...(before?.tag && before.commit ? [known(before, 'live-before')] : []),
    ...(release && deployment ? [known(release, 'shipped')] : []),
  ];
}

/** The row of the audit for a commit with records, or for half a release. */
export function ownCommitAudit(
  service: string,
  promotionId: string,
  { sha, version }: OwnCommit,
): AuditEntry {
  const detail = { commit: sha, ...(version === null ? {} : { version }) };
  return { ...bySlipway('commit.made', detail), service, promotionId };
}

function known({ version, tag, commit, build }: Release, how: KnownRelease['how']): KnownRelease {
  return { version, tag, commit, ...(build ? { build } : {}), how };
}
