import { COUNT_START, type CountState, countTick } from '../../src/domain/judge/counts/count-metric.ts';
import { baselineOf } from '../../src/domain/judge/evidence/baseline.ts';
import type { JudgeVerdict } from '../../src/domain/judge/verdict.ts';
import type { Service, Window } from './traffic.ts';

const SETTLE_S = 180;

/** What Slipway's judge says after each tick of a window. */
export function verdictsOf(
  { before, after }: Window,
  { tickS = 30 }: Service,
  limit: number,
): JudgeVerdict[] {
  const rules = { tickMs: tickS * 1_000, settle: SETTLE_S / tickS, limit, metrics: 1 };
  const baseline = baselineOf(before, rules.tickMs);
  let state: CountState = COUNT_START;
  return after.map((tick) => {
    const judged = countTick(baseline, state, tick, rules);
    state = judged.state;
    if (state.standing.alarm !== null) return state.standing.alarm;
    if (judged.severity === 'watching') return 'watching';
    return judged.proven ? 'healthy' : 'inconclusive';
  });
}
