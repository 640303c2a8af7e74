import { Unavailable } from '../../../../domain/refusals/refusal.ts';
import { Lru } from '../../lru.ts';

/** GitHub shows what was made everywhere within seconds; what it does not show after this it does not have, in ms. */
const LAG_MS = 60_000;
/** What nobody missed for so long is missed anew. */
const FORGOTTEN_AFTER_MS = 2 * 60_000;
const ASK_AGAIN_MS = 2_000;
const KEPT = 200;

/** What GitHub has and may not show yet. */
export class GithubLag {
  readonly #missed = new Lru<{ readonly since: number; readonly last: number }>(KEPT);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `what` is missing: throws Unavailable while it may only not be shown yet, and returns when it is not there. */
  mustBeOver(what: string): void {
    const now = this.#now();
    const known = this.#missed.get(what);
    const since = known === undefined || now - known.last > FORGOTTEN_AFTER_MS ? now : known.since;
    this.#missed.set(what, { since, last: now });
    if (now - since >= LAG_MS) return;
    throw new Unavailable('GitHub', `does not show ${what} yet`, { retryAfterMs: ASK_AGAIN_MS });
  }
}
