import type { BlockAction, ButtonAction, RespondFn } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';
import { type ButtonValue, decodeValue, encodeValue } from '../../blocks/kit/button-value.ts';
import { ACTION, type Action, buttonPurpose } from '../../blocks/kit/ids.ts';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { withoutButtons } from '../../blocks/replies/answer.ts';
import type { AuditAction } from '../../domain/audit/actions.ts';
import type { StartRequest } from '../../domain/commands/start.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { type AuditedRequest, audited, type Caller } from '../../flows/requests/request.ts';
import { answerIn } from './answer.ts';
import { answered } from './answer-errors.ts';
import type { HandlerContext } from './context.ts';
import { linkTo } from './links.ts';
import { oncePerClick } from './once-per-click.ts';
import { reading } from './reading.ts';
import { mustBeInPlace, mustBeOurs, openedValue } from './verify-origin.ts';

/** One click: who, what the button carried, and where it was. */
export interface Click {
  readonly context: HandlerContext;
  readonly caller: Caller;
  readonly value: ButtonValue;
  readonly trigger: string;
  /** Where an answer to it goes: into its thread, its channel, or neither for the Home tab. */
  readonly origin: Pick<ButtonValue, 'channel' | 'thread' | 'via'>;
}

/** What a button or a form has to carry to mean something. Refusal `button-unknown`. */
export function carried<T>(value: T | undefined): T {
  if (value === undefined) throw new Refusal('button-unknown');
  return value;
}

/** What a button or a form says is to be shipped. */
export function startRequestOf({ service, feature, bump = 'auto', note }: ButtonValue): StartRequest {
  return { service: carried(service), bump, ...given({ feature, note }) };
}

/** Opens a form, the answer to which goes where the click was. */
export async function openView({ context, trigger, origin }: Click, view: ModalView): Promise<void> {
  const metadata = decodeValue(view.private_metadata);
  const more = metadata === null ? {} : { private_metadata: encodeValue({ ...metadata, ...origin }) };
  await context.client.views.open({ trigger_id: trigger, view: { ...view, ...more } });
}

export type ClickHandler = (click: Click) => Promise<Message | null | void>;

interface ButtonEvent {
  readonly body: BlockAction;
  readonly action: ButtonAction;
  readonly respond: RespondFn;
}

/** Buttons that carry nothing. */
const SHOWS_NOTHING: readonly Action[] = [ACTION.dismiss, ACTION.openThread];
const EMPTY: readonly Action[] = [...SHOWS_NOTHING, ACTION.openForm];

/**
 * Does what a button is for, once it is sure that the button is one of ours, was pressed for the first time and in its
 * place. It leaves exactly one row in the audit, and a refusal is answered.
 */
export async function clicked(
  context: HandlerContext,
  event: ButtonEvent,
  known: { readonly kind: Action; readonly handle: ClickHandler } | null,
): Promise<void> {
  const { body, action: element, respond } = event;
  const { requests, log } = context;
  const place = placeOf(body);
  const { user, channel, root } = place;
  const action = `button.${known?.kind ?? 'unknown'}` as const;
  // The response_url of a payload that is not ours must not be posted to.
  let isOurs = false;
  const answer = (message: Message) =>
    answerIn(context, place, isOurs && body.response_url ? respond : undefined)(message);

  await answered(log, answer, async () => {
    const { url } = await context.installation();
    const { ts } = place;
    const link = channel === undefined || ts === undefined ? undefined : linkTo(url, channel, ts, root);
    const key = `${element.action_ts}:${user}:${element.action_id}`;
    const caller: Caller = { user, via: 'button', key, ...given({ channel, ts, link }) };
    await mustBeOurs(context, caller, body, action);
    isOurs = true;
    return audited(requests, caller, { action }, (request) =>
      oncePerClick(requests, caller, async () => {
        if (known === null) throw new Refusal('button-unknown');
        const isPrivate = isAnsweredInPrivate(body, known.kind);
        const replaced = (said: string) => {
          const asked = (body.message?.['blocks'] ?? []) as KnownBlock[];
          const answered = withoutButtons(asked, said, requests.now());
          return respond({ replace_original: true, ...answered }).catch((error: unknown) =>
            log.warn({ err: error }, 'a question that was answered keeps its buttons'),
          );
        };
        const message = await pressed(context, event, request, { ...known, action }, place).catch(
          async (error: unknown) => {
            // The process that took the press that counted died before it could replace the question.
            if (isPrivate && error instanceof Refusal && OVER.includes(error.code)) await replaced(DECIDED);
            throw error;
          },
        );
        const wasOnlyVisibleToThem = body.container['is_ephemeral'] === true;
        if (wasOnlyVisibleToThem && known.kind !== ACTION.openThread)
          // What was asked for is done, whether or not Slack takes the question away.
          await respond({ delete_original: true }).catch((error: unknown) =>
            log.warn({ err: error }, 'a question that was answered stays'),
          );
        else if (isPrivate) await replaced(element.text.text);
        return message;
      }),
    );
  });
}

/** What is over once it was pressed; everything else can be pressed again, or opens something. */
const ANSWERS: readonly Action[] = [
  ACTION.rollback,
  ACTION.extend,
  ACTION.hold,
  ACTION.releaseHold,
  ACTION.joinQueue,
  ACTION.cancelPlanned,
  ACTION.adopt,
  ACTION.validate,
  ACTION.dismiss,
];

/** Refusals that every further press of the same question meets, too. */
const OVER: readonly string[] = [
  'already-asked',
  'card-changed',
  'lock-changed',
  'not-asked',
  'not-live',
  'not-rollbackable',
  'plan-over',
  'promotion-moved-on',
  'release-known',
];
const DECIDED = 'Decided already, or not asked any more';

/** A question to one person in their direct messages with the app, where messages stay. */
function isAnsweredInPrivate({ channel, message }: BlockAction, kind: Action): boolean {
  return channel?.id.startsWith('D') === true && message !== undefined && ANSWERS.includes(kind);
}

/** Opens what the button carries and does it. */
async function pressed(
  context: HandlerContext,
  { body, action: element }: ButtonEvent,
  request: AuditedRequest,
  { kind, handle, action }: Readonly<{ kind: Action; handle: ClickHandler; action: AuditAction }>,
  { channel, root, thread }: ReturnType<typeof placeOf>,
): Promise<Message | null | void> {
  const value = EMPTY.includes(kind)
    ? {}
    : openedValue(await context.seal(), element.value, buttonPurpose(element.action_id));
  const origin = given({ via: channel === undefined ? 'home' : undefined, channel, thread });
  const doIt = async (seen: HandlerContext) => {
    if (value.service !== undefined) await seen.requests.reader?.look(value.service);
    const here = await mustBeInPlace(seen.requests, value, channel, root);
    return audited(context.requests, request, { action, ...subjectOf(value, here) }, () =>
      handle({ context: seen, caller: request, value, trigger: body.trigger_id, origin }),
    );
  };
  const message = await (SHOWS_NOTHING.includes(kind)
    ? doIt(context)
    : reading(context, request, action, doIt));
  if (value.via === 'home') await context.homeTabs.show(request.user);
  return message;
}

function subjectOf({ promotion, service }: ButtonValue, here: Promotion | null) {
  if (here) return { promotionId: here.id, service: here.service, digest: here.digest };
  return given({ promotionId: promotion, service });
}

/**
 * Where a click was. `root` heads the thread; `thread` is where an answer goes. A message that only one person
 * sees has no address of its own: it goes by its thread.
 */
export function placeOf(body: Pick<BlockAction, 'channel' | 'container' | 'message' | 'user'>) {
  const channel = body.channel?.id;
  const container = body.container as { readonly thread_ts?: string };
  const seen = body.message?.ts;
  const root = (body.message?.['thread_ts'] as string | undefined) ?? container.thread_ts ?? seen;
  // A card heads its own thread; an answer in there would not be seen by who clicked in the channel.
  // Neither would one to a reply that was pressed where it is shown in the channel too.
  const isInChannel = body.message?.['subtype'] === 'thread_broadcast' && container.thread_ts === undefined;
  const thread = root === seen || isInChannel ? undefined : root;
  return { user: body.user.id, channel, ts: seen ?? root, root, thread };
}
