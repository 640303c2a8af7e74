/**
 * The known word that a typo most likely meant, or null when none is close: at most `most` edits away. Case does not
 * count.
 */
export function nearest(
  word: string,
  known: readonly string[],
  most = Math.max(2, Math.floor(word.length / 3)),
): string | null {
  const typed = word.toLowerCase();
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    // Each character more or less is an edit.
    if (Math.abs(other.length - typed.length) >= least && !other.startsWith(typed)) continue;
    const distance = other.startsWith(typed) && typed.length > 2 ? 1 : editDistance(typed, other);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein distance with swapped neighbours as one edit (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      now.push(least);
    }
    beforeLast = last;
    last = now;
  }
  return last[b.length] ?? 0;
}
