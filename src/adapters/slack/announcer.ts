import type { Desk, DeskStore } from './port.ts';

type Card = NonNullable<Awaited<ReturnType<DeskStore['cardOf']>>>;

/**
 * The desk that flows talk to: it only stores, in the engine's outbox; a courier delivers. `linkTo` makes the web
 * address of a card.
 */
export function slackDesk(
  store: Pick<DeskStore, 'put' | 'markStale' | 'cardOf'>,
  linkTo: (card: Card) => Promise<string>,
): Desk {
  return {
    refresh: (promotionId) => store.markStale(promotionId),
    say: (promotionId, key, notice) => store.put(promotionId, key, notice),
    addressOf: async (promotionId) => {
      const card = await store.cardOf(promotionId);
      // A document without this link is worth more than one that waits for Slack.
      return card === null ? undefined : linkTo(card).catch(() => undefined);
    },
  };
}
