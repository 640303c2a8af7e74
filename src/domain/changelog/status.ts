import { findDate } from './dates.ts';
import { bareText, type ChangelogDocument } from './document.ts';
import { plainHeading, readHeading } from './heading-reading.ts';

/** A line below a heading that says when the version was released: `Released 2026-10-01`, `_Unreleased_`. */
export interface Status {
  readonly at: number;
  readonly kind: 'unreleased' | 'date';
}

/** The first line of a section, when it says that and nothing else. */
export function readStatus({ lines, kinds }: ChangelogDocument, from: number, end: number): Status | null {
  let at = from;
  while (at < end && (lines[at] ?? '').trim() === '') at++;
  const text = bareText(lines[at] ?? '').trim();
  const next = at + 1 < end ? (lines[at + 1] ?? '').trim() : '';
  if (
    at >= end ||
    kinds[at] !== 'text' ||
    text.length > 80 ||
    /:\/\/|\]:/.test(text) ||
    next !== '' ||
    /^(?:[-+#>|]|\*\s|\d+[.)]\s)/.test(text)
  ) {
    return null;
  }
  const plain = plainHeading(text).replace(/[.:]$/, '');
  if (
    /^(?:release date:? ?)?(?:unreleased|not (?:yet )?released(?: yet)?|in development|under development|tb[adr])$/i.test(
      plain,
    )
  ) {
    return { at, kind: 'unreleased' };
  }
  const date = findDate(plain);
  const words = date
    ? (plain.slice(0, date.start) + plain.slice(date.end)).replace(/[\s.,:()–—-]+/g, ' ').trim()
    : '-';
  if (/^(?:(?:was )?released?(?: on)?|release date|release date|date|on)?$/i.test(words))
    return { at, kind: 'date' };
  return readHeading(plain)?.kind === 'date' ? { at, kind: 'date' } : null;
}
