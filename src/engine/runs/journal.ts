import { z } from 'zod';
import { diskTrouble } from '../../domain/refusals/disk.ts';
import { Refusal, recalledRefusal, Unavailable } from '../../domain/refusals/refusal.ts';

const Fact = z.union([z.string(), z.number(), z.array(z.string()).readonly()]);

/** How a step ended, as it stands in the journal: plain JSON, so that it comes back as what it was. */
export const StepOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), value: z.unknown().optional() }).readonly(),
  z.object({ kind: z.literal('refusal'), code: z.string(), facts: z.record(z.string(), Fact) }).readonly(),
  z
    .object({
      kind: z.literal('unavailable'),
      what: z.string(),
      reason: z.string(),
      retryAfterMs: z.number().exactOptional(),
    })
    .readonly(),
  z.object({ kind: z.literal('error'), message: z.string() }).readonly(),
]);
export type StepOutcome = z.infer<typeof StepOutcome>;

export function valueOutcome(value: unknown): StepOutcome {
  // Through JSON at once, so that the first run sees what a later one will.
  return value === undefined
    ? { kind: 'value' }
    : { kind: 'value', value: JSON.parse(JSON.stringify(value)) };
}

export function errorOutcome(error: unknown): StepOutcome {
  if (error instanceof Refusal) return { kind: 'refusal', code: error.code, facts: error.facts };
  if (error instanceof Unavailable) return { kind: 'unavailable', ...error.outage };
  const message = error instanceof Error ? error.message : String(error);
  const disk = diskTrouble(message);
  return disk ? { kind: 'unavailable', ...disk.outage } : { kind: 'error', message };
}

/** What the step returned, or throws what it threw. */
export function unwrap(outcome: StepOutcome): unknown {
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

/** A stored value as what it is for this version. Throws with the name of the value and with what does not fit. */
export function recalled<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new Error(`This version of Slipway does not understand ${what}: ${z.prettifyError(error)}`);
}
