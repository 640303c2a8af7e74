/**
 * Asks again once the answer is older than `keepMs`. Whoever asks meanwhile gets the answer that is there or under way,
 * so that many who ask cost no more than one. `elapsed`: monotonic, ms.
 */
export function kept<T>(
  ask: () => Promise<T>,
  keepMs: number,
  elapsed = () => performance.now(),
): () => Promise<T> {
  let answer: { readonly promise: Promise<T>; until: number } | null = null;
  return () => {
    if (answer !== null && elapsed() < answer.until) return answer.promise;
    const mine = { promise: ask(), until: Number.POSITIVE_INFINITY };
    const settled = () => {
      mine.until = elapsed() + keepMs;
    };
    mine.promise.then(settled, settled);
    answer = mine;
    return mine.promise;
  };
}

/** The answer, or null when there is none within that many ms or the work fails. */
export async function orNull<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
