import { type DateOrder, dateOrderOf, type FoundDate, findDate } from './dates.ts';
import type { Heading } from './document.ts';
import { isOnly } from './heading-reading.ts';
import { type LinkedRelease, nextOf } from './links.ts';
import type { Outline } from './outline.ts';

export interface DatedRelease extends LinkedRelease {
  /** `2026-11-22` */
  readonly date: string;
}

/** A heading with the version that it names, as it is written there. */
interface Model {
  readonly heading: Heading;
  readonly written: string;
}

/** A heading in parts: what is neither name nor day is punctuation and words. */
interface Parts {
  /** Up to the end of the version. */
  readonly name: string;
  readonly between: string;
  readonly after: string;
  readonly date: FoundDate | null;
  readonly isDateFirst: boolean;
}

/** Takes the place of what is no punctuation and no word: addresses and versions. */
const MASK = '\uE000';
const TARGET = /\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)/g;
/** Words that stand beside every version; others belong to one. */
const STYLE =
  /(?<![\p{L}\p{N}])(?:released?|date|on|at|of|diff|compare|changes|full|changelog|code|commits|version)(?![\p{L}\p{N}])/giu;
const CLOSERS = /^[\])}*_`>]*/;

/**
 * The text of a heading with another version and day: brackets, prefix, links, separators and the form of the date stay;
 * words that only this heading has, such as a code name, do not.
 */
export function headingText(outline: Outline, model: Model, release: DatedRelease): string {
  const order = orderIn(outline);
  const dated = partsOf(model, order).date ? model : (datedOf(outline, model, order) ?? model);
  const { text } = dated.heading;
  const parts = partsOf(dated, order);
  const name = renamed(parts.name, dated, release);
  const { date } = parts;
  if (!date) return name + undated(outline, dated, parts.after, release.date);
  const others = outline.versions.filter(({ heading }) => heading !== dated.heading).slice(0, 5);
  const known = others.map((other) => partsOf(other, order));
  const inStyle = (part: 'between' | 'after', otherwise: (text: string) => string) => {
    const others = known.map((other) => other[part]);
    return isStyle(parts[part], others) ? parts[part] : otherwise(parts[part]);
  };
  const between = inStyle('between', punctuation);
  const after = inStyle(
    'after',
    (text) => (CLOSERS.exec(text)?.[0] ?? '') + (/[*_`]+$/.exec(text)?.[0] ?? ''),
  );
  const day = findDate(text.slice(date.start, date.end), order)?.write(release.date) ?? release.date;
  const rest = renamed(after, dated, release);
  return parts.isDateFirst
    ? text.slice(0, date.start) + day + between + name + rest
    : name + renamed(between, dated, release) + day + rest;
}

/** Which comes first in the dates of the file, the day or the month; null when nothing tells. */
export function orderIn({ headings }: Outline): DateOrder | null {
  for (const { text } of headings.slice(0, 500)) {
    const order = dateOrderOf(text.slice(0, 200));
    if (order) return order;
  }
  return null;
}

function partsOf({ heading, written }: Model, order: DateOrder | null): Parts {
  const { text } = heading;
  const masked = maskedText(text, written);
  const date = findDate(masked, order);
  const version = Math.max(0, text.indexOf(written, firstOutside(masked, text, written)));
  if (date && date.start < version) {
    const name = text.slice(date.end, version + written.length);
    const gap = /^[^\p{L}\p{N}[*_`]*/u.exec(name)?.[0] ?? '';
    const after = text.slice(version + written.length);
    return { name: name.slice(gap.length), between: gap, after, date, isDateFirst: true };
  }
  const end = nameEnd(text, version + written.length);
  const name = text.slice(0, end);
  const between = date ? text.slice(end, date.start) : '';
  // `1er octobre 2026`: what looks like a year or a month is part of a day in a form that we do not know.
  const isYear = date !== null && /^\d{4}$/.test(text.slice(date.start, date.end));
  if (!date || date.start < end || /\d/.test(between) || (isYear && /\p{L}/u.test(between))) {
    return { name, between: '', after: text.slice(end), date: null, isDateFirst: false };
  }
  return { name, between, after: text.slice(date.end), date, isDateFirst: false };
}

/** Where the version stands that people read, rather than one in an address or an anchor. */
function firstOutside(masked: string, text: string, written: string): number {
  for (let at = text.indexOf(written); at >= 0; at = text.indexOf(written, at + 1)) {
    if (masked.slice(at, at + written.length) === MASK.repeat(written.length) && text[at - 1] !== '"')
      return at;
  }
  return 0;
}

function maskedText(text: string, written: string): string {
  const hide = (all: string) => MASK.repeat(all.length);
  const targets = text.replace(TARGET, hide).replace(/<[^<>]*>/g, hide);
  return written === '' ? targets : targets.replaceAll(written, hide);
}

/** The end of a link around the version: `](…)`, `][…]`. */
function nameEnd(text: string, from: number): number {
  const rest = text.slice(from);
  const found = /^[^\s[\]()]*\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)|\[[^\]]*\])?/.exec(
    rest,
  );
  return from + (found?.[0].length ?? 0);
}

/** A part of the model for another version: its addresses lead on, and one that is not understood is left out. */
function renamed(part: string, { written }: Model, release: LinkedRelease): string {
  const links: string[] = [];
  const kept = part
    .replace(TARGET, (all, url: string) => {
      const next = nextOf({ label: written, url }, release);
      if (next === null) return ']';
      links.push(all.replace(url, () => next));
      return MASK;
    })
    // A label that does not name the version would lead to the page of the old one.
    .replace(/\]\[([^\]]+)\]/g, (all, label: string) => (label.includes(written) ? all : ']'));
  const named = written === '' ? kept : kept.replaceAll(written, () => release.version);
  return named.replaceAll(MASK, () => links.shift() ?? '');
}

function isStyle(part: string, others: readonly string[]): boolean {
  const words = part.replace(TARGET, ']');
  return isOnly(words, STYLE) || others.some((other) => other.replace(TARGET, ']') === words);
}

/** What is left of a part without its words: `] - Bluebird (` becomes `] (`. */
function punctuation(part: string): string {
  const close = CLOSERS.exec(part)?.[0] ?? '';
  const tail = /[^\p{L}\p{N}]*$/u.exec(part.slice(close.length))?.[0].replace(/["'“”‘’«»]/g, '') ?? '';
  return close + (tail.trim() === '' ? ' - ' : tail);
}

/** One of the next headings that has a date, where that of the newest is in a form of its own. */
function datedOf({ versions, isAscending }: Outline, model: Model, order: DateOrder | null): Model | null {
  if (!/\d/.test(partsOf(model, order).after)) return null;
  const all = isAscending ? [...versions].reverse() : versions;
  const isAlike = ({ heading }: Model) =>
    heading.form === model.heading.form && heading.level === model.heading.level;
  return all.slice(0, 10).find((one) => isAlike(one) && partsOf(one, order).date !== null) ?? null;
}

/** What comes after the version where the model has no date that could be written again. */
function undated({ versions }: Outline, { heading }: Model, rest: string, date: string): string {
  const close = CLOSERS.exec(rest)?.[0] ?? '';
  const words = rest.slice(close.length);
  const [gap = ''] = /^[\s\-–—:,|/]*[([]?/.exec(words) ?? [];
  if (/\d/.test(words)) {
    // A day in a form that we do not know: it stands where theirs stood.
    const end = gap.endsWith('(') ? ')' : gap.endsWith('[') ? ']' : '';
    return close + (gap === '' ? ' - ' : gap) + date + end;
  }
  const hasNone = (one: Model) =>
    !/\d/.test(one.heading.text.replace(TARGET, '').replaceAll(one.written, ''));
  const others = versions.filter((one) => one.heading !== heading).slice(0, 3);
  const isHabit =
    others.length > 0 && others.every(hasNone) && versions.some((one) => one.heading === heading);
  const tail = /^[\s*_`~:]*$/.test(words) ? words : '';
  if (isHabit) return close + tail;
  return /^[\s(]*(?:un|not )/i.test(words) || gap.trim() !== ''
    ? close + (gap.trim() === '' ? ' - ' : gap) + date + (gap.endsWith('(') ? ')' : '')
    : `${close}${tail.trimEnd()} - ${date}`;
}
