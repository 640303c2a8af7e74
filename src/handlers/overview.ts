import { home } from '../blocks/home.ts';
import { type LockView, status } from '../blocks/lists.ts';
import type { Message } from '../blocks/rich.ts';
import { isOpen, type Promotion } from '../domain/promotion.ts';
import { entriesOf, type HandlerContext } from './context.ts';

/** `/ship-prod status`: what is under way, and of each other service what came last. */
export async function overview(context: HandlerContext): Promise<Message> {
  const { office } = context;
  const newest: Promotion[] = [];
  for (const service of office.services.keys()) {
    const [promotion] = await office.ledger.recent({ service, limit: 1 });
    if (promotion) newest.push(promotion);
  }
  const open = newest.filter(({ state }) => isOpen(state));
  const closed = newest.filter(({ state }) => !isOpen(state));
  const idle = [...office.services.keys()].filter((name) => !newest.some(({ service }) => service === name));
  return status({
    entries: await entriesOf(context, [...open, ...closed]),
    locks: await locksOf(context),
    idle,
  });
}

/** Shows a person's Home tab as things stand. */
export async function publishHome(context: HandlerContext, user: string): Promise<void> {
  const { office, client } = context;
  const recent = await office.ledger.recent({ limit: 30 });
  const [open, last] = await Promise.all([
    entriesOf(
      context,
      recent.filter(({ state }) => isOpen(state)),
    ),
    entriesOf(
      context,
      recent.filter(({ state }) => state === 'shipped' || state === 'rolled-back').slice(0, 10),
    ),
  ]);
  const view = home({ open, last, locks: await locksOf(context), services: [...office.services.keys()] });
  await client.views.publish({ user_id: user, view });
}

async function locksOf({ office }: HandlerContext): Promise<LockView[]> {
  const locks = await Promise.all(
    [...office.services.keys()].map((service) => office.ledger.lockOf(service)),
  );
  return locks.filter((lock) => lock !== null);
}
