import type { ButtonValue } from '../blocks/kit/button-value.ts';
import type { Message } from '../blocks/kit/rich-text.ts';
import { overrideForm } from '../blocks/modals/override-form.ts';
import {
  acknowledgeDebt,
  breakGlass,
  overridable,
  overridableOfService,
} from '../flows/requests/break-glass.ts';
import type { Caller } from '../flows/requests/request.ts';
import { startFor } from './command.ts';
import { type Click, carried, openView } from './support/click.ts';
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
    ? { promotion: promotion.id, ...(turn === undefined ? {} : { turn }) }
    : {
        service: name,
        ...(feature ? { feature } : {}),
        ...(bump ? { bump } : {}),
        ...(note ? { note } : {}),
      };
  await openView(click, overrideForm({ service: name, over, metadata: { ...subject, over: shown } }));
}

/** Overrides what stands in the way: a blocked promotion goes on, or a new one starts. */
export async function submitOverride(
  context: HandlerContext,
  caller: Caller,
  subject: ButtonValue,
  reason: string,
): Promise<Message | void> {
  const { promotion, service, feature, bump, note, turn, over } = subject;
  if (promotion !== undefined) {
    await breakGlass(context.requests, caller, promotion, reason, { turn, over });
    return;
  }
  const request = {
    service: carried(service),
    bump: bump ?? ('auto' as const),
    ...(feature ? { feature } : {}),
    ...(note ? { note } : {}),
  };
  return startFor(context, caller, request, { reason, over });
}

export async function acknowledge(
  context: HandlerContext,
  caller: Caller,
  { promotion }: ButtonValue,
): Promise<void> {
  await acknowledgeDebt(context.requests, caller, carried(promotion));
}
