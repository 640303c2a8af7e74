import type { Desk, DeskStore } from '../port.ts';

/** The desk that flows talk to: it only stores, in the engine's outbox; a courier delivers. */
export function slackDesk(store: Pick<DeskStore, 'put' | 'markStale'>): Desk {
  return {
    refresh: (promotionId) => store.markStale(promotionId),
    say: (promotionId, key, notice) => store.put(promotionId, key, notice),
  };
}
