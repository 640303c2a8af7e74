import type { ClosedState } from '../../domain/promotion/promotion.ts';
import { callNext } from '../locks/queue.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Ends a promotion that does not ship, with its reason. */
export async function close(
  run: PromotionRun,
  state: Extract<ClosedState, 'cancelled' | 'expired' | 'failed'>,
  by: string | null,
  reason: string,
): Promise<ClosedState> {
  const { clock } = run.ports;
  await run.mark(`closed-${state}`, () => ({
    to: state,
    data: {
      decision: null,
      closedAt: clock.now(),
      notice: { kind: state === 'failed' ? 'problem' : 'info', text: reason },
    },
    notice: { kind: 'closed', state, by, reason },
    audit: { actor: by ?? 'slipway', action: `promotion.${state}`, result: 'done', detail: { reason } },
  }));
  return state;
}

/** Tells whoever waits for the service that it is free. */
export async function callNextInQueue(run: PromotionRun): Promise<void> {
  const { id, journal, ports } = run;
  await journal.step('next-in-queue', () => callNext(ports, id));
}
