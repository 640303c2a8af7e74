import { type Bump, type BumpReason, compareBumps, higherBump } from '../release/version.ts';
import { bareText, type Heading } from './document.ts';
import { readHeading } from './heading-reading.ts';
import type { Outline, Section } from './outline.ts';
import { saidIn, withoutCommentsIn } from './spans.ts';

/** A line of a section that says something, and the group that it stands in. */
export interface Entry {
  readonly at: number;
  readonly group: string;
  readonly line: string;
  readonly isCode: boolean;
}

const PLACEHOLDER =
  /^(?:[-*+•]|\d+[.)])?\s*[[_*(<\\]*(?:nothing(?: (?:new|here|to see|changed|notable))*(?: (?:yet|so far|here))?|none|no (?:notable |unreleased |user-visible )?(?:changes|entries)(?: (?:yet|so far))?|n\/a|tb[ad]|todo|\.{3}|…|(?:add )?your (?:contribution|change|entry)s? here|insert (?:your )?(?:change|entry).{0,30}|short description.{0,60}|coming soon)(?: yet)?[\]._*)>\\ ]*$/i;
const RULE = /^([-_*]\s*){3,}$/;
/** `**Added**`, `Added:` above a list. */
const WORDED_GROUP = /^(?:(\*\*|__)([^*_]{2,40})(?:\1:?|:\1)|([\p{L}][\p{L} /&-]{2,40}):)$/u;

/** Lines of a section that say something. */
export function entriesOf(outline: Outline, section: Section): readonly Entry[] {
  const { lines, kinds, headings } = outline;
  const entries: Entry[] = [];
  let groups: readonly Group[] = [];
  let group = '';
  const open = (title: Group) => {
    groups = [...groups.filter(({ level }) => level < title.level), title];
    group = tellingOf(groups.map(({ text }) => text));
  };
  let next = firstAfter(headings, section.heading.end);
  for (let at = section.heading.end; at < section.end; at++) {
    const heading = headings[next];
    if (heading && heading.at === at) {
      next++;
      if (heading.form !== 'line') {
        open(heading);
        at = heading.end - 1;
        continue;
      }
    }
    const kind = kinds[at];
    if (at === section.status?.at || kind === 'comment' || kind === 'definition' || kind === 'rule') continue;
    const isCode = kind === 'code';
    const line = isCode ? bareText(lines[at] ?? '').trim() : saidBy(lines[at] ?? '');
    if (line === '' || RULE.test(line)) continue;
    const [, , bold, plain] = (isCode ? null : WORDED_GROUP.exec(line)) ?? [];
    if ((bold ?? plain) !== undefined && isAboveList(lines, at)) {
      // Half a level: below the heading, and above the next one.
      const level = Math.floor(groups.at(-1)?.level ?? section.heading.level) + 0.5;
      open({ level, text: bold ?? plain ?? '' });
    } else if (isCode || !PLACEHOLDER.test(line)) entries.push({ at, group, line, isCode });
  }
  return entries;
}

type Group = Pick<Heading, 'level' | 'text'>;

/** Lines that stand in for entries: they go when entries come. */
export function placeholdersOf(outline: Outline, section: Section): readonly number[] {
  const found: number[] = [];
  for (let at = section.heading.end; at < section.end; at++) {
    if (outline.kinds[at] === 'text' && PLACEHOLDER.test(saidBy(outline.lines[at] ?? ''))) found.push(at);
  }
  return found;
}

/** A line without comments; empty when nothing else than a bullet is left. */
function saidBy(raw: string): string {
  const line = bareText(raw).trim();
  if (!line.includes('<!--')) return /^[-*+]$/.test(line) ? '' : line;
  const text = withoutCommentsIn(line).trim();
  return /^[-*+]?$/.test(text) ? '' : text;
}

function isAboveList(lines: readonly string[], at: number): boolean {
  let next = at + 1;
  while (next < lines.length && next < at + 3 && (lines[next] ?? '').trim() === '') next++;
  return /^\s{0,4}(?:[-*+•]|\d+[.)])\s/.test(lines[next] ?? '');
}

function firstAfter(headings: Outline['headings'], line: number): number {
  let low = 0;
  let high = headings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((headings[middle]?.at ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the entries ask for, most telling first; one reason for each group and for each breaking entry. */
export function reasonsOf(entries: readonly Entry[]): readonly BumpReason[] {
  const reasons = new Map<string, Bump>();
  for (const { group, line, isCode } of entries) {
    const isBreaking = !isCode && isBreakingEntry(line);
    const bump = isBreaking ? 'major' : higherBump(bumpOfGroup(group), bumpOfEntry(line));
    const label = isBreaking ? line.replace(/^[-*+]\s+/, '') : group || 'Unreleased';
    const known = reasons.get(label);
    if (known === undefined || compareBumps(bump, known) > 0) reasons.set(label, bump);
  }
  return [...reasons]
    .map(([label, bump]) => ({ bump, text: `CHANGELOG: ${label}` }))
    .sort((a, b) => compareBumps(b.bump, a.bump));
}

/** The group that asks for most, of several the innermost: `API` below Removed is removed, and a fix below New is a fix. */
function tellingOf(groups: readonly string[]): string {
  const own = groups.at(-1) ?? '';
  if (groups.some((group) => readHeading(group)?.kind === 'version')) return own;
  const found = groups.reduceRight(
    (most, group) => (compareBumps(bumpOfGroup(group), bumpOfGroup(most)) > 0 ? group : most),
    own,
  );
  return bumpOfGroup(found) === 'minor' && FIX.test(own) ? own : found;
}

const FIX = /\b(?:fix(?:ed|es)?|bug ?fix(?:es)?|bugs?|security|documentation|docs|internal|dependencies)\b/i;

/** Whether an entry, with its bullet, says that it breaks something. */
export function isBreakingEntry(line: string): boolean {
  // What is quoted as code is only spoken of.
  const text = saidIn(line).replace(/\b(?:non?|not(?: an?)?)[ -]breaking\b/gi, '');
  return (
    /\bBREAKING\b/.test(text) ||
    /^[-*+]\s+[^\p{L}\p{N}]{0,6}breaking([ -]changes?)?[\])*_]*\s*[:!\]]/iu.test(text) ||
    /^[-*+]\s+\**\w+(?:\([^)]*\))?!:/.test(text)
  );
}

function bumpOfEntry(line: string): Bump {
  return /^[-*+]\s+\**feat(?:ure)?(?:\([^)]*\))?:/i.test(line) ? 'minor' : 'patch';
}

/** What a group asks for by its title. */
export function bumpOfGroup(group: string): Bump {
  // `3.0.0 removal plan`: what is meant for another version.
  if (readHeading(group)?.kind === 'version') return 'patch';
  if (
    /(?<!\bnon?[- ])\b(breaking|removed|removals?|major changes|(?:backwards?[- ])?incompatib\w+)\b/i.test(
      group,
    )
  )
    return 'major';
  return /\b(added|additions?|changed|deprecated|deprecations?|features?|new|enhancements?|minor changes)\b/i.test(
    group,
  )
    ? 'minor'
    : 'patch';
}
