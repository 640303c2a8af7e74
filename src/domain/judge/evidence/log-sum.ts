/** ln Σ exp(x), without overflow. -∞ for no terms. */
export function logSumExp(terms: ArrayLike<number>, count = terms.length): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) most = Math.max(most, terms[index] ?? most);
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let index = 0; index < count; index++) sum += Math.exp((terms[index] ?? 0) - most);
  return most + Math.log(sum);
}
