import type { ViewOutput } from '@slack/bolt';
import type { ButtonValue } from '../../blocks/kit/button-value.ts';
import { FIELD, viewPurpose } from '../../blocks/kit/ids.ts';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { audited, type Caller } from '../../flows/requests/request.ts';
import { type AnswerPlace, answerIn } from './answer.ts';
import { answered } from './answer-errors.ts';
import type { HandlerContext } from './context.ts';
import { linkTo } from './links.ts';
import { oncePerClick } from './once-per-click.ts';
import { reading } from './reading.ts';
import { mustBeOurs, openedValue } from './verify-origin.ts';

/** A submitted form: who filled it in, what it was opened for, and what they filled in. */
interface Submission {
  readonly context: HandlerContext;
  readonly caller: Caller;
  readonly metadata: ButtonValue;
  readonly view: ViewOutput;
}

export type FormHandler = (submission: Submission) => Promise<Message | void>;

/**
 * Does what a form is for, once it is sure that the form is one of ours and was submitted for the first time. It leaves
 * exactly one row in the audit, and what becomes of it is answered in the channel in which it was opened.
 */
export async function submitted(
  context: HandlerContext,
  { body, view }: { readonly body: { readonly user: { readonly id: string } }; readonly view: ViewOutput },
  callback: string,
  handle: FormHandler,
): Promise<void> {
  const { requests, log } = context;
  const user = body.user.id;
  const action = `form.${callback}` as const;
  const bare: Caller = { user, via: 'form', key: `${view.id}:${view.hash}:${user}` };
  let place: AnswerPlace = { user };
  await answered(
    log,
    (message) => answerIn(context, place)(message),
    async () => {
      await mustBeOurs(context, bare, body, action);
      const { metadata, problem } = await metadataOf(context, view, callback);
      const { channel, source } = await sourceOf(context, metadata);
      place = { user, channel, thread: metadata.thread };
      const caller: Caller = { ...bare, ...source };
      return audited(requests, caller, { action }, async (request) => {
        if (problem) throw problem;
        return oncePerClick(requests, caller, () =>
          reading(context, request, action, async (seen) => {
            const service = metadata.service ?? chosenIn(view, FIELD.service);
            if (service !== undefined) await seen.requests.reader?.look(service);
            return handle({ context: seen, caller: request, metadata, view });
          }),
        );
      });
    },
  );
}

/** The channel of the answer, and what the audit says of where the form came from: the promotion's card, if any. */
async function sourceOf(
  { requests, installation }: HandlerContext,
  metadata: ButtonValue,
): Promise<{
  readonly channel: string | undefined;
  readonly source: Pick<Caller, 'channel' | 'ts' | 'link'>;
}> {
  const { promotion } = metadata;
  const card = promotion === undefined ? null : await requests.threads.cardOf(promotion).catch(() => null);
  // What was opened on the Home tab is answered in the app's own messages.
  const channel = metadata.via === 'home' ? undefined : (metadata.channel ?? card?.channel);
  const { url } = await installation();
  const place = card === null ? {} : { ts: card.ts, link: linkTo(url, card.channel, card.ts) };
  return { channel, source: { ...given({ channel }), ...place } };
}

/** What was chosen in a field of a form, which is in the block of that name unless another one is given. */
export function chosenIn(view: Pick<ViewOutput, 'state'>, field: string, block = field): string | undefined {
  return view.state.values[block]?.[field]?.selected_option?.value;
}

/** What the form was opened for; `problem` is the refusal when it was not sealed here. */
export async function metadataOf(
  { seal }: HandlerContext,
  { private_metadata: token }: Pick<ViewOutput, 'private_metadata'>,
  callback: string,
): Promise<{ readonly metadata: ButtonValue; readonly problem: Refusal | null }> {
  if (token === '') return { metadata: {}, problem: null };
  try {
    return { metadata: openedValue(await seal(), token, viewPurpose(callback)), problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { metadata: {}, problem: error };
  }
}
