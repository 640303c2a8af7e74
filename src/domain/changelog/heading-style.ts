import { findDate } from './dates.ts';
import { bareText, type Heading } from './document.ts';
import { type DatedRelease, headingText, orderIn } from './heading-text.ts';
import type { Outline, Section, VersionSection } from './outline.ts';

/**
 * The heading of a release in the style of the file: level, marks, brackets, prefix, link, separator, form of the date.
 * Lines without line ends. `own` is the heading that the release stands below or takes the place of.
 */
export function headingFor(outline: Outline, release: DatedRelease, own: Section | null): readonly string[] {
  const model = modelOf(outline, release);
  const source = model ?? (own?.written ? own : null);
  if (source?.written) {
    const text = headingText(outline, { heading: source.heading, written: source.written }, release);
    return framed(outline, levelled(source.heading, own?.heading), text);
  }
  const frame = own?.heading ?? outline.sections[0]?.heading ?? plainHeadingOf(outline);
  const isBare = outline.markup === 'rest' || (own !== null && !own.heading.text.startsWith('['));
  return framed(outline, frame, `${isBare ? release.version : `[${release.version}]`} - ${release.date}`);
}

/** The line below the heading that gives the day, where the file has one instead of a date in the heading. */
export function statusFor(outline: Outline, { date }: DatedRelease, own: Section | null): string | null {
  const model = outline.versions.find(({ status }) => status?.kind === 'date')?.status;
  const newest = newestOf(outline);
  if (model && (newest?.status?.kind === 'date' || own?.status)) {
    const line = bareText(outline.lines[model.at] ?? '');
    const found = findDate(line, orderIn(outline));
    return found ? line.slice(0, found.start) + found.write(date) + line.slice(found.end) : date;
  }
  if (!own?.status || newest) return null;
  const line = bareText(outline.lines[own.status.at] ?? '');
  return line.replace(
    /unreleased|not (?:yet )?released(?: yet)?|(?:in|under) development|tb[adr]/i,
    `Released ${date}`,
  );
}

/** The newest released version: the first in the file, or the last where the oldest comes first. */
export function newestOf({ versions, isAscending }: Outline): VersionSection | null {
  return (isAscending ? versions.at(-1) : versions[0]) ?? null;
}

/** The heading to go by: the newest; where levels tell patches from others, the newest of the same size. */
function modelOf(outline: Outline, { version }: DatedRelease): VersionSection | null {
  const versions = outline.isAscending ? [...outline.versions].reverse() : outline.versions;
  const newest = versions[0] ?? null;
  const isPatch = (written: string) => !/^\d+\.\d+(?:\.0)?(?![\d.])/.test(written);
  if (!newest || isPatch(newest.written) === isPatch(version)) return newest;
  const same = versions.find((one) => isPatch(one.written) === isPatch(version));
  const other = versions.filter((one) => isPatch(one.written) !== isPatch(version));
  const isTold = same !== undefined && other.every(({ heading }) => heading.level !== same.heading.level);
  return isTold ? same : newest;
}

/** A heading of the section's own level, unless the file has its versions below it. */
function levelled(model: Heading, own: Heading | undefined): Heading {
  if (own?.form !== 'atx' || model.form !== 'atx' || own.level === 1) return model;
  return { ...model, level: own.level };
}

function plainHeadingOf({ markup }: Outline): Heading {
  return { at: 0, end: 0, level: 2, text: '', form: markup === 'rest' ? 'underlined' : 'atx' };
}

function framed(
  outline: Outline,
  { form, level, at, end, text: model }: Heading,
  text: string,
): readonly string[] {
  const lines = outline.lines.slice(at, end).map((line) => bareText(line));
  const [first = ''] = lines;
  if (form === 'line') return [text];
  if (form === 'atx') {
    const [, indent = '', gap = ' '] = /^( {0,3})#+([ \t]+)/.exec(first) ?? [];
    const closing = /[ \t]#+[ \t]*$/.exec(first.slice(indent.length + level)) ? ` ${'#'.repeat(level)}` : '';
    return [`${indent}${'#'.repeat(level)}${gap}${text}${closing}`];
  }
  const mark = lines.at(-1)?.trim()[0] ?? '-';
  const own = lines.at(-1)?.trim().length ?? 0;
  const isFitted = own === 0 || own === model.length;
  const least = outline.markup === 'rest' ? text.length : 3;
  const line = mark.repeat(Math.max(isFitted ? text.length : own, least));
  const indent = /^ */.exec(first)?.[0] ?? '';
  return form === 'boxed' ? [line, indentedLike(lines[1], text), line] : [indent + text, line];
}

function indentedLike(model = '', text: string): string {
  return (/^ */.exec(model)?.[0] ?? '') + text;
}
