import type { HttpReply } from './http.ts';

/** The body as JSON; undefined for what is none, or was too long to be read whole. */
export function jsonOf({ body, cut }: Pick<HttpReply, 'body' | 'cut'>): unknown {
  try {
    return cut ? undefined : JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** How long a header asks to wait, in seconds there, as Unavailable takes it; nothing where it asks for nothing. */
export function waitOf(seconds: string | undefined): { readonly retryAfterMs?: number } {
  const ms = Number(seconds) * 1_000;
  return ms > 0 ? { retryAfterMs: ms } : {};
}
