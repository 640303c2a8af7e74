import type { ChangelogDocument, Heading } from './document.ts';
import { type HeadingReading, plainHeading, readHeading } from './heading-reading.ts';

/** A heading with what it names. */
export interface ReleaseHeading {
  readonly heading: Heading;
  readonly reading: HeadingReading;
}

/** A heading that may begin a section, and those above it that it stands below. */
interface Candidate extends ReleaseHeading {
  readonly parents: readonly ReleaseHeading[];
}

/** The headings that begin a section, of all that name a version: the others only speak of one. */
export function releaseHeadings(document: ChangelogDocument): readonly ReleaseHeading[] {
  const all = candidatesOf(document);
  const found = isNamedTitle(document, all) ? all.slice(1) : all;
  const versions = found.filter(isSure);
  const isHigh = ({ heading }: Candidate) => heading.level <= 3;
  const sure = versions.some(isHigh) ? versions.filter(isHigh) : versions;
  const onLevel = new Map<number, number>();
  for (const { heading } of sure) onLevel.set(heading.level, (onLevel.get(heading.level) ?? 0) + 1);
  const accepted = new Set(sure.filter((one) => !isInside(one, onLevel)).map(({ heading }) => heading));
  const levels = new Set([...accepted].map(({ level }) => level));
  const isRelease = (one: ReleaseHeading) => isSure(one) && accepted.has(one.heading);

  let lastVersion = -1;
  for (const one of found) {
    const { heading, reading, parents } = one;
    if (isRelease(one)) lastVersion = heading.at;
    else if (reading.kind === 'unreleased') {
      const isTitle = reading.isPlain && isTitleOf(document, heading, levels);
      if (!parents.some(isRelease) && !isTitle) accepted.add(heading);
    } else if (reading.kind === 'version' ? !isSure(one) : reading.kind === 'date' && levels.size === 0) {
      const fits = levels.size > 0 ? levels.has(heading.level) : heading.level <= 3;
      const parent = parents.find((other) => other.reading.kind === 'unreleased');
      // What has a day is a release, where no other heading shows on which level they stand.
      const isClear = reading.kind === 'version' && reading.isMarked && levels.size === 0;
      const isWithin = parent !== undefined && lastVersion < parent.heading.at && !isClear;
      if (fits && !isWithin) accepted.add(heading);
    }
  }
  return found.filter((one) => accepted.has(one.heading));
}

function isSure({ reading }: ReleaseHeading): boolean {
  return reading.kind === 'version' && reading.certainty === 'sure';
}

const NONE: readonly ReleaseHeading[] = [];

function candidatesOf({ headings }: ChangelogDocument): readonly Candidate[] {
  const all = headings.flatMap((heading): ReleaseHeading[] => {
    const reading = readHeading(heading.text);
    return reading ? [{ heading, reading }] : [];
  });
  // Lines that are no headings count where the file has none that name a version.
  const real = all.filter(({ heading }) => heading.form !== 'line');
  const hasReal = real.some(({ reading }) => reading.kind === 'version' || reading.kind === 'unreleased');
  const found = hasReal ? real : all.filter(({ reading }) => reading.kind !== 'date');
  const open: ReleaseHeading[] = [];
  return found.map((one): Candidate => {
    while (open.length > 0 && (open.at(-1)?.heading.level ?? 0) >= one.heading.level) open.pop();
    const parents = open.length === 0 ? NONE : [...open].reverse();
    open.push(one);
    return { ...one, parents };
  });
}

/**
 * Whether a bare `### 3.0.0` is part of the section above it rather than one of its own: nothing marks it as a release,
 * and the versions of the file stand on the level above.
 */
function isInside({ heading, reading, parents }: Candidate, onLevel: ReadonlyMap<number, number>): boolean {
  const [parent] = parents;
  if (reading.kind !== 'version' || reading.isMarked || !parent || parent.reading.kind === 'series')
    return false;
  return (onLevel.get(parent.heading.level) ?? 0) > 0 && onLevel.get(heading.level) === 1;
}

/** `# Next`, the title of a file with its versions on the level below it. */
function isTitleOf({ headings }: ChangelogDocument, heading: Heading, levels: ReadonlySet<number>): boolean {
  const [title, next] = headings;
  return (
    heading === title && heading.level === 1 && next !== undefined && next.level > 1 && levels.has(next.level)
  );
}

/**
 * `# What's new in 2.0`, the title of a file of that line of versions: words and a bare version, alone on its level, with
 * what is not released or a version of it below.
 */
function isNamedTitle({ headings }: ChangelogDocument, [title, ...below]: readonly Candidate[]): boolean {
  if (!title || title.heading !== headings[0] || title.heading.level !== 1) return false;
  const { reading, heading } = title;
  if (reading.kind !== 'version' || reading.isMarked || !/^\p{L}{2}/u.test(plainHeading(heading.text)))
    return false;
  const [next] = below;
  const major = /^(\d+)(?:\.\d+)?$/.exec(reading.version)?.[1];
  const isOfLine = (one: Candidate) =>
    one.reading.kind === 'version' &&
    /^\[?v?\d/i.test(one.heading.text) &&
    one.reading.version.startsWith(`${major}.`);
  const isOpen = next?.reading.kind === 'unreleased' && !next.reading.isPlain;
  return below.every((one) => one.heading.level > 1) && (isOpen || below.some(isOfLine));
}
