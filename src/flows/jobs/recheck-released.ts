import { OPEN_STATES, type Promotion } from '../../domain/promotion/promotion.ts';
import { Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import { releasedBefore } from '../plan/released-before.ts';
import type { RequestContext } from '../requests/request.ts';

const MOST = 1_000;

/**
 * Looks once in the life of a process at each promotion that waited for people when it began: one whose release is in the
 * repository already is checked again at once, instead of when somebody presses something. What is called again looks at
 * those that could not be looked at.
 */
export function recheckReleased(requests: RequestContext): () => Promise<void> {
  let left: readonly Promotion[] | null = null;
  return async () => {
    left ??= await requests.ledger.recent({ states: OPEN_STATES, limit: MOST });
    const away: Promotion[] = [];
    for (const promotion of left) if (!(await isLookedAt(requests, promotion))) away.push(promotion);
    left = away;
  };
}

/** False when something outside did not answer. */
async function isLookedAt({ services, runs }: RequestContext, promotion: Promotion): Promise<boolean> {
  const { id, service, state } = promotion;
  const ports = services.get(service);
  if (ports === undefined || (state !== 'awaiting-approval' && state !== 'blocked')) return true;
  try {
    const release = await releasedBefore(ports, promotion).catch(whenRefused(null));
    if (release === null) return true;
    const key = `released-before:${id}:${release.commit}`;
    await runs.send(id, { kind: 'recheck', by: 'slipway' }, key).catch(whenRefused(undefined));
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}
