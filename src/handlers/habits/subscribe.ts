import type { Message } from '../../blocks/kit/rich-text.ts';
import { subscribed, unsubscribed } from '../../blocks/replies/subscriptions.ts';
import { EVERY_SERVICE } from '../../domain/habits/habits.ts';
import type { Caller } from '../../flows/requests/request.ts';
import { subscribe, unsubscribe } from '../../flows/schedule/habits.ts';
import type { Click } from '../support/click.ts';
import type { HandlerContext } from '../support/context.ts';

export async function subscribeFor(
  context: HandlerContext,
  caller: Caller,
  service: string,
): Promise<Message> {
  const { email } = await subscribe(context.requests, caller, service);
  context.homeTabs.refreshSoon();
  return subscribed(service, email);
}

export async function unsubscribeFor(
  context: HandlerContext,
  caller: Caller,
  service: string | undefined,
): Promise<Message> {
  await unsubscribe(context.requests, caller, service);
  context.homeTabs.refreshSoon();
  const left = service === undefined ? [] : await context.requests.ledger.subscriptions(caller.user);
  return unsubscribed(
    service,
    left.some((one) => one.service === EVERY_SERVICE),
  );
}

/** On the Home tab, which then shows it. */
export async function pressSubscribe({ context, caller }: Click): Promise<void> {
  await subscribe(context.requests, caller, EVERY_SERVICE);
}

export async function pressUnsubscribe({ context, caller }: Click): Promise<void> {
  await unsubscribe(context.requests, caller, undefined);
}
