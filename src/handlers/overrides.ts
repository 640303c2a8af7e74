import type { ButtonValue } from '../blocks/kit/button-value.ts';
import type { Message } from '../blocks/kit/rich-text.ts';
import { overrideForm } from '../blocks/modals/reason-forms.ts';
import { given } from '../domain/text/given.ts';
import { breakGlass, overridable, overridableOfService } from '../flows/requests/break-glass.ts';
import type { Caller } from '../flows/requests/request.ts';
import { startFor } from './command.ts';
import { type Click, carried, openView, startRequestOf } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';

/** Asks those who may override for their reason. */
export async function openOverrideForm(click: Click): Promise<void> {
  const { context, caller, value } = click;
  const { requests } = context;
  const { promotion: id, service, feature, bump, note, turn } = value;
  const promotion = id === undefined ? null : await requests.ledger.get(id);
  const name = carried(promotion?.service ?? service);
  const { over, shown } = promotion
    ? await overridable(requests, caller, promotion)
    : await overridableOfService(requests, caller, name);
  const subject: ButtonValue = promotion
    ? given({ promotion: promotion.id, turn })
    : given({ service: name, feature, bump, note });
  await openView(click, overrideForm({ service: name, over, metadata: { ...subject, over: shown } }));
}

/** Overrides what stands in the way: a blocked promotion goes on, or a new one starts. */
export async function submitOverride(
  context: HandlerContext,
  caller: Caller,
  subject: ButtonValue,
  reason: string,
): Promise<Message | void> {
  const { promotion, turn, over } = subject;
  if (promotion === undefined) return startFor(context, caller, startRequestOf(subject), { reason, over });
  await breakGlass(context.requests, caller, promotion, reason, { turn, over });
}
