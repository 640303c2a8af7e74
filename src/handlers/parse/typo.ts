import { nearest } from '../../domain/text/nearest.ts';

/**
 * The known word of which this one is a typing error: one edit away, two in a word of six letters or more, with the same
 * beginning. It is strict because people also write to each other here: "good" is not a `hold`, and "reverted" says that
 * it was done.
 */
export function nearestTypo<T extends string>(
  word: string,
  known: readonly T[],
  most = word.length > 5 ? 2 : 1,
): T | null {
  if (!/^[a-z]{3,20}$/.test(word)) return null;
  const alike = known.filter((one) => sameBeginning(word, one));
  if (alike.some((one) => word.startsWith(one) && /^(ed|ing|er|s)$/.test(word.slice(one.length))))
    return null;
  return nearest(word, alike, most) as T | null;
}

function sameBeginning(word: string, other: string): boolean {
  return word[0] === other[0] || (word[0] === other[1] && word[1] === other[0]);
}
