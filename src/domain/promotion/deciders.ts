import type { Promotion } from './promotion.ts';

/** What somebody decided about a promotion that others then have to approve. */
export type Decided = 'override' | 'lower-bump';

/**
 * What this person decided about the promotion: broke the glass over a gate, or chose a version below the evidence.
 * Null: nothing, and their approval counts like any other. Whoever decided such a thing does not approve it too.
 */
export function decidedBy(
  { request, data }: Pick<Promotion, 'request' | 'data'>,
  user: string,
): Decided | null {
  const overrides = [...(request.overrides ?? []), ...(data.overrides ?? [])];
  if (overrides.some(({ by }) => by === user)) return 'override';
  const chosen = data.wish ?? request;
  return chosen.lowerConfirmed && chosen.by === user ? 'lower-bump' : null;
}
