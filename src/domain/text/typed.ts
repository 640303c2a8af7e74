import { withoutHidden } from './visible.ts';

/** What Slack makes of people, channels, groups and addresses: `<@U1|ada>`, `<https://shop.example|shop.example>`. */
const MARKED = /<([@#!]|[a-z][a-z0-9+.-]{0,20}:)([^<>|\s]{0,3000})(?:\|([^<>]{0,3000}))?>/gi;
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Blanks that are none to a parser: no-break and the other spaces of typography. */
const BLANKS = /[^\S\n\r\t ]|[\u2800\u3164\uffa0]/g;
/** A place where a line may be broken: a blank beside a blank, and nothing within a word. */
const BREAKS = /(?<=\s|^)\u200b|\u200b(?=\s|$)/g;

/** Dashes that a keyboard makes of two hyphens before a word, and hyphens that look like them. */
const DASHES =
  /(^|\s)(?=-{0,2}[\u2012-\u2015\u2212\u2e3a\ufe58])[-\u2012-\u2015\u2212\u2e3a\ufe58]{1,3}(?=\p{L})/gu;
const HYPHENS = /[\u2010\u2011\ufe63]/g;
/** The one word of ours that is often written with a dash. */
const ROLL_BACK = /\b(roll)\s?[\u2012-\u2015\u2212]\s?(back)\b/gi;
/** Accents and backticks that stand where an apostrophe belongs: `don´t`. */
const APOSTROPHES = /[\u00b4\u02b9\u02bc]|(?<=\p{L})`(?=\p{L})/gu;
/** Letters, digits and signs of the width of an ideograph. */
const WIDE = /[\uff01-\uff5e]/g;
const WIDE_BY = 0xfee0;

/**
 * What a person wrote where they meant plain words: people, channels and addresses as they read them in Slack, and no
 * character that nobody sees.
 */
export function asWritten(text: string): string {
  const named = text.replace(MARKED, (all, kind: string, target: string, label: string | undefined) =>
    shown(all, kind, target, label ?? ''),
  );
  const read = named.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);
  return withoutHidden(read.replace(BREAKS, ' ').replace(BLANKS, ' '));
}

/** The same, with the dashes, quotes and widths that they meant and their keyboard or clipboard changed. */
export function asTyped(text: string): string {
  return asWritten(text)
    .replace(WIDE, (wide) => String.fromCharCode(wide.charCodeAt(0) - WIDE_BY))
    .replace(/[\u3002\uff61]/g, '.')
    .replace(/[\u3001\uff64]/g, ',')
    .replace(HYPHENS, '-')
    .replace(ROLL_BACK, '$1-$2')
    .replace(APOSTROPHES, "'")
    .replace(DASHES, '$1--')
    .replace(/[\u2018\u2019\u201a\u201b\u2032\u2039\u203a]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb\u300c-\u300f\u301d-\u301f]/g, '"');
}

/** As Slack shows it; what has no name of its own stays as it is. */
function shown(all: string, kind: string, target: string, label: string): string {
  switch (kind) {
    case '@':
      return label === '' || !/^[UWB][A-Z0-9]+$/.test(target) ? all : `@${label.replace(/^@/, '')}`;
    case '#':
      return label === '' || !/^[CDG][A-Z0-9]+$/.test(target) ? all : `#${label.replace(/^#/, '')}`;
    case '!':
      return label === '' || !/^(?:subteam\^|date\^|here$|channel$|everyone$)/.test(target) ? all : label;
    default:
      return label === '' ? kind + target : label;
  }
}
