import type { Override } from '../../domain/policy/override.ts';
import { acknowledgersInWords } from '../../domain/policy/policy.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Somebody broke the glass: the card is louder from now on, the thread hears why, and the debt begins. */
export async function recordOverride(run: PromotionRun, override: Override): Promise<void> {
  const { id, by, reason, due, over } = override;
  const approvers = acknowledgersInWords(run.ports.service.policy);
  await run.mark(`override-${id}`, {
    override,
    notice: { kind: 'override', override, approvers },
    audit: { actor: by, action: 'override.used', result: 'done', detail: { debt: id, reason, over, due } },
  });
}

/** The same while the promotion is blocked; the next look takes it into account. */
export async function withOverride(
  run: PromotionRun,
  request: PromotionRequest,
  override: Override,
): Promise<PromotionRequest> {
  await recordOverride(run, override);
  return { ...request, overrides: [...(request.overrides ?? []), override] };
}
