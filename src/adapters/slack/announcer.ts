import type { Outbox, Slack } from './port.ts';

type Card = NonNullable<Awaited<ReturnType<Outbox['cardOf']>>>;

/**
 * What flows say goes to Slack through this: it only stores, in the engine's outbox; an outbox worker delivers. `linkTo` makes the web
 * address of a card.
 */
export function openSlack(
  store: Pick<Outbox, 'put' | 'markStale' | 'cardOf'>,
  linkTo: (card: Card) => Promise<string>,
): Slack {
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
