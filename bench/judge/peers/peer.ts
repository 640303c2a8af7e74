import type { Window } from '../traffic.ts';

/** A rule that looks at the error rate while a window goes on. */
export interface Peer {
  readonly name: string;
  /** The tick, 0-based, after which it raises its first alarm; null when it never does. */
  alarmAt(window: Window, limit: number): number | null;
}

export const rate = ([requests, failed]: readonly [number, number]) => (requests > 0 ? failed / requests : 0);

export function rateOf(ticks: readonly (readonly [number, number])[]): number {
  let [requests, failed] = [0, 0];
  for (const [n, b] of ticks) {
    requests += n;
    failed += b;
  }
  return rate([requests, failed]);
}

export function firstTick(count: number, isAlarm: (tick: number) => boolean): number | null {
  for (let tick = 0; tick < count; tick++) if (isAlarm(tick)) return tick;
  return null;
}
