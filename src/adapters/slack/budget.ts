import type { Outbox } from './port.ts';

/** What a call is for: people wait for it, the state of a promotion has changed, or there is merely progress. */
export type Urgency = 'people' | 'state' | 'progress';

/** No more than so many calls in so many ms. */
type Window = readonly [calls: number, ms: number];
export type Allowance = Readonly<Record<Urgency, readonly Window[]>>;

/**
 * chat.update has fifty calls a minute and workspace (Tier 3). What people wait for may use nearly all of them; the rest
 * leaves twenty for alarms at any time, and progress is spread.
 *
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
export const UPDATES: Allowance = {
  people: [[48, 61_000]],
  state: [[28, 61_000]],
  progress: [
    [12, 15_000],
    [18, 30_000],
    [24, 61_000],
  ],
};
/** One message a second and channel; short bursts are allowed. The last two are for new cards and alarms. */
export const POSTS: Allowance = {
  people: [[10, 10_500]],
  state: [[8, 10_500]],
  progress: [[8, 10_500]],
};
/** Above that, several hundred messages a minute in the whole workspace. */
export const ALL_POSTS: Allowance = {
  people: [[240, 61_000]],
  state: [[200, 61_000]],
  progress: [[200, 61_000]],
};
/** Where Slack was stricter, and where it still was; for as long as STRICT_MS. */
const STRICTER: readonly Window[] = [
  [3, 3_300],
  [1, 1_100],
];
const STRICT_MS = 5 * 60_000;

/** Older calls count nowhere, ms. */
const KEEP_MS = 61_000;
/** Who does not come back for so long after their turn is no longer in line, ms. */
const GONE_MS = 30_000;

interface Waiting {
  readonly urgency: Urgency;
  readonly since: number;
  readonly until: number;
}

/**
 * How often Slack is called, over all processes and across their ends: the calls are noted in the outbox. Who has to wait
 * stands in line by urgency, then by how long, so that nobody looks before it can be their turn.
 */
export class Budget {
  readonly #store: Pick<Outbox, 'noteCalls'>;
  readonly #elapsed: () => number;
  /** By key, then by who waits. */
  readonly #lines = new Map<string, Map<string, Waiting>>();
  readonly #strict = new Map<string, { readonly until: number; readonly window: Window }>();

  /** `elapsed`: monotonic, ms, for who waits in this process. What all of them note goes by the clock of the store. */
  constructor(store: Pick<Outbox, 'noteCalls'>, elapsed: () => number) {
    this.#store = store;
    this.#elapsed = elapsed;
  }

  /** Takes a call: 0. None free: in how many ms `who` should ask again, and nothing is taken. */
  async take(key: string, who: string, allowance: Allowance, urgency: Urgency): Promise<number> {
    const elapsed = this.#elapsed();
    const line = this.#lineOf(key, elapsed);
    const known = line.get(who);
    const since = known?.urgency === urgency ? known.since : elapsed;
    line.delete(who);
    const ahead = [...line.values()].filter((other) => isAhead(other, { urgency, since })).length;
    const windows = [...allowance[urgency], ...this.#stricter(key, elapsed)];
    let wait = 0;
    await this.#store.noteCalls(key, (times, now) => {
      // A clock that was set back must not keep anybody waiting.
      const kept = times.filter((at) => at > now - KEEP_MS && at < now + KEEP_MS);
      wait = waitMs(kept, windows, now, ahead);
      return wait === 0 ? [...kept, now].sort((a, b) => a - b) : kept;
    });
    if (wait > 0) line.set(who, { urgency, since, until: elapsed + wait + GONE_MS });
    return wait;
  }

  /** Slack was stricter than we about a key: it gets one call a second for a while, at last without bursts. */
  tighten(key: string): void {
    const now = this.#elapsed();
    const [first, second] = STRICTER;
    const window = this.#stricter(key, now).length === 0 ? first : second;
    if (window) this.#strict.set(key, { until: now + STRICT_MS, window });
  }

  #stricter(key: string, now: number): readonly Window[] {
    const found = this.#strict.get(key);
    return found !== undefined && found.until > now ? [found.window] : [];
  }

  /** Without those who never came back: what they waited for was done by another process, or given up. */
  #lineOf(key: string, now: number): Map<string, Waiting> {
    const line = this.#lines.get(key) ?? new Map<string, Waiting>();
    this.#lines.set(key, line);
    for (const [who, { until }] of line) if (until < now) line.delete(who);
    return line;
  }
}

const URGENCY: readonly Urgency[] = ['people', 'state', 'progress'];

function isAhead(
  other: Pick<Waiting, 'urgency' | 'since'>,
  own: Pick<Waiting, 'urgency' | 'since'>,
): boolean {
  const order = URGENCY.indexOf(other.urgency) - URGENCY.indexOf(own.urgency);
  return order < 0 || (order === 0 && other.since < own.since);
}

/**
 * In how many ms a call may be made when `ahead` others come first, given the times of earlier calls, oldest first; 0: now.
 */
export function waitMs(
  times: readonly number[],
  windows: readonly Window[],
  now: number,
  ahead: number,
): number {
  return Math.max(...windows.map((window) => waitIn(times, window, now, ahead)));
}

function waitIn(times: readonly number[], [calls, ms]: Window, now: number, ahead: number): number {
  const recent = times.filter((at) => at > now - ms);
  const missing = recent.length + ahead + 1 - calls;
  if (missing <= 0) return 0;
  // So many have to be older than the window; beyond them, those that are made meanwhile.
  const rounds = Math.floor((missing - 1) / calls);
  const place = (missing - 1) % calls;
  const freed = recent[place] ?? now;
  return Math.max(1, Math.ceil(freed + ms - now + rounds * ms));
}
