import type { JsonObject } from '../strict/json.ts';

export type EnvelopeKind = 'slash_commands' | 'interactive' | 'events_api';

/** Slack's own words for why it sends an event again. */
export type RetryReason = 'timeout' | 'http_error' | 'connection_failed';

export interface Retry {
  /** 1 for the first repetition. */
  readonly attempt: number;
  readonly reason: RetryReason;
}

export type Delivered =
  | { readonly kind: 'acked'; readonly payload: JsonObject }
  | { readonly kind: 'timeout' }
  /** HTTP only: an answer that is not 2xx. */
  | { readonly kind: 'http-error'; readonly status: number }
  /** Nobody is connected, or the connection broke before the answer. */
  | { readonly kind: 'unreachable' };

/** One of the two ways to reach the app: Socket Mode or signed HTTP requests. */
export interface Transport {
  readonly online: boolean;
  /** Waits for the acknowledgement, at most `deadlineMs`. Never throws. */
  deliver(kind: EnvelopeKind, payload: JsonObject, deadlineMs: number, retry?: Retry): Promise<Delivered>;
}
