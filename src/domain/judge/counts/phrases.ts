import type { Baseline } from '../evidence/baseline.ts';
import { besideOf, ownOf, sumOf, type Tick } from '../evidence/tick.ts';
import { percent, several, spell, whole } from '../format.ts';

/** The metric that every service has. Others are named by whoever counts them. */
export const ERROR_RATE = 'error rate';

/** How the release and the one before it are called, where they are told apart. */
export interface SideNames {
  readonly release: string;
  /** Absent where none was seen. */
  readonly other?: string;
}

/**
 * `12 of 3,120 requests failed in the last 2 minutes (0.4 %)`; of other metrics: `3 of 40 were bad …`. `when`: those
 * words. With names, those of the release alone: `12 of 3,120 requests of 1.3.0 failed …`.
 */
export function failed(name: string, ticks: readonly Tick[], when: string, names?: SideNames): string {
  const told = ticks.filter((tick) => names === undefined || tick?.length === 4);
  const { requests, bad } = sumOf(told.map(ownOf));
  const share = bad > 0 && bad < requests ? ` (${percent(bad / requests)})` : '';
  const whose = names === undefined ? '' : ` of ${names.release}`;
  const what = name === ERROR_RATE ? `requests${whose} failed` : `${whose.trimStart()} were bad`.trimStart();
  return `${whole(bad)} of ${whole(requests)} ${what} ${when}${share}`;
}

/**
 * What the release before did in the same ticks: `2 of 1,300 of 1.2.0 in the same minutes (0.2 %)`; null where none of
 * them has both.
 */
export function beside(ticks: readonly Tick[], names: SideNames | undefined): string | null {
  const [requests, bad] = sumBeside(ticks);
  if (names === undefined || requests === 0) return null;
  const share = bad > 0 && bad < requests ? ` (${percent(bad / requests)})` : '';
  return `${whole(bad)} of ${whole(requests)} of ${names.other ?? 'the others'} in the same minutes${share}`;
}

/** Requests, and bad ones, of the release before in the ticks in which both can be compared. */
export function sumBeside(ticks: readonly Tick[]): readonly [requests: number, bad: number] {
  let [requests, bad] = [0, 0];
  for (const tick of ticks) {
    const [more, moreBad] = besideOf(tick) ?? [0, 0];
    requests += more;
    bad += moreBad;
  }
  return [requests, bad];
}

/** `0.2 % before the deploy`; `…, 2 earlier days included` where they are. */
export function before({ requests, bad, days = 0 }: Pick<Baseline, 'requests' | 'bad' | 'days'>): string {
  if (requests <= 0) return 'nothing is known of before the deploy';
  const also = days === 0 ? '' : `, the same hour of ${several(days, 'earlier day')} included`;
  return `${percent(bad / requests)} before the deploy${also}`;
}

/** `in the last 30 s`, `in the last minute`, `in the last 4 minutes`. */
export function inLast(ticks: number, tickMs: number): string {
  const ms = Math.max(1, ticks) * tickMs;
  return ms === 60_000 ? 'in the last minute' : `in the last ${spell(ms)}`;
}
