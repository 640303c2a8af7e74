/** Blanks that are none to a parser: no-break and the other spaces of typography, also those without a width. */
const BLANKS = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/g;
/** What keyboards make of two hyphens before a word. */
const DASHES = /(^|\s)(?:[\u2012-\u2015\u2212]-?|-[\u2012-\u2015\u2212])(?=\p{L})/gu;

/** What a person typed, with the dashes, quotes and blanks that they meant and their keyboard or clipboard changed. */
export function asTyped(text: string): string {
  return text
    .replace(BLANKS, ' ')
    .replace(DASHES, '$1--')
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"');
}
