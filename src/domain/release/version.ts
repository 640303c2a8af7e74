import { diff, parse } from 'semver';
import { Refusal } from '../refusals/refusal.ts';
import type { Sha } from './release.ts';
import { type VersionScheme, versionScheme } from './scheme.ts';
import { tagOf, versionInTag } from './tag-form.ts';
import { asSemver, compareVersions, exactVersion, isPrerelease, versionKey } from './version-key.ts';

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

export function higherBump(a: Bump, b: Bump): Bump {
  return compareBumps(a, b) >= 0 ? a : b;
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
  readonly tagSuffix?: string | undefined;
  /** By name; SemVer where it is not said. */
  readonly scheme?: string | undefined;
  /** When the release is made, in ms since the epoch; for schemes by the calendar. */
  readonly at?: number;
  /** What people are asked about, or have agreed to: a version by the calendar stays while they think. */
  readonly asked?: Pick<VersionDecision, 'current' | 'next' | 'bump'> | undefined;
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

/**
 * Decides the next version. The rules, in order:
 *
 * 1. Breaking asks for major, a feature for minor, all else for patch; below 1.0.0 breaking asks for what the
 *    policy says. A person may choose another size; a smaller one only when confirmed.
 * 2. A prerelease in the history is finished, never undercut: 1.9.0, then 2.0.0-rc.1, gives 2.0.0, which is major.
 * 3. First release, no version tag yet: the version that the files name becomes the first release as it is,
 *    unless the changelog already has a section for it (then it was released by hand and is raised); without
 *    any version file the first release is 0.1.0.
 *
 * Refusals: `nothing-to-release`, `bump-below-evidence`, `version-backwards`, `tag-exists`.
 */
export function decideVersion(evidence: VersionEvidence, choice: VersionChoice): VersionDecision {
  const { current } = evidence;
  const inFiles = highest(evidence.files.map((file) => file.version));
  if (current !== null && evidence.reasons.length === 0 && evidence.prerelease === null) {
    throw new Refusal('nothing-to-release', { tag: tagOf(evidence, current) });
  }

  const scheme = versionScheme(evidence.scheme ?? 'semver');
  if (scheme === null) throw new RangeError(`not a scheme: ${evidence.scheme}`);
  const released = [...evidence.tags].flatMap((name) => versionInTag(evidence, name) ?? []);
  const raise = (version: string, size: Bump) => scheme.next(version, size, released, evidence.at ?? 0);
  const start = current ?? evidence.prerelease ?? inFiles ?? '0.0.0';
  const floor = floorOf(scheme, evidence);
  const asked = suggestedBump(start, evidence.reasons, evidence.breakingBelowOne);
  const finishes = floor !== null && compareBumps(floor.bump, asked) > 0 ? floor : null;
  const reasons = finishes
    ? [{ bump: finishes.bump, text: `finishes ${finishes.of}` }, ...evidence.reasons]
    : evidence.reasons;
  const suggested = finishes?.bump ?? asked;
  const chosen = choice.bump === 'auto' ? suggested : choice.bump;
  const bump = floor === null ? chosen : higherBump(chosen, floor.bump);
  const isUnreleased = current === null && evidence.prerelease === null;
  const isKept =
    scheme.written === null && evidence.asked?.current === current && evidence.asked.bump === bump;
  const next =
    isKept && evidence.asked
      ? evidence.asked.next
      : isUnreleased
        ? firstVersion(
            scheme,
            raise,
            { inFiles, changelogVersions: evidence.changelogVersions },
            { bump, chosen: choice.bump },
          )
        : atLeast(raise(start, bump), floor?.version ?? null);

  const lowered = !isUnreleased && compareBumps(bump, suggested) < 0 && raise(start, suggested) !== next;
  if (lowered && !choice.lowerConfirmed) {
    throw new Refusal('bump-below-evidence', {
      chosen,
      suggested,
      next,
      reasons: reasons.slice(0, 3).map((reason) => reason.text),
    });
  }
  refuseBackwards(next, evidence);
  const tag = tagOf(evidence, next);
  if (evidence.tags.has(tag)) throw new Refusal('tag-exists', { tag });
  return { current, next, tag, bump, suggested, reasons: reasons.slice(0, MOST_REASONS), lowered };
}

function suggestedBump(
  start: string,
  reasons: readonly BumpReason[],
  breakingBelowOne: 'major' | 'minor',
): Bump {
  const asked = reasons.reduce<Bump>((most, reason) => higherBump(most, reason.bump), 'patch');
  return asked === 'major' && parse(versionKey(start))?.major === 0 ? breakingBelowOne : asked;
}

function firstVersion(
  scheme: VersionScheme,
  raise: (version: string, size: Bump) => string,
  { inFiles, changelogVersions }: { inFiles: string | null; changelogVersions: readonly string[] },
  { bump, chosen }: { bump: Bump; chosen: 'auto' | Bump },
): string {
  const size = chosen === 'auto' ? 'minor' : chosen;
  if (scheme.written === null || inFiles === null || compareVersions(inFiles, '0.0.0') === 0) {
    return raise('0.0.0', size);
  }
  const wasReleased = changelogVersions.some((version) => compareVersions(version, inFiles) === 0);
  if (wasReleased || chosen !== 'auto') return raise(inFiles, bump);
  return scheme.written(inFiles);
}

/** What has begun and may not be undercut: the prerelease in the history, and what files say is worked on. */
function floorOf(scheme: VersionScheme, { current, prerelease, files }: VersionEvidence) {
  if (scheme.written === null) return null;
  const begun = [
    ...(prerelease === null ? [] : [prerelease]),
    ...files.map(({ version }) => version).filter(isUnderWork),
  ];
  const of = highest(begun);
  if (of === null) return null;
  // `2.0.0-rc.1+7` → `2.0.0`
  const version = scheme.written(of);
  const isAbove = current !== null && compareVersions(version, current) > 0;
  const step = isAbove ? diff(asSemver(current), asSemver(version)) : null;
  const bump: Bump = step === 'major' || step === 'minor' ? step : 'patch';
  return { version, of, bump };
}

/** As Python has it: 3.2.0 of `3.2.0.dev0`. A prerelease of SemVer in a file is a contradiction. */
function isUnderWork(version: string): boolean {
  return isPrerelease(version) && exactVersion(version) === null;
}

function atLeast(version: string, floor: string | null): string {
  return floor !== null && compareVersions(floor, version) > 0 ? floor : version;
}

function highest(versions: readonly string[]): string | null {
  return versions.reduce<string | null>(
    (most, version) => (most === null || compareVersions(version, most) > 0 ? version : most),
    null,
  );
}

function refuseBackwards(next: string, evidence: VersionEvidence): void {
  const ahead = evidence.files.find((file) => compareVersions(next, file.version) < 0);
  if (ahead) throw new Refusal('version-backwards', { next, path: ahead.path, version: ahead.version });
}
