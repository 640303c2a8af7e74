import type { Message } from '../../blocks/kit/rich-text.ts';
import { cancelledAnswer, plannedAnswer, plannedList } from '../../blocks/replies/planned.ts';
import type { Sequence } from '../../domain/schedule/sequence.ts';
import { AuditedRequest, type Caller } from '../../flows/requests/request.ts';
import { advance, frozenThen } from '../../flows/schedule/advance.ts';
import { cancelSequence, plannedSequences, sequenceWith } from '../../flows/schedule/cancel.ts';
import { type PlanRequest, planSequence } from '../../flows/schedule/plan.ts';
import { refusedStart } from '../refused-start.ts';
import type { Click } from '../support/click.ts';
import { carried } from '../support/click.ts';
import type { HandlerContext } from '../support/context.ts';
import { sequenceVoice } from './sequence-voice.ts';

/** Plans what somebody wants to ship; what is to begin now begins at once. */
export function planFor(context: HandlerContext, caller: Caller, wish: PlanRequest): Promise<Message> {
  const request = AuditedRequest.of(caller);
  const planned = request.sayingWhenStored(async () => {
    const sequence = await planSequence(context.requests, request, wish);
    await goOn(context, sequence);
    return plannedAnswer(sequence, frozenThen(context.requests, sequence));
  });
  const [first] = wish.services;
  return first === undefined
    ? planned
    : planned.catch((error: unknown) =>
        refusedStart(context, caller, first, error, wish.services.length === 1),
      );
}

/** `/ship-prod schedule` */
export async function listPlanned({ requests }: HandlerContext): Promise<Message> {
  requests.reader?.mustReadSome();
  return plannedList(await plannedSequences(requests));
}

/** `/ship-prod schedule cancel shop` */
export async function cancelPlannedOf(
  context: HandlerContext,
  caller: Caller,
  service: string,
): Promise<Message> {
  return cancelPlanned(context, caller, (await sequenceWith(context.requests, service)).id);
}

export async function cancelPlanned(context: HandlerContext, caller: Caller, id: string): Promise<Message> {
  const sequence = await cancelSequence(context.requests, caller, id);
  await goOn(context, sequence);
  return cancelledAnswer(sequence);
}

/** The button on what says that it is planned. */
export async function pressCancelPlanned({ context, caller, value }: Click): Promise<Message> {
  return cancelPlanned(context, caller, carried(value.sequence));
}

/** It is stored: what cannot be said or started now is tried again by whichever process looks next. */
async function goOn(context: HandlerContext, sequence: Sequence): Promise<void> {
  try {
    await advance(context.requests, sequenceVoice(context), sequence);
  } catch (error) {
    context.log.debug({ err: error }, 'what is planned goes on later');
  }
  context.homeTabs.refreshSoon();
}
