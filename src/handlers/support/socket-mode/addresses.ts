import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';

const WINDOW_MS = 60_000;
/** Slack lets an app open few connections a minute (Tier 1). */
const MOST_A_WINDOW = 10;

/** Asks Slack for addresses to connect to: no more than ten a minute, and none before the time that Slack named. */
export class SocketAddresses {
  readonly #client: WebClient;
  readonly #now: () => number;
  #asked: readonly number[] = [];
  #notBefore = 0;

  /** @param client with the app's own token, that does not try again by itself */
  constructor(client: WebClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /** How long to wait until the next one may be asked for, in ms. */
  waitMs(): number {
    const now = this.#now();
    this.#asked = this.#asked.filter((at) => at > now - WINDOW_MS);
    const oldest = this.#asked.length < MOST_A_WINDOW ? 0 : (this.#asked[0] ?? 0) + WINDOW_MS;
    return Math.max(0, oldest - now, this.#notBefore - now);
  }

  /** One address, good for one connection; throws what the client throws. */
  async next(): Promise<string> {
    this.#asked = [...this.#asked, this.#now()];
    try {
      const { url } = await this.#client.apps.connections.open({});
      if (typeof url === 'string') return url;
      throw new Error('Slack named no address to connect to');
    } catch (error) {
      if (error instanceof WebAPIRateLimitedError) this.#notBefore = this.#now() + error.retryAfter * 1_000;
      throw error;
    }
  }
}
