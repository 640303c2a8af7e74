import { compareBuild } from 'semver';
import { type ChangelogDocument, type Heading, linesOf } from './document.ts';
import { comparable } from './heading-reading.ts';
import { markdownDocument } from './markdown-document.ts';
import { releaseHeadings } from './release-headings.ts';
import { restDocument } from './rest-document.ts';
import { readStatus, type Status } from './status.ts';

/** The shape of a changelog: where its sections and links are. */
export interface Outline extends ChangelogDocument {
  /** In the order of the file. */
  readonly sections: readonly Section[];
  /** What is not released, in the order of the file: above the versions. */
  readonly unreleased: readonly Section[];
  /** In the order of the file; those that are released. */
  readonly versions: readonly VersionSection[];
  /** Start of the block of links at the end, or the number of lines. */
  readonly linksAt: number;
  /** Whether the newest version stands last. */
  readonly isAscending: boolean;
}

/** A heading and what stands below it, up to `end` (exclusive). */
export interface Section {
  readonly kind: 'unreleased' | 'version' | 'date';
  readonly heading: Heading;
  /** Where it begins: an anchor above the heading belongs to it. */
  readonly top: number;
  readonly end: number;
  /** As it is written; for what is not released the version that it will become, where it says so. */
  readonly written: string | null;
  /** The same for comparing; null when semver does not read it. */
  readonly version: string | null;
  /** The line below the heading that says when it was released, or that it is not. */
  readonly status: Status | null;
}

export type VersionSection = Section & { readonly kind: 'version'; readonly written: string };

/** Reads a changelog by its blocks: Markdown, or reStructuredText by the name of the file or by how it looks. */
export function outlineOf(text: string, path = 'CHANGELOG.md'): Outline {
  const lines = linesOf(text);
  const isRest = /\.(?:rst|rest)$/i.test(path);
  const first = outlined(isRest ? restDocument(lines) : markdownDocument(lines));
  if (first.sections.length > 0 || /\.(?:md|markdown)$/i.test(path)) return first;
  const other = outlined(isRest ? markdownDocument(lines) : restDocument(lines));
  return other.sections.length > 0 ? other : first;
}

function outlined(document: ChangelogDocument): Outline {
  const found = releaseHeadings(document);
  const linksAt = linksStart(document);
  const tops = found.map(({ heading }) => topOf(document, heading));
  const higherAfter = nextHigher(document);
  const all = found.map(({ heading, reading }, index): Section => {
    const next = tops[index + 1] ?? document.lines.length;
    const higher = higherAfter.get(heading) ?? document.lines.length;
    const links = linksAt >= heading.end ? linksAt : document.lines.length;
    const end = Math.max(heading.end, Math.min(next, higher, links));
    const status = readStatus(document, heading.end, end);
    const written =
      reading.kind === 'unreleased' ? reading.written : 'version' in reading ? reading.version : null;
    const isOpen =
      reading.kind === 'unreleased' ||
      (reading.kind === 'version' && !isDated(heading, reading.isMarked) && status?.kind === 'unreleased');
    const kind = isOpen ? 'unreleased' : reading.kind === 'version' ? 'version' : 'date';
    const named = 'version' in reading ? reading.version : null;
    const version = named === null ? null : comparable(named);
    return { kind, heading, top: tops[index] ?? heading.at, end, written, version, status };
  });
  return arranged(document, all, linksAt);
}

/** A heading with a day is of a release, whatever the line below it says. */
function isDated({ text }: Heading, isMarked: boolean): boolean {
  return isMarked && !/^\W*\[/.test(text);
}

/** What stands below a release is not unreleased, whatever it is called: that version never came out. */
function arranged(document: ChangelogDocument, all: readonly Section[], linksAt: number): Outline {
  const versions = all.filter((section): section is VersionSection => section.kind === 'version');
  const isAscending = isOldestFirst(versions) || hasUnreleasedLast(all, versions);
  const firstRelease = versions[0]?.heading.at ?? Number.POSITIVE_INFINITY;
  const lastRelease = versions.at(-1)?.heading.at ?? -1;
  const isFree = ({ heading }: Section) =>
    heading.at < firstRelease || (isAscending && heading.at > lastRelease);
  const sections = all.filter(
    (section) => section.kind !== 'unreleased' || isFree(section) || section.written !== null,
  );
  const unreleased = sections.filter((section) => section.kind === 'unreleased' && isFree(section));
  return { ...document, sections, unreleased, versions, linksAt, isAscending };
}

/** Titles of groups. Some tools write them on the level of the version, `### 1.2.1` above `### Bug Fixes`. */
const GROUP =
  /^[^\p{L}\p{N}]*(?:added|changed|deprecated|removed|fixed|security|(?:new )?features?|bug ?fix(?:es)?|fix(?:es)?|bugs|performance(?: improvements)?|reverts?|documentation|docs|(?:code )?refactor(?:ing|s)?|build(?: system)?|continuous integration|ci|tests?|styles?|chores?|misc(?:ellaneous)?(?: chores)?|dependencies|improvements|enhancements|other|internal|known issues|(?:breaking|major|minor|patch|other|notable|api) changes?(?: .*)?)[^\p{L}\p{N}]*$/iu;

/** Where the next heading stands that ends what stands below this one, by heading. */
function nextHigher({ headings }: ChangelogDocument): ReadonlyMap<Heading, number> {
  const found = new Map<Heading, number>();
  const open: Heading[] = [];
  for (const heading of headings) {
    if (heading.form !== 'line') {
      const isGroup = heading.text.length < 60 && GROUP.test(heading.text);
      // A line for a heading stands below titles only.
      const ends = ({ form, level }: Heading) =>
        form === 'line' ? heading.level < 3 : level > heading.level || (level === heading.level && !isGroup);
      for (
        let last = open.at(-1);
        last && (ends(last) || (last.level > heading.level && last.form !== 'line'));
        last = open.at(-1)
      ) {
        found.set(last, heading.at);
        open.pop();
      }
    }
    open.push(heading);
  }
  return found;
}

/** A name for links to what stands below it. */
const ANCHOR = /^\s*(?:<a (?:name|id)=["'][^"'<>]*["']\s*(?:\/>|><\/a>)|\.\. _[^:]+:)\s*$/;

function topOf({ lines, kinds }: ChangelogDocument, { at }: Heading): number {
  let top = at;
  for (;;) {
    let line = top - 1;
    while (line > top - 3 && (lines[line] ?? '').trim() === '' && line > 0) line--;
    if (!ANCHOR.test(lines[line] ?? '') || kinds[line] !== 'text') return top;
    top = line;
  }
}

function linksStart({ lines, kinds }: ChangelogDocument): number {
  let start = lines.length;
  for (let at = lines.length - 1; at >= 0; at--) {
    if (kinds[at] === 'definition') start = at;
    else if (kinds[at] !== 'text' || lines[at]?.trim() !== '') break;
  }
  return start;
}

function isOldestFirst(versions: readonly VersionSection[]): boolean {
  return versions.filter(({ version }) => version !== null).length > 2 && isRising(versions);
}

/** Of one or two releases the order does not tell as much: there the only Unreleased stands behind them. */
function hasUnreleasedLast(all: readonly Section[], versions: readonly VersionSection[]): boolean {
  const [open, ...others] = all.filter(({ kind }) => kind === 'unreleased');
  if (!open || others.length > 0 || open !== all.at(-1)) return false;
  return (
    versions.length > 0 &&
    open.written === null &&
    /unreleased/i.test(open.heading.text) &&
    isRising(versions)
  );
}

function isRising(versions: readonly VersionSection[]): boolean {
  const order = versions.flatMap(({ version }) => version ?? []);
  return order.every((version, index) => index === 0 || compareBuild(order[index - 1] ?? '', version) < 0);
}
