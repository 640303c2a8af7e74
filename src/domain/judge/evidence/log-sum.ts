/** Terms so much smaller than the largest do not change a sum of doubles. */
const NEGLIGIBLE = -50;

/** ln Σ exp(x), without overflow. -∞ for no terms. */
export function logSumExp(terms: ArrayLike<number>, count = terms.length): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) most = Math.max(most, terms[index] ?? most);
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const term = (terms[index] ?? 0) - most;
    if (term > NEGLIGIBLE) sum += Math.exp(term);
  }
  return most + Math.log(sum);
}

/** ln of the mean of exp(x); null for no terms. */
export function logMeanExp(terms: readonly number[]): number | null {
  return terms.length === 0 ? null : logSumExp(terms) - Math.log(terms.length);
}
