/** Has the label in an answer that says how many series a bucket has, instead of their sum. */
export const SERIES_LABEL = 'slipway_series';

const STRINGS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;
const SUM = /^\s*sum\s*(?:by\s*\(([^()]*)\)\s*)?(?=\()/;
const BY = /^\s*(?:by\s*\(([^()]*)\)\s*)?$/;

/**
 * A query that sums buckets, which also tells how many series each sum is of. A release with other buckets has some that
 * the others lack: at their edges, requests are missing. Any other query is left as it is.
 */
export function withBucketSeries(query: string, counted = countOf(query)): string {
  return counted === null ? query : `${query} or label_replace(${counted}, "${SERIES_LABEL}", "yes", "", "")`;
}

/** The same with `count` for `sum`; null where the whole is not one sum by `le`. */
function countOf(query: string): string | null {
  const bare = query.replace(STRINGS, (text) => '_'.repeat(text.length));
  const sum = SUM.exec(bare);
  if (sum === null || bare.includes('#')) return null;
  const start = sum[0].length;
  const end = closing(bare, start);
  const rest = end === null ? null : BY.exec(bare.slice(end + 1));
  if (rest === null) return null;
  const labels = (sum[1] ?? rest[1] ?? '').split(',').map((label) => label.trim());
  return labels.includes('le') ? query.replace('sum', 'count') : null;
}

/** Where the parenthesis ends that begins there. */
function closing(text: string, start: number): number | null {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')') depth--;
    if (depth === 0) return index;
  }
  return null;
}
