import { headerOf, readConventional } from './conventional.ts';
import { authoredMessage, isBreakingMerge, isMergeMessage } from './merge-message.ts';
import type { Commit, Sha } from './release.ts';
import { type Revert, readRevert } from './revert-message.ts';
import { PendingReverts, type TakeBack, UndoneMerges } from './reverts.ts';
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
  /** Joins branches; what it joins is in the history too, unless only the merge says that it breaks something. */
  | { readonly kind: 'merge'; readonly breaking: boolean }
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

/**
 * Reads one commit by the rules of Conventional Commits 1.0.0: `feat` asks for minor, `!` or a
 * `BREAKING CHANGE` footer for major, everything else (also messages without a type) for patch. `isOwn`: Slipway made
 * it, as the ledger knows; its message never says so by itself.
 */
export function readCommit(commit: Commit, isOwn = false): CommitReading {
  const { message, parents } = commit;
  if (isOwn) return { kind: 'own' };
  if (isMergeMessage(message, parents === undefined ? null : parents.length > 1)) {
    return { kind: 'merge', breaking: isBreakingMerge(message) };
  }
  const authored = authoredMessage(message);
  return readRevert(authored) ?? changeOf(authored);
}

function changeOf(message: string, isBreaking = false): ChangeReading {
  const { type, scope, subject, ...said } = readConventional(message);
  const breaking = isBreaking || said.breaking;
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
  readonly #reverts = new PendingReverts();
  readonly #undone = new UndoneMerges();

  /** `isOwn`: Slipway made it, as the ledger knows. `counts`: it is one of the service's; others only lead to those. */
  add(commit: Commit, isOwn = false, counts = true): void {
    if (counts) {
      this.#total++;
      if (this.#subjects.length < MOST_SUBJECTS) {
        this.#subjects.push({ sha: commit.sha, subject: subjectOf(commit.message) });
      }
    }
    const reading = readCommit(commit, isOwn);
    const isUndone = this.#undone.has(commit);
    if (reading.kind === 'own') return;
    if (reading.kind !== 'merge') {
      if (!counts) return;
      if (this.#times.length < MOST_TIMES && Number.isFinite(commit.at)) this.#times.push(commit.at);
    }
    const undoing = this.#reverts.takeFor(commit, reading.kind === 'merge');
    if (undoing === 'sure') this.#undone.begin(commit);
    if (!counts || isUndone || undoing === 'sure') return;
    const taken = this.#take(commit, reading);
    undoing?.mayUndo(taken);
  }

  /** Counts what a commit says, or waits for what it undoes. */
  #take(commit: Commit, reading: Exclude<CommitReading, { kind: 'own' }>): TakeBack {
    switch (reading.kind) {
      case 'merge':
        return reading.breaking
          ? this.#reason(commit, 'major', authoredMessage(commit.message))
          : () => false;
      case 'change':
        return this.#countChange(commit, reading);
      default:
        if (reading.breaking) this.#countRevert(commit, reading);
        return this.#reverts.expect(commit, reading);
    }
  }

  /** Ids that a revert names and no commit had, where the title fits one: asked is whether they were released before. */
  get doubtful(): readonly Sha[] {
    return this.#reverts.doubtful;
  }

  /** `lost`: those of the doubtful ids that are nowhere in the history, as a rebase gives its commits new ones. */
  summary(lost: ReadonlySet<Sha> = new Set()): CommitSummary {
    // What is still waited for was released before: undoing it is a change of this release.
    for (const { commit, revert } of this.#reverts.finish(lost)) {
      if (!revert.breaking) this.#countRevert(commit, revert);
    }
    return {
      times: [...this.#times],
      total: this.#total,
      subjects: this.#subjects,
      reasons: (['major', 'minor', 'patch'] as const).flatMap((bump) =>
        this.#reasons[bump].slice(0, MOST_REASONS_EACH),
      ),
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

  #countRevert(commit: Commit, { kind, subject, breaking }: Revert): void {
    if (kind === 'back') this.#countChange(commit, changeOf(subject, breaking));
    else if (!breaking) this.#count(commit, 'patch', 'changed', `Reverted: ${subject}`);
    else this.#count(commit, 'major', 'breaking', `**BREAKING** Reverted: ${subject}`);
  }

  #countChange(commit: Commit, change: ChangeReading): TakeBack {
    return this.#count(commit, change.bump, bucketOf(change), entryOf(change));
  }

  #count(commit: Commit, bump: Bump, bucket: Bucket, entry: string): TakeBack {
    const forget = this.#reason(commit, bump);
    const group = this.#entries.get(bucket) ?? { entries: [], more: 0 };
    this.#entries.set(bucket, group);
    const isListed = group.entries.length < MOST_ENTRIES_EACH;
    if (isListed) group.entries.push(entry);
    else group.more++;
    return () => {
      forget();
      if (isListed) group.entries.splice(group.entries.lastIndexOf(entry), 1);
      else group.more--;
      return true;
    };
  }

  #reason(commit: Commit, bump: Bump, message = commit.message): TakeBack {
    const reasons = this.#reasons[bump];
    const reason = { bump, text: `${commit.sha.slice(0, 7)} ${subjectOf(message)}`, commit: commit.sha };
    if (reasons.length < MOST_ENTRIES_EACH) reasons.push(reason);
    return () => {
      const at = reasons.indexOf(reason);
      if (at >= 0) reasons.splice(at, 1);
      return true;
    };
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
