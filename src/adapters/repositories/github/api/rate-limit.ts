import { Unavailable } from '../../../../domain/refusals/refusal.ts';
import type { Failed } from './reply.ts';

/** GitHub asks to wait this long, in ms, when it limits without saying how long. Source: its REST best practices. */
const UNSAID_PAUSE_MS = 60_000;

type Said = Pick<Failed, 'status' | 'headers' | 'message'>;

/** GitHub limits how often one may ask: how long to wait, in ms; null when that is not the trouble. */
export function pauseOf({ status, headers, message }: Said, now: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers['retry-after']);
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return Math.max(1_000, after * 1_000);
  if (String(headers['x-ratelimit-remaining']) === '0') {
    const reset = Number(headers['x-ratelimit-reset']) * 1_000;
    return Number.isFinite(reset) ? Math.max(1_000, reset - now) : UNSAID_PAUSE_MS;
  }
  const limited = status === 429 || /rate limit|abuse detection|submitted too quickly/i.test(message);
  return limited ? UNSAID_PAUSE_MS : null;
}

/** While a rate limit lasts nothing is asked: GitHub lengthens the limit of those who go on. */
export class GithubRateLimit {
  readonly #now: () => number;
  #until = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps in mind how long GitHub asks to wait; false when it does not. */
  heed(failed: Said): boolean {
    const now = this.#now();
    const pause = pauseOf(failed, now);
    if (pause !== null) this.#until = Math.max(this.#until, now + pause);
    return pause !== null;
  }

  /** Throws Unavailable, with what is left, while it lasts. */
  mustBeOver(): void {
    const left = this.#until - this.#now();
    if (left <= 0) return;
    const reason = `asked Slipway to wait; ${Math.ceil(left / 1_000)} s are left`;
    throw new Unavailable('GitHub', reason, { retryAfterMs: left });
  }
}
