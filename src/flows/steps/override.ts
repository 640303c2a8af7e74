import type { Override } from '../../domain/policy/override.ts';
import { acknowledgersInWords } from '../../domain/policy/policy.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { Chronicle } from '../run/promotion-run.ts';

/** Somebody broke the glass: the card is louder from now on, the thread hears why, and the debt begins. */
export async function recordOverride(chronicle: Chronicle, override: Override): Promise<void> {
  const { id, by, reason, due, over } = override;
  const approvers = acknowledgersInWords(chronicle.ports.service.policy);
  await chronicle.mark(`override-${id}`, {
    override,
    notice: { kind: 'glass-broken', override, approvers },
    audit: { actor: by, action: 'glass.broken', result: 'done', detail: { debt: id, reason, over, due } },
  });
}

/** The same while the promotion is blocked; the next look takes it into account. */
export async function withOverride(
  chronicle: Chronicle,
  request: PromotionRequest,
  override: Override,
): Promise<PromotionRequest> {
  await recordOverride(chronicle, override);
  return { ...request, overrides: [...(request.overrides ?? []), override] };
}
