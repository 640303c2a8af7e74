import { setTimeout as pause } from 'node:timers/promises';

/** Real time, so many times as fast, for what waits by the clock that it is given. */
export function fastClock(times: number): {
  now(): number;
  elapsed(): number;
  sleep(ms: number): Promise<void>;
} {
  const begun = Date.now();
  return {
    now: () => begun + (Date.now() - begun) * times,
    elapsed: () => performance.now() * times,
    sleep: (ms) => pause(ms / times),
  };
}
