import type { Facts } from '../../domain/refusals/refusal.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';

/** How a step ended, as it stands in the journal: plain JSON, so that it comes back as what it was. */
export type Outcome =
  | { readonly kind: 'value'; readonly value?: unknown }
  | { readonly kind: 'refusal'; readonly code: string; readonly facts: Facts }
  | {
      readonly kind: 'unavailable';
      readonly what: string;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'error'; readonly message: string };

export function valueOutcome(value: unknown): Outcome {
  // Through JSON at once, so that the first run sees what a later one will.
  return value === undefined
    ? { kind: 'value' }
    : { kind: 'value', value: JSON.parse(JSON.stringify(value)) };
}

export function errorOutcome(error: unknown): Outcome {
  if (error instanceof Refusal) return { kind: 'refusal', code: error.code, facts: error.facts };
  if (error instanceof Unavailable) {
    return {
      kind: 'unavailable',
      what: error.what,
      message: error.message,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
}

/** What the step returned, or throws what it threw. */
export function unwrap(outcome: Outcome): unknown {
  switch (outcome.kind) {
    case 'value':
      return outcome.value;
    case 'refusal':
      throw new Refusal(outcome.code, outcome.facts);
    case 'unavailable': {
      const prefix = `${outcome.what}: `;
      const reason = outcome.message.startsWith(prefix)
        ? outcome.message.slice(prefix.length)
        : outcome.message;
      throw new Unavailable(
        outcome.what,
        reason,
        outcome.retryAfterMs === undefined ? {} : { retryAfterMs: outcome.retryAfterMs },
      );
    }
    case 'error':
      throw new Error(outcome.message);
  }
}
