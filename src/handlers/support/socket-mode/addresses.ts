import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api';

const WINDOW_MS = 60_000;
/** Slack lets an app open few connections a minute (Tier 1). */
const MOST_A_WINDOW = 10;
/** Who has no connection asks for the first ones so far apart, ms, and spreads the last ones over the window. */
const APART_MS = 3_500;
const SPARED = 3;

/** Asks Slack for addresses to connect to: no more than ten a minute, and none before the time that Slack named. */
export class SocketAddresses {
  readonly #client: WebClient;
  readonly #now: () => number;
  #asked: readonly number[] = [];
  #notBefore = 0;
  /** It did not answer when it was last asked. */
  #isAway = false;

  /** @param client with the app's own token, that does not try again by itself */
  constructor(client: WebClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /** How long to wait until the next one may be asked for, in ms; longer when the one before led to no connection. */
  waitMs(isAgain = false): number {
    const now = this.#now();
    this.#asked = this.#asked.filter((at) => at > now - WINDOW_MS);
    const left = MOST_A_WINDOW - this.#asked.length;
    const [oldest = now] = this.#asked;
    const last = this.#asked.at(-1) ?? now;
    const apart = left > SPARED ? APART_MS : (oldest + WINDOW_MS - last) / (left + 1);
    const spread = isAgain && this.#asked.length > 1 ? last + apart - now : 0;
    return Math.max(0, (left > 0 ? 0 : oldest + WINDOW_MS) - now, spread, this.#notBefore - now);
  }

  /** One address, good for one connection; throws what the client throws. */
  async next(): Promise<string> {
    if (this.#isAway) await this.#isBack();
    this.#asked = [...this.#asked, this.#now()];
    try {
      const { url } = await this.#client.apps.connections.open({});
      if (typeof url === 'string') return url;
      throw new Error('Slack named no address to connect to');
    } catch (error) {
      this.#isAway = isDown(error);
      if (error instanceof WebAPIRateLimitedError) this.#notBefore = this.#now() + error.retryAfter * 1_000;
      throw error;
    }
  }

  /** Throws while nothing answers; asks for what may be asked for often, so that an outage uses up no addresses. */
  async #isBack(): Promise<void> {
    try {
      await this.#client.api.test();
    } catch (error) {
      if (isDown(error)) throw error;
    }
    this.#isAway = false;
  }
}

function isDown(error: unknown): boolean {
  return error instanceof WebAPIRequestError || (error instanceof WebAPIHTTPError && error.statusCode >= 500);
}
