import { firstTick, type Peer, rate } from './peer.ts';

const EVERY_TICKS = 10;
/** One side of Kayenta's confidence level of 0.98. */
const Z = 2.326;
/** Its tolerance, of the mean of the control. */
const TOLERANCE = 0.25;

/**
 * Kayenta's Mann-Whitney classifier on the error rates of ticks, every five minutes: the confidence interval of the
 * shift lies above the tolerance. By inversion of the test: the shifted ticks are still higher.
 */
export const mannWhitney: Peer = {
  name: "Kayenta's Mann-Whitney, each 5 min",
  alarmAt: ({ before, after }) => {
    const control = before.map(rate);
    const mean = control.reduce((all, one) => all + one, 0) / control.length;
    return firstTick(after.length, (tick) => {
      if ((tick + 1) % EVERY_TICKS !== 0) return false;
      const experiment = after.slice(0, tick + 1).map((one) => rate(one) - TOLERANCE * mean);
      return zOf(control, experiment) > Z;
    });
  },
};

/** The normal approximation of U with the correction for ties; positive when `b` is higher. */
function zOf(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, isB: false })), ...b.map((value) => ({ value, isB: true }))];
  all.sort((one, other) => one.value - other.value);
  const n = all.length;
  let ranks = 0;
  let ties = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && all[to]?.value === all[from]?.value) to += 1;
    const size = to - from;
    const rank = (from + 1 + to) / 2;
    for (let index = from; index < to; index++) if (all[index]?.isB) ranks += rank;
    ties += size ** 3 - size;
    from = to;
  }
  const u = ranks - (b.length * (b.length + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  return variance <= 0 ? 0 : (u - (a.length * b.length) / 2 - 0.5) / Math.sqrt(variance);
}
