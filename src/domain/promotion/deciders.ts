import type { Promotion } from './promotion.ts';
import type { ProvingEntry } from './proofs.ts';

/** What somebody decided about a promotion that others then have to approve. */
export type Decided = 'override' | 'lower-bump';

/** Who asked for a promotion and who decided something about it, by the entries of the audit. Slack user ids. */
export interface Deciders {
  readonly requester: string;
  /** Who broke the glass. */
  readonly overriders: readonly string[];
  /** Who chose the version last, and meant one below the evidence; null when that was no such one. Absent: nobody chose. */
  readonly chooser?: string | null;
}

/** The actions of the entries that say so; the first one begins a promotion. */
export const DECIDING: ReadonlySet<string> = new Set(['promotion.opened', 'override.used', 'promotion.bump']);

/** The actions of the entries that name the digest that people are asked about. */
export const ASKING: ReadonlySet<string> = new Set(['plan.ready', 'plan.changed', 'promotion.agreed']);

/** Null when the entries do not say who asked. */
export function decidersOf(entries: readonly ProvingEntry[]): Deciders | null {
  let deciders: Deciders | null = null;
  for (const { action, result, actor, detail = {} } of entries) {
    if (result !== 'done') continue;
    if (action === 'promotion.opened') deciders ??= { requester: actor, overriders: [] };
    if (deciders === null) continue;
    if (action === 'override.used') deciders = { ...deciders, overriders: [...deciders.overriders, actor] };
    if (action === 'promotion.bump') {
      deciders = { ...deciders, chooser: detail['lowerConfirmed'] === true ? actor : null };
    }
  }
  return deciders;
}

/**
 * What this person decided about the promotion: broke the glass over a gate, or chose a version below the evidence.
 * Null: nothing, and their approval counts like any other. Whoever decided such a thing does not approve it too. What the
 * promotion says and what the audit says both count, as the promotion is not signed.
 */
export function decidedBy(
  { request, data }: Pick<Promotion, 'request' | 'data'>,
  user: string,
  { requester, overriders, chooser }: Deciders,
): Decided | null {
  const overrides = [...(request.overrides ?? []), ...(data.overrides ?? [])];
  if (overriders.includes(user) || overrides.some(({ by }) => by === user)) return 'override';
  const chosen = data.wish ?? request;
  if (chosen.lowerConfirmed && chosen.by === user) return 'lower-bump';
  const isLowered = data.plan?.version.lowered === true;
  const by = chooser === undefined ? requester : chooser;
  return by === user && (isLowered || chooser === user) ? 'lower-bump' : null;
}
