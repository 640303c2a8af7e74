import { CommitParser } from 'conventional-commits-parser';
import type { ChangelogGroup } from './changelog.ts';
import { hasTrailer } from './message.ts';
import type { Commit, Sha } from './release.ts';
import type { Bump, BumpReason } from './version.ts';

/** What one commit says about the size of the release. */
export type CommitReading =
  /** Written by Slipway itself: release, report, state file. */
  | { readonly kind: 'own' }
  /** Joins branches; what it joins is in the history too. */
  | { readonly kind: 'merge' }
  | { readonly kind: 'revert'; readonly of: { readonly sha?: string; readonly subject?: string } }
  | {
      readonly kind: 'change';
      /** `feat`, `fix`, …; null for a message that is not a conventional commit. */
      readonly type: string | null;
      readonly scope: string | null;
      readonly subject: string;
      readonly bump: Bump;
      readonly breaking: boolean;
    };

// References and mentions are not needed and cost ten times the rest; `-field-` lines could overwrite the type.
const parser = new CommitParser({
  headerPattern: /^(\w+)(?:\(([^()]*)\))?!?:\s+(.*)$/,
  breakingHeaderPattern: /^(\w+)(?:\(([^()]*)\))?!:\s+(.*)$/,
  noteKeywords: ['BREAKING CHANGE', 'BREAKING-CHANGE'],
  notesPattern: (keywords) => new RegExp(`^(${keywords}):\\s+(.*)`),
  issuePrefixes: [],
  referenceActions: [],
  // With git's own sentence, or without it, as GitHub writes it, with the number of the pull request behind.
  revertPattern: /^(?:Revert|Reapply) "(.*)"(?: \(#\d+\))?\s*(?:This reverts commit ([0-9a-f]{7,64}))?/,
  fieldPattern: /(?!)/,
});

// Most commits need no parser: nothing but their header counts, and it is read with the parser's own pattern.
const TELLING = /^BREAKING[ -]CHANGE:|^(?:Revert|Reapply) "|^revert\b|^\w+(?:\([^()]*\))?!:/im;
const PLAIN_HEADER = /^(\w+)(?:\(([^()]*)\))?:\s+(.*)$/;
const MERGE_SUBJECT = /^Merge (branch|branches|pull request|remote-tracking branch|tag|commit) /;

/**
 * Reads one commit by the rules of Conventional Commits 1.0.0: `feat` asks for minor, `!` or a
 * `BREAKING CHANGE` footer for major, everything else (also messages without a type) for patch.
 */
export function readCommit(commit: Commit): CommitReading {
  const { message } = commit;
  const subject = subjectOf(message);
  if (hasTrailer(message, 'Slipway-Promotion') || hasTrailer(message, 'Slipway-Record')) {
    return { kind: 'own' };
  }
  if (MERGE_SUBJECT.test(subject) && (commit.parents === undefined || commit.parents.length > 1)) {
    return { kind: 'merge' };
  }
  if (subject === '') return change(null, null, '', false);
  if (!TELLING.test(message)) {
    const [, type = null, scope = null, said = subject] = PLAIN_HEADER.exec(headerOf(message)) ?? [];
    return change(type, scope, said, false);
  }
  const parsed = parser.parse(message);
  if (parsed.revert) {
    return { kind: 'revert', of: revertOf(parsed.revert['hash'], parsed.revert['header']) };
  }
  const type = parsed['type']?.toLowerCase() ?? null;
  if (type === 'revert') {
    const sha = /^Refs:\s*([0-9a-f]{7,64})\b/m.exec(message)?.[1];
    return { kind: 'revert', of: revertOf(sha, parsed['subject']) };
  }
  return change(type, parsed['scope'], parsed['subject'] ?? subject, parsed.notes.length > 0);
}

function change(
  type: string | null | undefined,
  scope: string | null | undefined,
  subject: string,
  breaking: boolean,
): CommitReading {
  const kind = type?.toLowerCase() ?? null;
  const size = kind === 'feat' || kind === 'feature' ? 'minor' : 'patch';
  return {
    kind: 'change',
    type: kind,
    scope: scope || null,
    subject,
    bump: breaking ? 'major' : size,
    breaking,
  };
}

function revertOf(sha: string | null | undefined, subject: string | null | undefined) {
  return { ...(sha ? { sha } : {}), ...(subject ? { subject } : {}) };
}

function headerOf(message: string): string {
  const end = message.indexOf('\n');
  return (end < 0 ? message : message.slice(0, end)).replace(/\r$/, '');
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
}

const MOST_SUBJECTS = 30;
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
  readonly #reasons: Readonly<Record<Bump, BumpReason[]>> = { major: [], minor: [], patch: [] };
  readonly #entries = new Map<Bucket, { entries: string[]; more: number }>();
  /** Reverts whose commit has not come by yet. */
  #reverts: { sha?: string; subject?: string; commit: Commit }[] = [];

  add(commit: Commit): void {
    this.#total++;
    if (this.#subjects.length < MOST_SUBJECTS) {
      this.#subjects.push({ sha: commit.sha, subject: subjectOf(commit.message) });
    }
    const reading = readCommit(commit);
    if (reading.kind === 'own' || reading.kind === 'merge') return;
    if (this.#cancelled(commit)) return;
    if (reading.kind === 'revert') this.#reverts.push({ ...reading.of, commit });
    else this.#count(commit, reading.bump, bucketOf(reading), () => entryOf(reading));
  }

  summary(): CommitSummary {
    // What is still waited for was released before: undoing it is a change of this release.
    for (const { commit, subject } of this.#reverts) {
      this.#count(commit, 'patch', 'changed', () => `Reverted: ${subject ?? subjectOf(commit.message)}`);
    }
    this.#reverts = [];
    return {
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

  #cancelled({ sha, message }: Commit): boolean {
    if (this.#reverts.length === 0) return false;
    const subject = subjectOf(message);
    const index = this.#reverts.findIndex((revert) =>
      revert.sha === undefined ? revert.subject === subject : sha.startsWith(revert.sha),
    );
    if (index < 0) return false;
    this.#reverts.splice(index, 1);
    return true;
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
