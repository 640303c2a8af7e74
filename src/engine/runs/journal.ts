import type { Outage } from '../../domain/refusals/refusal.ts';
import { Refusal, recalledRefusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { RefusalFacts } from '../../domain/refusals/sentence.ts';

/** How a step ended, as it stands in the journal: plain JSON, so that it comes back as what it was. */
export type Outcome =
  | { readonly kind: 'value'; readonly value?: unknown }
  | { readonly kind: 'refusal'; readonly code: string; readonly facts: RefusalFacts }
  | ({ readonly kind: 'unavailable' } & Outage)
  | { readonly kind: 'error'; readonly message: string };

export function valueOutcome(value: unknown): Outcome {
  // Through JSON at once, so that the first run sees what a later one will.
  return value === undefined
    ? { kind: 'value' }
    : { kind: 'value', value: JSON.parse(JSON.stringify(value)) };
}

export function errorOutcome(error: unknown): Outcome {
  if (error instanceof Refusal) return { kind: 'refusal', code: error.code, facts: error.facts };
  if (error instanceof Unavailable) return { kind: 'unavailable', ...error.outage };
  return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
}

/** What the step returned, or throws what it threw. */
export function unwrap(outcome: Outcome): unknown {
  switch (outcome.kind) {
    case 'value':
      return outcome.value;
    case 'refusal':
      throw recalledRefusal(outcome.code, outcome.facts);
    case 'unavailable':
      throw new Unavailable(outcome.what, outcome.reason, outcome);
    case 'error':
      throw new Error(outcome.message);
  }
}
