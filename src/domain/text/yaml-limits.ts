import { parse } from 'yaml';

/** What a parser of YAML takes its time for: ends of lines, keys, items, quotes, brackets, anchors and tags. */
const MARKS = /[\n:"'[\]{},&*!?|%]|- /g;

/** Whether a text has more of them than that. Asked before it is parsed: a parser takes seconds for a hostile one. */
export function hasMoreMarks(text: string, most: number): boolean {
  let marks = 0;
  for (const _mark of text.matchAll(MARKS)) {
    marks += 1;
    if (marks > most) return true;
  }
  return false;
}

/** What a short text says as YAML; undefined for what is broken, or has more than so many characters. */
export function smallYaml(text: string, most: number): unknown {
  if (text.length > most) return undefined;
  try {
    // Keys that are maps would be written out as text, each twice for each level.
    return parse(text, { maxAliasCount: 0, prettyErrors: false, stringKeys: true, logLevel: 'error' });
  } catch {
    return undefined;
  }
}
