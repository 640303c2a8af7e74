import { Lru } from '../../lru.ts';
import type { Raw } from './reply.ts';

const MOST_BYTES = 16 * 1024 * 1024;

interface Kept {
  readonly etag: string;
  readonly raw: Raw;
}

/** Answers with their ETags: asked with one, GitHub says "not modified" and does not count the request. */
export class EtagCache {
  readonly #kept = new Lru<Kept>(MOST_BYTES);

  get(key: string): Kept | undefined {
    return this.#kept.get(key);
  }

  /** An answer without an ETag is not kept; of the headers only what is read. */
  keep(key: string, { status, data, headers }: Raw): void {
    const { etag, link, 'x-oauth-scopes': scopes } = headers;
    if (typeof etag !== 'string') return;
    const weight = Number(headers['content-length']) || JSON.stringify(data).length;
    this.#kept.set(key, { etag, raw: { status, data, headers: { link, 'x-oauth-scopes': scopes } } }, weight);
  }
}
