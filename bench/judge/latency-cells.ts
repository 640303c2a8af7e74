import { type JudgeState, judge } from '../../src/domain/judge/judge.ts';
import { type Cell, outcomeOf, seedOf } from './cell.ts';
import { type LatencyShape, latencyWindowOf } from './latency-traffic.ts';
import { type Random, randomFrom } from './random.ts';
import { autoregressive, wave } from './traffic.ts';

type Scenario = (random: Random) => LatencyShape;
const RULES = { tickMs: 30_000, settleMs: 180_000, errorRateRise: 0.01, latencyRise: 0.1 };

function cell(id: string, rps: number, scenario: Scenario): Cell {
  return {
    id,
    run: (windows) => ({
      peers: {},
      outcomes: Array.from({ length: windows }, (_, index) => {
        const random = randomFrom(seedOf(id, index));
        const { before, after } = latencyWindowOf(rps, scenario(random), random);
        const start = judge.begin(before, RULES);
        let state: JudgeState | null = null;
        const verdicts = after.map((sample) => {
          const judged = judge.tick(start, state, sample);
          state = judged.state;
          return judged.judgement.verdict;
        });
        return outcomeOf(verdicts);
      }),
    }),
  };
}

const slower =
  (times: number, ticks = Number.POSITIVE_INFINITY): Scenario =>
  () => ({ slower: (tick) => (tick >= 0 && tick < ticks ? times : 1) });

/** Healthy: whatever is said of these is a false alarm. */
export const LATENCY_NULLS: readonly Cell[] = [
  cell('latency messy, 2 rps', 2, messyLatency),
  cell('latency messy, 20 rps', 20, messyLatency),
  cell('latency daily ±30 %, 20 rps', 20, (random) => ({ slower: wave(random, 0.3, 24 * 60) })),
  cell('latency cold start of 3 min, 20 rps', 20, slower(2, 6)),
  cell('latency mix moves by 5 points, 20 rps', 20, (random) => {
    const mix = wave(random, 0.05 / 0.3, 60 + 120 * random.uniform());
    return { slowShare: (tick) => 0.3 * mix(tick) };
  }),
];

export const LATENCY_CELLS: readonly Cell[] = [
  ...LATENCY_NULLS,
  cell('latency +100 %, 2 rps', 2, slower(2)),
  cell('latency +100 %, 20 rps', 20, slower(2)),
  cell('latency +25 %, 20 rps', 20, slower(1.25)),
  cell('latency cold start of 6 min, 20 rps', 20, slower(2, 12)),
  cell('latency mix from 5 to 7 %, 20 rps', 20, () => ({ slowShare: (tick) => (tick < 0 ? 0.05 : 0.07) })),
];

/** A slow drift of the latency, traffic of ±20 %, and a start that is half as slow again for three minutes. */
function messyLatency(random: Random): LatencyShape {
  const drift = autoregressive(random, 0.05, Math.exp(-1 / 60));
  return {
    traffic: wave(random, 0.2, 30 + 60 * random.uniform()),
    slower: (tick) => drift(tick) * (tick >= 0 && tick < 6 ? 1.5 : 1),
  };
}
