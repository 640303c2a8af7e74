import { compareBuild, inc, parse, prerelease } from 'semver';
import { Refusal } from '../refusals/refusal.ts';
import type { Sha } from './release.ts';

export type Bump = 'major' | 'minor' | 'patch';

/** One reason for the size of the bump: a commit or a line of the changelog. */
export interface BumpReason {
  readonly bump: Bump;
  /** `abc1234 feat(cart): coupons` or `CHANGELOG: Added`; raw outside text. */
  readonly text: string;
  readonly commit?: Sha;
}

export interface VersionDecision {
  /** Version of the last release; null when there was none. */
  readonly current: string | null;
  readonly next: string;
  readonly tag: string;
  readonly bump: Bump;
  /** What the evidence asks for. */
  readonly suggested: Bump;
  /** Most telling first, at most 20. */
  readonly reasons: readonly BumpReason[];
  /** True when a person chose less than the evidence asks for and confirmed it. */
  readonly lowered: boolean;
}

const RANK: Readonly<Record<Bump, number>> = { patch: 0, minor: 1, major: 2 };

/** Negative when `a` is the smaller bump, zero when equal. */
export function compareBumps(a: Bump, b: Bump): number {
  return RANK[a] - RANK[b];
}

/** A tag whose name is prefix + SemVer. */
export interface VersionTag {
  readonly name: string;
  /** Without prefix; with prerelease and build metadata when the tag has them. */
  readonly version: string;
  readonly commit: Sha;
}

/**
 * The tags that name a version, highest version first; every other tag is ignored. Lightweight tags count:
 * repositories that were released by hand have them.
 */
export function versionTags(
  tags: readonly { readonly name: string; readonly commit: Sha }[],
  prefix: string,
): readonly VersionTag[] {
  const found: VersionTag[] = [];
  for (const { name, commit } of tags) {
    if (!name.startsWith(prefix)) continue;
    const version = exactVersion(name.slice(prefix.length));
    if (version !== null) found.push({ name, version, commit });
  }
  return found.sort((a, b) => compareBuild(b.version, a.version) || (a.name < b.name ? -1 : 1));
}

export function isPrerelease(version: string): boolean {
  return prerelease(version) !== null;
}

/** The text when it is a SemVer version and nothing else; semver itself also takes `v1.2.3` and blanks. */
export function exactVersion(text: string): string | null {
  return /^\d\S*$/.test(text) && parse(text)?.raw === text ? text : null;
}

/** What the version is decided from. */
export interface VersionEvidence {
  /** Version of the last release, or null when the repository has none. */
  readonly current: string | null;
  /**
   * The highest prerelease above `current` in the history of the base, or null: after `2.0.0-rc.1` nothing
   * below 2.0.0 may follow.
   */
  readonly prerelease: string | null;
  /** The versions that the version files name now. */
  readonly files: readonly { readonly path: string; readonly version: string }[];
  /** Versions that have a section in the changelog. */
  readonly changelogVersions: readonly string[];
  /** What happened since the last release, most telling first; empty: nothing did. */
  readonly reasons: readonly BumpReason[];
  readonly tagPrefix: string;
  /** All tags of the repository, also those on other lines. */
  readonly tags: ReadonlySet<string>;
  readonly breakingBelowOne: 'major' | 'minor';
}

export interface VersionChoice {
  readonly bump: 'auto' | Bump;
  /** The person confirmed a bump below the evidence. */
  readonly lowerConfirmed: boolean;
}

const MOST_REASONS = 20;

/** A tag as releases with this prefix have. */
export function likelyTag(prefix: string): string {
  return `${prefix}1.2.3`;
}

/**
 * Decides the next version. The rules, in order:
 *
 * 1. Breaking asks for major, a feature for minor, all else for patch; below 1.0.0 breaking asks for what the
 *    policy says. A person may choose another size; a smaller one only when confirmed.
 * 2. A prerelease in the history is finished, never undercut: 1.9.0, then 2.0.0-rc.1, gives 2.0.0.
 * 3. First release, no version tag yet: the version that the files name becomes the first release as it is,
 *    unless the changelog already has a section for it (then it was released by hand and is raised); without
 *    any version file the first release is 0.1.0.
 *
 * Refusals: `nothing-to-release`, `bump-below-evidence`, `version-backwards`, `tag-exists`.
 */
export function decideVersion(evidence: VersionEvidence, choice: VersionChoice): VersionDecision {
  const { current, reasons } = evidence;
  const inFiles = highest(evidence.files.map((file) => file.version));
  if (current !== null && reasons.length === 0 && evidence.prerelease === null) {
    throw new Refusal('nothing-to-release', { tag: evidence.tagPrefix + current });
  }

  const start = current ?? evidence.prerelease ?? inFiles ?? '0.0.0';
  const suggested = suggestedBump(start, reasons, evidence.breakingBelowOne);
  const bump = choice.bump === 'auto' ? suggested : choice.bump;
  const isUnreleased = current === null && evidence.prerelease === null;
  const next = isUnreleased
    ? firstVersion(inFiles, evidence.changelogVersions, bump, choice.bump)
    : atLeast(raise(start, bump), finished(evidence.prerelease));

  const lowered = !isUnreleased && compareBumps(bump, suggested) < 0 && raise(start, suggested) !== next;
  if (lowered && !choice.lowerConfirmed) {
    throw new Refusal('bump-below-evidence', {
      chosen: bump,
      suggested,
      next,
      reasons: reasons.slice(0, 3).map((reason) => reason.text),
    });
  }
  refuseBackwards(next, evidence);
  const tag = evidence.tagPrefix + next;
  if (evidence.tags.has(tag)) throw new Refusal('tag-exists', { tag });
  return { current, next, tag, bump, suggested, reasons: reasons.slice(0, MOST_REASONS), lowered };
}

function suggestedBump(
  start: string,
  reasons: readonly BumpReason[],
  breakingBelowOne: 'major' | 'minor',
): Bump {
  const asked = reasons.reduce<Bump>(
    (most, reason) => (compareBumps(reason.bump, most) > 0 ? reason.bump : most),
    'patch',
  );
  return asked === 'major' && parse(start)?.major === 0 ? breakingBelowOne : asked;
}

function firstVersion(
  inFiles: string | null,
  changelogVersions: readonly string[],
  bump: Bump,
  chosen: 'auto' | Bump,
): string {
  if (inFiles === null || compareBuild(inFiles, '0.0.0') === 0) {
    return raise('0.0.0', chosen === 'auto' ? 'minor' : bump);
  }
  const wasReleased = changelogVersions.includes(inFiles);
  if (wasReleased || chosen !== 'auto') return raise(inFiles, bump);
  return finished(inFiles) ?? inFiles;
}

function raise(version: string, bump: Bump): string {
  const next = inc(version, bump);
  if (next === null) throw new RangeError(`not a version: ${version}`);
  return next;
}

/** `2.0.0-rc.1+7` → `2.0.0`. */
function finished(version: string | null): string | null {
  const parsed = version === null ? null : parse(version);
  return parsed && `${parsed.major}.${parsed.minor}.${parsed.patch}`;
}

function atLeast(version: string, floor: string | null): string {
  return floor !== null && compareBuild(floor, version) > 0 ? floor : version;
}

function highest(versions: readonly string[]): string | null {
  return versions.reduce<string | null>(
    (most, version) => (most === null || compareBuild(version, most) > 0 ? version : most),
    null,
  );
}

function refuseBackwards(next: string, evidence: VersionEvidence): void {
  const ahead = evidence.files.find((file) => compareBuild(next, file.version) < 0);
  if (ahead) throw new Refusal('version-backwards', { next, path: ahead.path, version: ahead.version });
}
