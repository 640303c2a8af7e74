import { SlackError } from '../strict/slack-error.ts';
import type { Ids } from './ids.ts';

/** Where the answers to one interaction go. */
export interface ResponseTarget {
  readonly channel: string;
  readonly user: string;
  /** The message that was acted on, for replace_original and delete_original. */
  readonly messageTs?: string;
  readonly threadTs?: string;
}

const USES = 5;
const LIFE_MS = 30 * 60_000;

/** response_urls: five uses within thirty minutes. */
export class ResponseUrls {
  readonly #ids: Ids;
  readonly #known = new Map<
    string,
    { readonly target: ResponseTarget; readonly expires: number; left: number }
  >();
  readonly #base: () => string;

  /** `base` is the workspace's address. */
  constructor(ids: Ids, base: () => string) {
    this.#ids = ids;
    this.#base = base;
  }

  issue(target: ResponseTarget): string {
    const key = this.#ids.secret(16);
    this.#known.set(key, { target, expires: this.#ids.now() + LIFE_MS, left: USES });
    return `${this.#base()}/actions/${key}`;
  }

  use(key: string): ResponseTarget {
    const known = this.#known.get(key);
    if (known === undefined) throw new SlackError('invalid_url');
    if (this.#ids.now() > known.expires) throw new SlackError('expired_url');
    if (known.left === 0) throw new SlackError('used_url');
    known.left -= 1;
    return known.target;
  }
}
