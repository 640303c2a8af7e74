import { staysRolledBack } from '../../domain/promotion/feature.ts';
import type { Promotion, PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import type { Ports } from '../run/ports.ts';
import { Facts } from './facts.ts';

/**
 * What was rolled back is not proposed again as it is: whoever asks hears it, instead of a card that is blocked by
 * every gate of staging. Nothing is looked at unless the last promotion was rolled back. Refusal `feature-rolled-back`.
 */
export async function mustBeFixed(
  ports: Ports,
  wish: Omit<PromotionRequest, 'by' | 'overrides'>,
  by: string,
): Promise<void> {
  const last = await lastRolledBack(ports);
  if (last?.data.release === undefined || wish.hotfix !== undefined) return;
  const stays = await rolledBackFeature(new Facts(ports, { ...wish, by }), last);
  if (stays === null) return;
  const { release, rollback } = last.data;
  const facts = { feature: stays, version: release.version, ...given({ incident: rollback?.incidentPath }) };
  throw new Refusal('feature-rolled-back', facts);
}

/** The feature that would be proposed, where it stays rolled back. What cannot be read is for the gates to say. */
async function rolledBackFeature(facts: Facts, last: Promotion): Promise<string | null> {
  try {
    const { folder, reading } = await facts.feature();
    return staysRolledBack(reading) ? folder.slug : null;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'feature-none') {
      return last.data.plan?.candidate.feature?.slug ?? 'What was shipped last';
    }
    if (error instanceof Refusal || error instanceof Unavailable) return null;
    throw error;
  }
}

/** The last promotion of a service, where that was rolled back; null where another one came since. */
async function lastRolledBack({ ledger, service }: Ports): Promise<Promotion | null> {
  const [last] = await ledger.recent({ service: service.name, limit: 1 });
  return last?.state === 'rolled-back' ? last : null;
}
