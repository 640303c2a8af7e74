import { compareBuild } from 'semver';
import { Refusal } from '../refusals/refusal.ts';
import { withoutReferences } from '../text/references.ts';
import { visible } from '../text/visible.ts';
import { continueLinks, nextOf } from './changelog-links.ts';
import {
  bare,
  headingOf,
  LINK_DEFINITION,
  newlineOf,
  type Outline,
  outlineOf,
  SEMVER,
  type Section,
} from './changelog-outline.ts';
import type { BumpReason } from './version.ts';
import { type Bump, compareBumps } from './version.ts';

/** `### Added` with its entries; one line of Markdown each, without the bullet. */
export interface ChangelogGroup {
  readonly title: string;
  readonly entries: readonly string[];
}

/** What a changelog in the form of keepachangelog.com says before the release. */
export interface ChangelogReading {
  /** Most telling first; empty when Unreleased is empty or missing. */
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
  /** Page that compares two refs; only for a changelog that is begun. */
  compareUrl?(from: string, to: string): string | undefined;
}

const INTRO = [
  '# Changelog',
  '',
  'All notable changes to this project will be documented in this file.',
  '',
  'The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),',
  'and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).',
  '',
  '## [Unreleased]',
  '',
];

/**
 * What the Unreleased section asks for; `null` (no changelog) reads as an empty one.
 * A heading or entry that says BREAKING and the group Removed ask for major; Added, Changed and Deprecated for
 * minor; all else for patch.
 */
export function readChangelog(text: string | null): ChangelogReading {
  if (text === null) return { reasons: [], versions: [] };
  const outline = outlineOf(text);
  const reasons = new Map<string, Bump>();
  for (const { group, line } of outline.unreleased ? entriesOf(outline, outline.unreleased) : []) {
    const isBreaking = isBreakingEntry(line);
    const bump = isBreaking ? 'major' : bumpOfGroup(group);
    const label = isBreaking ? line.replace(/^[-*+]\s+/, '') : group || 'Unreleased';
    const known = reasons.get(label);
    if (known === undefined || compareBumps(bump, known) > 0) reasons.set(label, bump);
  }
  return {
    reasons: [...reasons]
      .map(([label, bump]) => ({ bump, text: `CHANGELOG: ${label}` }))
      .sort((a, b) => compareBumps(b.bump, a.bump)),
    versions: outline.versions.map(({ version }) => version).sort((a, b) => compareBuild(b, a)),
  };
}

/**
 * The changelog after the release, and the text of the release's section without its heading (LF, trimmed).
 * Only lines are inserted, and the Unreleased compare link is pointed at the new tag; everything else stays as
 * it is, byte for byte.
 *
 * - Unreleased with entries: they stand, as they are, under the new version's heading, which is written in
 *   the style of the newest version's heading; an empty Unreleased stays above.
 * - Unreleased without entries: the section is made from the commits; nothing in it acts or hides.
 * - No Unreleased heading: the section is inserted above the newest version; no Unreleased is added.
 * - No changelog: one is begun, with an Unreleased heading.
 * - A section for this version is there already and Unreleased is empty: it is taken as written.
 *   Unreleased has entries too: Refusal `changelog-has-version`.
 * - Compare links at the bottom are continued where the newest one can be understood.
 */
export function releaseChangelog(
  text: string | null,
  release: ChangelogRelease,
): { readonly text: string; readonly body: string } {
  if (text === null || text.trim() === '') return beginChangelog(release);
  const outline = outlineOf(text);
  const { unreleased } = outline;
  const hasEntries = unreleased !== null && entriesOf(outline, unreleased).length > 0;

  const present = outline.versions.find(({ version }) => version === release.version);
  if (present) {
    if (hasEntries) throw new Refusal('changelog-has-version', { version: release.version });
    return { text, body: bodyOf(outline, present) };
  }

  const newline = newlineOf(text);
  const heading = headingFor(outline, release);
  const lines = [...outline.lines];
  const links = continueLinks(outline, release, newline);
  for (const { at, replace, insert } of [...links].sort((a, b) => b.at - a.at)) {
    lines.splice(at, replace, ...insert);
  }
  if (hasEntries) {
    lines.splice(unreleased.at + 1, 0, newline, heading + newline);
    return { text: lines.join(''), body: bodyOf(outline, unreleased) };
  }
  const body = generatedBody(release.generated);
  const at = unreleased?.end ?? outline.versions[0]?.at ?? outline.linksAt;
  insertSection(lines, at, [heading, '', ...body], newline);
  return { text: lines.join(''), body: body.join('\n') };
}

function beginChangelog(release: ChangelogRelease) {
  const { version, previousTag, tag } = release;
  const body = generatedBody(release.generated);
  const unreleasedUrl = release.compareUrl?.(tag, 'HEAD');
  const versionUrl = previousTag === null ? undefined : release.compareUrl?.(previousTag, tag);
  const links = [
    ...(unreleasedUrl ? [`[Unreleased]: ${unreleasedUrl}`] : []),
    ...(versionUrl ? [`[${version}]: ${versionUrl}`] : []),
  ];
  const section = [`## [${version}] - ${release.date}`, '', ...body];
  const lines = [...INTRO, ...section, ...(links.length > 0 ? ['', ...links] : [])];
  return { text: `${lines.join('\n')}\n`, body: body.join('\n') };
}

function generatedBody(groups: readonly ChangelogGroup[]): string[] {
  if (groups.length === 0) return ['- No notable changes.'];
  return groups.flatMap(({ title, entries }, index) => [
    ...(index > 0 ? [''] : []),
    `### ${title}`,
    '',
    ...entries.map((entry) => `- ${withoutReferences(visible(entry))}`),
  ]);
}

/** Puts a section before a line, with one blank line on both sides; at the end the last line end stays or stays away. */
function insertSection(lines: string[], at: number, section: readonly string[], newline: string): void {
  const atEnd = at >= lines.length;
  const before = lines[at - 1];
  const endsOpen = atEnd && before !== undefined && !before.endsWith('\n');
  const block = section.map((line) => line + newline);
  if (before !== undefined && before.trim() !== '') block.unshift(newline);
  if (endsOpen) {
    lines[at - 1] = before + newline;
    block.push(bare(block.pop() ?? ''));
  }
  if (!atEnd) block.push(newline);
  lines.splice(at, 0, ...block);
}

function bodyOf(outline: Outline, section: Section): string {
  const body = outline.lines.slice(section.at + 1, section.end).map(bare);
  return body
    .join('\n')
    .trimEnd()
    .replace(/^(?:[ \t]*\n)+/, '');
}

const PLACEHOLDER =
  /^[-*+]?\s*[_*]*(nothing|none|no (notable |unreleased )?changes|n\/a|tbd)( yet)?[._* ]*$/i;

/** Lines of a section that say something, with the group that they stand in. */
function entriesOf(outline: Outline, section: Section): { group: string; line: string }[] {
  const entries: { group: string; line: string }[] = [];
  let group = '';
  for (let at = section.at + 1; at < section.end; at++) {
    const line = bare(outline.lines[at] ?? '').trim();
    const heading = outline.opaque[at] ? null : headingOf(outline.lines[at] ?? '');
    if (heading) group = heading.text;
    // Code says something, a comment does not.
    else if (outline.opaque[at] === 'comment') continue;
    else if (line !== '' && !/^([-_*]\s*){3,}$/.test(line) && !LINK_DEFINITION.test(line)) {
      if (!PLACEHOLDER.test(line)) entries.push({ group, line });
    }
  }
  return entries;
}

function isBreakingEntry(line: string): boolean {
  return /\bBREAKING\b/.test(line) || /^[-*+]\s+[*_[(]*breaking([ -]changes?)?[\])*_]*\s*[:!]/i.test(line);
}

function bumpOfGroup(group: string): Bump {
  if (/\b(breaking|removed)\b/i.test(group)) return 'major';
  return /\b(added|changed|deprecated|features?|new)\b/i.test(group) ? 'minor' : 'patch';
}

const VERSION_STYLE = new RegExp(
  String.raw`^(?<open>\[)?(?<prefix>[^\s[\]\d]*)(?<version>${SEMVER})\]?(?:\((?<link>[^)\s]*)\))?` +
    String.raw`(?<between>\s*[-–—(:]*\s*)(?<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})?(?<close>\)?)$`,
);

/** The heading in the style of the newest one: level, brackets, prefix, link, date format. */
function headingFor(outline: Outline, { version, tag, date }: ChangelogRelease): string {
  const newest = outline.versions[0];
  const model = newest && headingOf(outline.lines[newest.at] ?? '');
  const style = model ? VERSION_STYLE.exec(model.text)?.groups : undefined;
  const own = outline.unreleased && headingOf(outline.lines[outline.unreleased.at] ?? '');
  const marks = '#'.repeat(own?.level ?? model?.level ?? 2);
  if (!style) {
    const label = own && !own.text.startsWith('[') ? version : `[${version}]`;
    return `${marks} ${label} - ${date}`;
  }
  const { open, prefix = '', version: label = '', link, between = ' - ', date: shown, close = '' } = style;
  const url = link === undefined ? null : nextOf({ label, url: link }, tag);
  const name = `${open ? '[' : ''}${prefix}${version}${open ? ']' : ''}${url === null ? '' : `(${url})`}`;
  if (!shown) return `${marks} ${name} - ${date}`;
  return `${marks} ${name}${between}${date.replaceAll('-', /[-/.]/.exec(shown)?.[0] ?? '-')}${close}`;
}
