import type { Sample } from '../../../src/domain/judge/sample.ts';
import type { Counts } from '../traffic.ts';
import { firstTick, type Peer } from './peer.ts';
import { judge } from './threshold/judge.ts';

const TICK_MS = 30_000;

/** The judge that Slipway had before: limits, a test against chance, pools of the last ticks. */
export const threshold: Peer = {
  name: "Slipway's threshold judge, any alarm",
  alarmAt: ({ before, after }, limit) => {
    const samples = (ticks: readonly Counts[], phase: Sample['phase'], from: number): Sample[] =>
      ticks.map(([total, errors], index) => ({
        at: new Date((from + index + 1) * TICK_MS).toISOString(),
        phase,
        total,
        errors,
      }));
    const baseline = samples(before, 'baseline', 0);
    const all = samples(after, 'after', before.length);
    const limits = { errorRateRise: limit, latencyRise: 0.1 };
    return firstTick(after.length, (tick) => {
      const { verdict } = judge(baseline, all.slice(0, tick + 1), limits);
      return verdict === 'warning' || verdict === 'critical';
    });
  },
};
