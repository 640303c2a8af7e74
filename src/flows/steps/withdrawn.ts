import type { PromotionRun } from '../run/promotion-run.ts';

/** What people approved holds no longer, and the step that was to come has not begun: they are asked again. */
export function withdrawn(
  run: PromotionRun,
  name: string,
  step: 'release' | 'deploy',
  reasons: readonly string[],
): Promise<void> {
  return run.mark(name, {
    to: 'blocked',
    digest: null,
    voidApprovals: true,
    data: { decision: null, notice: { kind: 'problem', text: reasons.join(' ') } },
    progress: [
      { name: 'approve', status: 'waiting' },
      { name: step, status: 'waiting' },
    ],
    notice: { kind: 'voided', changes: reasons },
    audit: { actor: 'slipway', action: 'promotion.withdrawn', result: 'done', detail: { reasons } },
  });
}
