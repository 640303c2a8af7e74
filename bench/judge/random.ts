/** Random numbers from a seed, so that every run sees the same traffic. */
export interface Random {
  /** 0 ≤ x < 1. */
  uniform(): number;
  normal(): number;
  poisson(mean: number): number;
  binomial(n: number, p: number): number;
  /** Mean 1, coefficient of variation `cv`. */
  gamma(cv: number): number;
}

const LARGE = 400;

export function randomFrom(seed: number): Random {
  const uniform = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number): number => {
    if (mean > LARGE) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let left = mean;
    let count = -1;
    while (left >= 0) {
      left += Math.log(1 - uniform());
      count += 1;
    }
    return count;
  };
  const binomial = (n: number, p: number): number => {
    if (n <= 0 || p <= 0) return 0;
    if (p > 0.5) return n - binomial(n, 1 - p);
    const spread = Math.sqrt(n * p * (1 - p));
    if (n * p > LARGE) return Math.min(n, Math.max(0, Math.round(n * p + spread * normal())));
    // From one success to the next: the gaps are geometric.
    const perTrial = Math.log1p(-p);
    let at = 0;
    let count = 0;
    for (;;) {
      at += Math.floor(Math.log(1 - uniform()) / perTrial) + 1;
      if (at > n) return count;
      count += 1;
    }
  };
  return { uniform, normal, poisson, binomial, gamma: (cv) => gamma(1 / cv ** 2, uniform, normal) * cv ** 2 };
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Marsaglia and Tsang 2000, scale 1. */
function gamma(shape: number, uniform: () => number, normal: () => number): number {
  if (shape < 1) return gamma(shape + 1, uniform, normal) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
