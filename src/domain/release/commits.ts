import { headerOf, type Revert, readConventional, readRevert, withoutNumber } from './conventional.ts';
import type { Commit, Sha } from './release.ts';
import type { Bump, BumpReason } from './version.ts';

/** `### Added` with its entries; of Markdown each, without the bullet. */
export interface ChangelogGroup {
  readonly title: string;
  readonly entries: readonly string[];
}

/** What one commit says about the size of the release. */
export type CommitReading =
  /** Written by Slipway itself: release, report, state file. */
  | { readonly kind: 'own' }
  /** Joins branches; what it joins is in the history too. */
  | { readonly kind: 'merge' }
  | Revert
  | {
      readonly kind: 'change';
      /** `feat`, `fix`, …; null for a message that is not a conventional commit. */
      readonly type: string | null;
      readonly scope: string | null;
      readonly subject: string;
      readonly bump: Bump;
      readonly breaking: boolean;
    };

const MERGE_SUBJECT = /^Merge (branch|branches|pull request|remote-tracking branch|tag|commit) /;

/** Whether a message is what git and its hosts write for a merge by themselves. */
export function isMergeMessage(message: string): boolean {
  return MERGE_SUBJECT.test(subjectOf(message));
}

/**
 * Reads one commit by the rules of Conventional Commits 1.0.0: `feat` asks for minor, `!` or a
 * `BREAKING CHANGE` footer for major, everything else (also messages without a type) for patch. `isOwn`: Slipway made
 * it, as the ledger knows; its message never says so by itself.
 */
export function readCommit(commit: Commit, isOwn = false): CommitReading {
  const { message } = commit;
  const subject = subjectOf(message);
  if (isOwn) return { kind: 'own' };
  if (MERGE_SUBJECT.test(subject) && (commit.parents === undefined || commit.parents.length > 1)) {
    return { kind: 'merge' };
  }
  const revert = readRevert(message);
  if (revert) return revert;
  return changeOf(message);
}

function changeOf(message: string): ChangeReading {
  const { type, scope, subject, breaking } = readConventional(message);
  const size = type === 'feat' || type === 'feature' ? 'minor' : 'patch';
  return { kind: 'change', type, scope, subject, bump: breaking ? 'major' : size, breaking };
}

function subjectOf(message: string): string {
  return headerOf(message).trim();
}

/** Everything the plan needs to know of the commits since the last release. */
export interface CommitSummary {
  readonly total: number;
  readonly subjects: readonly { readonly sha: Sha; readonly subject: string }[];
  /** Most telling first: breaking, features, the rest; newest first within each. */
  readonly reasons: readonly BumpReason[];
  /** For a changelog whose Unreleased section is empty. */
  readonly groups: readonly ChangelogGroup[];
  /** When changes were committed, newest first, ms since the epoch: the first 200 of them. */
  readonly times: readonly number[];
}

const MOST_SUBJECTS = 30;
const MOST_TIMES = 200;
const MOST_REASONS_EACH = 20;
const MOST_ENTRIES_EACH = 500;

type Bucket = 'added' | 'breaking' | 'changed' | 'fixed' | 'security' | 'internal';

/** Keep a Changelog groups, in its order. Work that users do not see is listed only when there is nothing else. */
const GROUPS: readonly { readonly title: string; readonly buckets: readonly Bucket[] }[] = [
  { title: 'Added', buckets: ['added'] },
  { title: 'Changed', buckets: ['breaking', 'changed'] },
  { title: 'Fixed', buckets: ['fixed'] },
  { title: 'Security', buckets: ['security'] },
];
const INTERNAL_TYPES = new Set(['build', 'chore', 'ci', 'docs', 'refactor', 'style', 'test']);

/**
 * Sums up commits one by one, newest first, in memory that does not grow with their number: beyond 500
 * entries per group only a count is kept. A commit and its revert cancel each other out, wherever both are
 * newer than the last release.
 */
export class CommitCollector {
  #total = 0;
  readonly #subjects: { sha: Sha; subject: string }[] = [];
  readonly #times: number[] = [];
  readonly #reasons: Readonly<Record<Bump, BumpReason[]>> = { major: [], minor: [], patch: [] };
  readonly #entries = new Map<Bucket, { entries: string[]; more: number }>();
  /** What was undone, or brought back, by a commit whose other half has not come by yet. */
  #reverts: (Pick<Revert, 'kind' | 'subject'> & { readonly sha?: string; readonly commit: Commit })[] = [];

  /** `isOwn`: Slipway made it, as the ledger knows. */
  add(commit: Commit, isOwn = false): void {
    this.#total++;
    if (this.#subjects.length < MOST_SUBJECTS) {
      this.#subjects.push({ sha: commit.sha, subject: subjectOf(commit.message) });
    }
    const reading = readCommit(commit, isOwn);
    if (reading.kind === 'own' || reading.kind === 'merge') return;
    if (this.#times.length < MOST_TIMES && Number.isFinite(commit.at)) this.#times.push(commit.at);
    if (this.#cancelled(commit)) return;
    if (reading.kind === 'change') this.#countChange(commit, reading);
    else this.#expect(commit, reading);
  }

  /** Commits come newest first: what a revert undoes is still to come, or was released before. */
  #expect(commit: Commit, { kind, shas, subject }: Revert): void {
    if (shas.length === 0) this.#reverts.push({ kind, subject, commit });
    for (const sha of shas) this.#reverts.push({ kind, subject, sha, commit });
  }

  summary(): CommitSummary {
    // What is still waited for was released before: undoing it is a change of this release.
    const left = new Map(this.#reverts.map((revert) => [revert.commit.sha, revert]));
    for (const { kind, commit, subject } of left.values()) {
      if (kind === 'back') this.#countChange(commit, changeOf(subject));
      else this.#count(commit, 'patch', 'changed', () => `Reverted: ${subject}`);
    }
    this.#reverts = [];
    return {
      times: [...this.#times],
      total: this.#total,
      subjects: this.#subjects,
      reasons: [...this.#reasons.major, ...this.#reasons.minor, ...this.#reasons.patch],
      groups: this.#groups(),
    };
  }

  #groups(): readonly ChangelogGroup[] {
    const groups = GROUPS.flatMap(({ title, buckets }) => {
      const entries = buckets.flatMap((bucket) => this.#listed(bucket));
      return entries.length > 0 ? [{ title, entries }] : [];
    });
    const internal = this.#listed('internal');
    return groups.length > 0 || internal.length === 0 ? groups : [{ title: 'Changed', entries: internal }];
  }

  #listed(bucket: Bucket): readonly string[] {
    const found = this.#entries.get(bucket);
    if (!found) return [];
    return found.more > 0 ? [...found.entries, `… and ${found.more} more`] : found.entries;
  }

  /** Whether a newer commit undoes this one. Undoing a revert leaves what it undid as it is. */
  #cancelled({ sha, message }: Commit): boolean {
    if (this.#reverts.length === 0) return false;
    const subject = withoutNumber(subjectOf(message));
    const index = this.#reverts.findIndex((revert) => {
      if (revert.sha !== undefined) return sha.startsWith(revert.sha);
      return revert.kind === 'back' ? subject === `Revert "${revert.subject}"` : subject === revert.subject;
    });
    if (index < 0) return false;
    this.#reverts.splice(index, 1);
    return true;
  }

  #countChange(commit: Commit, change: ChangeReading): void {
    this.#count(commit, change.bump, bucketOf(change), () => entryOf(change));
  }

  #count(commit: Commit, bump: Bump, bucket: Bucket, entry: () => string): void {
    const reasons = this.#reasons[bump];
    if (reasons.length < MOST_REASONS_EACH) {
      const text = `${commit.sha.slice(0, 7)} ${subjectOf(commit.message)}`;
      reasons.push({ bump, text, commit: commit.sha });
    }
    let group = this.#entries.get(bucket);
    if (!group) {
      group = { entries: [], more: 0 };
      this.#entries.set(bucket, group);
    }
    if (group.entries.length < MOST_ENTRIES_EACH) group.entries.push(entry());
    else group.more++;
  }
}

type ChangeReading = Extract<CommitReading, { kind: 'change' }>;

function bucketOf({ breaking, type }: ChangeReading): Bucket {
  if (breaking) return 'breaking';
  if (type === 'feat' || type === 'feature') return 'added';
  if (type === 'fix') return 'fixed';
  if (type === 'security') return 'security';
  return type !== null && INTERNAL_TYPES.has(type) ? 'internal' : 'changed';
}

function entryOf({ scope, subject, breaking }: ChangeReading): string {
  return `${breaking ? '**BREAKING** ' : ''}${scope ? `**${scope}:** ` : ''}${subject}`;
}
