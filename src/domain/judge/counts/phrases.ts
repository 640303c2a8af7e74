import type { Baseline } from '../evidence/baseline.ts';
import { sumOf, type Tick } from '../evidence/tick.ts';
import { percent, several, whole } from '../format.ts';

/** The metric that every service has. Others are named by whoever counts them. */
export const ERROR_RATE = 'error rate';

/** `12 of 3,120 requests failed in the last 4 ticks (0.4 %)`; of other metrics: `3 of 40 were bad …`. */
export function failed(name: string, ticks: readonly Tick[], when = inLast(ticks.length)): string {
  const { requests, bad } = sumOf(ticks);
  const share = bad > 0 && bad < requests ? ` (${percent(bad / requests)})` : '';
  const what = name === ERROR_RATE ? 'requests failed' : 'were bad';
  return `${whole(bad)} of ${whole(requests)} ${what} ${when}${share}`;
}

/** `0.2 % before the deploy`. */
export function before({ requests, bad }: Pick<Baseline, 'requests' | 'bad'>): string {
  return requests > 0
    ? `${percent(bad / requests)} before the deploy`
    : 'nothing is known of before the deploy';
}

export function inLast(ticks: number): string {
  return ticks === 1 ? 'in the last tick' : `in the last ${several(ticks, 'tick')}`;
}
