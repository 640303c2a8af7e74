import type { Message } from '../blocks/kit/rich-text.ts';
import { hotfixForm } from '../blocks/modals/reason-forms.ts';
import { offerHotfix } from '../blocks/replies/hotfix.ts';
import { started } from '../blocks/replies/start.ts';
import { mayHotfix, startHotfix } from '../flows/requests/hotfix.ts';
import { about, audited, type Caller, portsOf } from '../flows/requests/request.ts';
import { cardUrl, refusedStart } from './refused-start.ts';
import { type Click, carried, openView } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';

/** Opens the form for whoever may ask for a hotfix now. */
export async function openHotfixForm(click: Click): Promise<void> {
  const { context, caller, value } = click;
  const promotion = await context.requests.ledger.get(carried(value.promotion));
  await mayHotfix(context.requests, caller, promotion);
  await openView(click, hotfixForm(promotion, value.to));
}

/** `/ship-prod hotfix`: during a watch it leads to the form, as that ends the watch; else it starts the promotion. */
export async function hotfixFor(
  context: HandlerContext,
  caller: Caller,
  { service, fix }: { readonly service: string; readonly fix: string },
): Promise<Message> {
  const { requests } = context;
  const open = await requests.ledger.openFor(portsOf(requests, service).service.name);
  if (open?.state !== 'monitoring') {
    try {
      const promotion = await startHotfix(requests, caller, service, fix);
      return started(promotion, await cardUrl(context, promotion.id));
    } catch (error) {
      return refusedStart(context, caller, { service }, error, false);
    }
  }
  return audited(requests, caller, about('promotion.hotfix', open), async () => {
    await mayHotfix(requests, caller, open);
    return offerHotfix(open, fix);
  });
}
