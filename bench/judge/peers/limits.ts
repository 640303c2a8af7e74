import { firstTick, type Peer, rate, rateOf } from './peer.ts';

/** The rule as people say it: the error rate of any tick is a limit above the one before the deploy. */
export const eachTick: Peer = {
  name: 'limit, each tick',
  alarmAt: ({ before, after }, limit) => {
    const most = rateOf(before) + limit;
    return firstTick(after.length, (tick) => rate(after[tick] ?? [0, 0]) > most);
  },
};

/** Argo Rollouts: a measurement each tick; more than `failureLimit` of them fail. */
export const argoRollouts: Peer = {
  name: 'Argo Rollouts, failureLimit 3',
  alarmAt: ({ before, after }, limit) => countFailures(after, 1, rateOf(before) + limit, 4),
};

/** Flagger: a check each minute; as many as the threshold fail. */
export const flagger: Peer = {
  name: 'Flagger, threshold 5, 1 min',
  alarmAt: ({ before, after }, limit) => countFailures(after, 2, rateOf(before) + limit, 5),
};

function countFailures(
  after: readonly (readonly [number, number])[],
  ticks: number,
  most: number,
  failures: number,
): number | null {
  let failed = 0;
  return firstTick(after.length, (tick) => {
    if ((tick + 1) % ticks !== 0) return false;
    if (rateOf(after.slice(tick + 1 - ticks, tick + 1)) > most) failed += 1;
    return failed >= failures;
  });
}

/** Three standard deviations of the ticks before the deploy above their mean. */
export const zScore: Peer = {
  name: 'z-score > 3, each tick',
  alarmAt: ({ before, after }) => {
    const rates = before.map(rate);
    const mean = rates.reduce((all, one) => all + one, 0) / rates.length;
    const variance = rates.reduce((all, one) => all + (one - mean) ** 2, 0) / (rates.length - 1);
    const most = mean + 3 * Math.sqrt(variance);
    return firstTick(after.length, (tick) => rate(after[tick] ?? [0, 0]) > most);
  },
};
