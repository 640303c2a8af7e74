import { z } from 'zod';
import { type GateResult, letsGoOn } from '../gates/gate.ts';
import { hashOf } from '../text/json.ts';

/** Somebody ships in spite of what stands in the way. Covers exactly what they were told of, nothing that comes later. */
export const Override = z
  .object({
    /** Also of its debt. */
    id: z.string(),
    /** Slack user id. */
    by: z.string(),
    /** Raw text. */
    reason: z.string(),
    /** ms since the epoch */
    at: z.number(),
    /** When a second person must have acknowledged it, ms since the epoch. */
    due: z.number(),
    /** Keys of what it covers; see `GateResult.barriers`. */
    barriers: z.array(z.string()).readonly(),
    /** The same in words for people: `Frozen: weekend`; raw. */
    over: z.array(z.string()).readonly(),
    /** By a second person; until then there is a debt. */
    acknowledged: z.object({ by: z.string(), at: z.number() }).readonly().exactOptional(),
  })
  .readonly();
export type Override = z.infer<typeof Override>;

/** The debt that an override leaves: open until a second person has acknowledged it. */
export interface Debt extends Omit<Override, 'barriers'> {
  readonly promotionId: string;
  readonly service: string;
}

/** What holds a promotion up and may be overridden; the rest has to pass. */
export function holdups(gates: readonly GateResult[]): {
  readonly breakable: readonly GateResult[];
  readonly firm: readonly GateResult[];
} {
  const open = gates.filter((gate) => !letsGoOn(gate));
  const isBreakable = ({ barriers }: GateResult): boolean => barriers !== undefined && barriers.length > 0;
  return {
    breakable: open.filter(isBreakable),
    firm: open.filter((gate) => !isBreakable(gate)),
  };
}

/** What a person was shown to break the glass over, by the keys of the barriers: short enough to go along with a form. */
export function barriersShown(barriers: readonly string[]): string {
  return hashOf(barriers.toSorted()).slice(0, 16);
}

/** The answer of a gate as people decided about it: overridden when every barrier of it is covered. */
export function withOverrides<G extends Pick<GateResult, 'verdict' | 'barriers'>>(
  gate: G,
  overrides: readonly Override[],
): G {
  const { verdict, barriers = [] } = gate;
  if (verdict === 'passed' || barriers.length === 0) return gate;
  const covered = new Set(overrides.flatMap((override) => override.barriers));
  return barriers.every((barrier) => covered.has(barrier)) ? { ...gate, verdict: 'overridden' } : gate;
}

/** Parts of the time for a debt after which the thread is reminded of it: half way, at its end, and on. */
const REMINDERS = 2;
/** Once it is overdue the thread hears of it at most this often, in ms. */
const LEAST_PAUSE_MS = 4 * 3_600_000;

/** Which reminder of a debt is the newest that is due: 1, 2, …; 0 when none is yet. */
export function reminderDue({ at, due }: Pick<Debt, 'at' | 'due'>, now: number): number {
  const step = Math.max(1, (due - at) / REMINDERS);
  if (now < due) return Math.max(0, Math.floor((now - at) / step));
  return REMINDERS + Math.floor((now - due) / Math.max(step, LEAST_PAUSE_MS));
}
