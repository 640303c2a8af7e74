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
