/** Terms so much smaller than the largest do not change a sum of doubles. */
const NEGLIGIBLE = -50;

/** ln Σ exp(x) of terms that come one after the other, without overflow. -∞ for no terms. */
export class LogSum {
  #most = Number.NEGATIVE_INFINITY;
  #sum = 0;

  add(term: number): void {
    if (term > this.#most) {
      this.#sum = this.#sum * Math.exp(this.#most - term) + 1;
      this.#most = term;
    } else if (term - this.#most > NEGLIGIBLE) {
      this.#sum += Math.exp(term - this.#most);
    }
  }

  get ln(): number {
    return this.#most + Math.log(this.#sum);
  }
}

export function logSumExp(terms: readonly number[]): number {
  const sum = new LogSum();
  for (const term of terms) sum.add(term);
  return sum.ln;
}

/** ln of the mean of exp(x); null for no terms. */
export function logMeanExp(terms: readonly number[]): number | null {
  return terms.length === 0 ? null : logSumExp(terms) - Math.log(terms.length);
}
