import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Message } from '../blocks/kit/rich-text.ts';
import { plainAnswer } from '../blocks/replies/answer.ts';
import { confirmation, didYouMean } from '../blocks/replies/confirm.ts';
import { threadStatus } from '../blocks/thread/status.ts';
import type { Promotion } from '../domain/promotion/promotion.ts';
import { about, audited, type Caller } from '../flows/requests/request.ts';
import { mayRollBack } from '../flows/requests/roll-back.ts';
import { maySteer } from '../flows/requests/steer.ts';
import {
  type GuessedReply,
  guessThreadReply,
  parseThreadReply,
  type ThreadRequest,
} from './parse/thread-reply.ts';
import { answerIn } from './support/answer.ts';
import { answered } from './support/answer-errors.ts';
import type { HandlerContext } from './support/context.ts';
import { linkTo } from './support/links.ts';
import { linkingOther } from './support/other-thread.ts';
import { reading } from './support/reading.ts';
import { mustBeOurs } from './support/verify-origin.ts';

/** Replies in the threads of promotions. They change nothing by themselves: each opens something to confirm. */
export function onMessages(app: App, context: HandlerContext): void {
  app.event('message', async ({ event, body }) => {
    const gone = deletedBy(event);
    if (gone) return context.requests.threads.messageGone(gone.channel, gone.ts);
    const { data: reply } = Reply.safeParse(event);
    if (reply === undefined) return;
    const { channel, user, thread_ts: thread, text } = reply;
    const asked = requestIn(context, text);
    if (asked === null) return;
    const promotion = await context.requests.threads.byThread(channel, thread);
    if (promotion === null || !(await context.requests.ledger.once(`said:${body.event_id}`))) return;
    await answered(context.log, answerIn(context, { user, channel, thread }), async () => {
      const { url } = await context.installation();
      const source = { channel, ts: event.ts, link: linkTo(url, channel, event.ts, thread) };
      const caller: Caller = { user, via: 'thread', key: body.event_id, ...source };
      await mustBeOurs(context, caller, body, `thread.${asked.request.kind}`);
      return answerToReply(context, caller, promotion, text);
    });
  });
}

/** A private channel gets another id when it is shared with others. */
export function onMovedChannels(app: App, context: HandlerContext): void {
  app.event('channel_id_changed', async ({ event, body }) => {
    const { old_channel_id: from, new_channel_id: to } = event;
    const { requests, log } = context;
    await mustBeOurs(context, { user: 'slipway', via: 'event', key: body.event_id }, body, 'channel.moved');
    await requests.threads.channelMoved(from, to);
    await requests.ledger.audit({
      actor: 'slipway',
      action: 'channel.moved',
      result: 'done',
      detail: { from, to },
    });
    log.warn({ from, to }, 'a channel has another id now; write that where slipway.yaml has the one before');
  });
}

/**
 * What a reply in the thread of a promotion is answered with; null when it asks for nothing, and for a "wait" before anything
 * is watched: that is said to other people, unless it names the bot.
 */
export async function answerToReply(
  context: HandlerContext,
  caller: Caller,
  promotion: Promotion,
  text: string,
): Promise<Message | null> {
  const asked = requestIn(context, text);
  if (asked === null) return null;
  const isHold = asked.request.kind === 'hold' || ('word' in asked && asked.word === 'hold');
  if (isHold && isUnwatched(promotion) && !(await isToUs(context, text))) return null;
  return reading(context, caller, `thread.${asked.request.kind}`, async (seen, asking) => {
    await seen.requests.reader?.look(promotion.service);
    seen.requests.reader?.mustRead(promotion.service);
    return 'word' in asked
      ? guessed(seen, asking, promotion, asked)
      : confirmed(seen, asking, promotion, asked.request);
  });
}

/** Nothing of it has been watched yet. Between two shares and after the window people mean the watch all the same. */
function isUnwatched({ data: { stage, monitor } }: Promotion): boolean {
  return stage === undefined && monitor === undefined;
}

async function isToUs({ installation }: HandlerContext, text: string): Promise<boolean> {
  return text.includes(`<@${(await installation()).botUser}>`);
}

function requestIn(
  { requests }: HandlerContext,
  text: string,
): GuessedReply | { readonly request: ThreadRequest } | null {
  const request = parseThreadReply(text);
  return request ? { request } : guessThreadReply(text, [...requests.services.keys()]);
}

/**
 * For a reply that is nearly a request: asks whether that was meant, and for the confirmation with it. Null for what is said to
 * other people: a service that is hidden is answered like any word that names none.
 */
async function guessed(
  context: HandlerContext,
  caller: Caller,
  promotion: Promotion,
  { word, request, isTypo, to, service }: GuessedReply,
): Promise<Message | null> {
  if (service !== undefined && context.requests.reader?.mayRead(service) === false) return null;
  if (service !== undefined && service !== promotion.service) {
    const instead = request.kind === 'rollback' ? `rollback ${service}${to ? ` ${to}` : ''}` : 'status';
    const why = request.kind === 'extend' || request.kind === 'hold' ? ', which leads to its thread' : '';
    return plainAnswer(
      `This is the thread of ${promotion.service}. For ${service} type: /ship-prod ${instead}${why}`,
    );
  }
  const back = promotion.data.plan?.rollbackTo?.version;
  if (request.kind === 'rollback' && to !== undefined && to.replace(/^v/, '') !== back) {
    return plainAnswer(
      `Here you go back to the release before${back === undefined ? '' : ` (${back})`}: write rollback. For another version type: /ship-prod rollback ${promotion.service} ${to}`,
    );
  }
  const confirm = await confirmed(context, caller, promotion, request);
  return isTypo ? didYouMean(word, confirm) : confirm;
}

/** Opens the confirmation for those who may; what the promotion cannot do now is refused at once. */
async function confirmed(
  context: HandlerContext,
  caller: Caller,
  promotion: Promotion,
  request: ThreadRequest,
): Promise<Message> {
  const { requests } = context;
  if (request.kind === 'status') {
    const approvals = await requests.ledger.approvals(promotion.id);
    return threadStatus(promotion, approvals, context.serviceView(promotion.service), requests.now());
  }
  return audited(requests, caller, about(`thread.${request.kind}`, promotion), async () => {
    if (request.kind === 'rollback')
      await linkingOther(context, () => mayRollBack(requests, caller, promotion));
    else await maySteer(requests, caller, promotion, request);
    return confirmation(promotion, request);
  });
}

/** A reply that a person wrote in a thread: nothing that bots wrote, no edits. */
const Reply = z.object({
  /** It is shown in the channel too, or comes with a file. */
  subtype: z.enum(['thread_broadcast', 'file_share']).optional(),
  bot_id: z.undefined().optional(),
  edited: z.undefined().optional(),
  channel: z.string(),
  user: z.string(),
  thread_ts: z.string(),
  text: z.string(),
});

/** The message that was deleted; one with replies leaves a tombstone in its place. */
function deletedBy(event: unknown): { readonly channel: string; readonly ts: string } | null {
  const { subtype, channel, deleted_ts: deleted, message } = event as Record<string, unknown>;
  const { subtype: kind, ts: buried } = (message ?? {}) as Record<string, unknown>;
  const ts =
    subtype === 'message_deleted'
      ? deleted
      : subtype === 'message_changed' && kind === 'tombstone'
        ? buried
        : null;
  return typeof channel === 'string' && typeof ts === 'string' ? { channel, ts } : null;
}
