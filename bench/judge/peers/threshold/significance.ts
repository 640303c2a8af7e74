/** Beyond this mean the normal distribution is close enough, and the sum below too long. */
const LARGE_MEAN = 200;

/**
 * How likely at least `bad` of `total` requests are bad by chance, when `badBefore` of `totalBefore` were before
 * and nothing has changed. The bad ones are rare and independent, and their rate is only known as well as the
 * baseline tells it: a Poisson count whose rate has the posterior Gamma(badBefore + ½, totalBefore), and so a
 * negative binomial count (Gelman et al., Bayesian Data Analysis, section 2.6, with Jeffreys' prior).
 */
export function chanceOfAtLeast(
  bad: number,
  total: number,
  before: { readonly bad: number; readonly total: number },
): number {
  if (bad <= 0) return 1;
  if (before.total <= 0 || total <= 0) return 1;
  const shape = before.bad + 0.5;
  const grow = total / (before.total + total);
  const mean = (shape * total) / before.total;
  const least = Math.ceil(bad - 1e-9);
  if (mean > LARGE_MEAN) {
    const deviation = Math.sqrt(mean * (1 + total / before.total));
    return normalTail((least - 0.5 - mean) / deviation);
  }
  let probability = Math.exp(shape * Math.log(before.total / (before.total + total)));
  let below = 0;
  for (let count = 0; count < least; count++) {
    below += probability;
    probability *= ((count + shape) / (count + 1)) * grow;
    if (below > 1 - 1e-12) return 0;
  }
  return Math.min(1, Math.max(0, 1 - below));
}

/** P(Z ≥ z), to within 1e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.231_641_9 * z);
  const series =
    t *
    (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
