import { compareBuild, diff } from 'semver';
import type { ChangelogGroup } from '../release/commits.ts';
import type { Bump, BumpReason } from '../release/version.ts';
import { byVersion } from '../release/version-key.ts';
import { bareText } from './document.ts';
import { entriesOf, reasonsOf } from './entries.ts';
import { comparable } from './heading-reading.ts';
import { newestOf } from './heading-style.ts';
import { type Outline, outlineOf, type Section } from './outline.ts';

/** What a changelog says before the release. */
export interface ChangelogReading {
  /** Most telling first; empty when nothing is unreleased. */
  readonly reasons: readonly BumpReason[];
  /** Versions that have a section, highest first. */
  readonly versions: readonly string[];
}

export interface ChangelogRelease {
  readonly version: string;
  readonly tag: string;
  readonly previousTag: string | null;
  /** `2026-11-22` */
  readonly date: string;
  /** Used when the Unreleased section has no entries. */
  readonly generated: readonly ChangelogGroup[];
  /** Entries of fragments: they come after those of the Unreleased section, and take the place of `generated`. */
  readonly collected?: readonly ChangelogGroup[];
  /** Where the changelog is; by its name it is Markdown or reStructuredText. */
  readonly path?: string;
  /** The text as it was read before, so that a long one is not read twice. */
  readonly outline?: Outline | null;
  /** Page that compares two refs; only for a changelog that is begun. */
  compareUrl?(from: string, to: string): string | undefined;
}

/**
 * What is unreleased asks for; `null` (no changelog) reads as an empty one. A heading or entry that says BREAKING and
 * the group Removed ask for major; Added, Changed and Deprecated for minor; all else for patch. A heading that names
 * the version to come (`2.0.0 (unreleased)`) asks for the step to it.
 */
export function readChangelog(text: string | null, path?: string): ChangelogReading {
  return readOutline(text === null ? null : outlineOf(text, path));
}

/** The same of one that is read already. */
export function readOutline(outline: Outline | null): ChangelogReading {
  if (outline === null) return { reasons: [], versions: [] };
  const reasons = outline.unreleased.flatMap((section) => {
    const entries = entriesOf(outline, section);
    return entries.length === 0 ? [] : [...named(outline, section), ...reasonsOf(entries)];
  });
  return {
    reasons,
    versions: byVersion(
      outline.versions.flatMap(({ version }) => version ?? []),
      (version) => version,
    ),
  };
}

function named(outline: Outline, { version }: Section): readonly BumpReason[] {
  const newest = newestOf(outline)?.version ?? null;
  if (version === null || newest === null || compareBuild(version, newest) <= 0) return [];
  const step = diff(newest, version)?.replace(/^pre/, '');
  const bump: Bump = step === 'major' || step === 'minor' ? step : 'patch';
  return bump === 'patch' ? [] : [{ bump, text: `CHANGELOG: the heading names ${version}` }];
}

/** The text of a version's section without its heading; empty when it has none. */
export function sectionOf(text: string, version: string, path?: string): string {
  const outline = outlineOf(text, path);
  const section = sectionFor(outline, version);
  return section ? bodyOf(outline, section) : '';
}

/** The section of a released version, however it is written. */
export function sectionFor(outline: Outline, version: string): Section | undefined {
  const wanted = comparable(version);
  return outline.versions.find((one) => one.version !== null && one.version === wanted);
}

/** LF, without empty lines around it. */
export function bodyOf(outline: Outline, section: Section, omit: ReadonlySet<number> = new Set()): string {
  const body: string[] = [];
  for (let at = section.heading.end; at < section.end; at++) {
    if (at !== section.status?.at && !omit.has(at)) body.push(bareText(outline.lines[at] ?? ''));
  }
  return body
    .join('\n')
    .trimEnd()
    .replace(/^(?:[ \t]*\n)+/, '');
}
