import type { App } from '@slack/bolt';
import type { Message } from '../blocks/kit/rich-text.ts';
import { plainAnswer } from '../blocks/replies/answer.ts';
import { confirmation, didYouMean } from '../blocks/replies/confirm.ts';
import { threadStatus } from '../blocks/thread/status.ts';
import type { Promotion } from '../domain/promotion/promotion.ts';
import { audited, type Caller, type Subject } from '../flows/requests/request.ts';
import { mayRollBack } from '../flows/requests/roll-back.ts';
import { maySteer } from '../flows/requests/steer.ts';
import { answerToMention } from './mention.ts';
import { type Guess, guessThreadReply, parseThreadReply, type ThreadRequest } from './parse/thread-reply.ts';
import { answerIn } from './support/answer.ts';
import { answered } from './support/answer-errors.ts';
import type { HandlerContext } from './support/context.ts';
import { linkTo } from './support/permalink.ts';

/** Words of people. They never do anything by themselves: each opens something to confirm. */
export function onMessages(app: App, context: HandlerContext): void {
  app.event('app_mention', async ({ event, body }) => {
    const { channel, user, text, ts, thread_ts: thread } = event;
    if (
      user === undefined ||
      'bot_id' in event ||
      !(await context.requests.ledger.once(`mention:${body.event_id}`))
    )
      return;
    await answered(context.log, answerIn(context, { user, channel, thread }), async () => {
      if (thread !== undefined && isThreadTalk(context, text)) {
        if (await context.requests.threads.byThread(channel, thread)) return null;
      }
      const { url } = await context.installation();
      const source = { channel, ts, link: linkTo(url, channel, ts, thread) };
      const caller: Caller = { user, via: 'mention', key: body.event_id, ...source };
      const { message, isForAll } = await answerToMention(context, caller, text);
      if (!isForAll) return message;
      return reply(context, channel, thread ?? ts, message);
    });
  });

  app.event('message', async ({ event, body }) => {
    const said = personalReply(event);
    if (said === null) return;
    const { channel, user, thread, text } = said;
    const wish = parseThreadReply(text);
    const guess = wish === null ? guessThreadReply(text, servicesOf(context)) : null;
    if (wish === null && guess === null) return;
    const promotion = await context.requests.threads.byThread(channel, thread);
    if (promotion === null || !(await context.requests.ledger.once(`said:${body.event_id}`))) return;
    await answered(context.log, answerIn(context, { user, channel, thread }), async () => {
      const { url } = await context.installation();
      const source = { channel, ts: event.ts, link: linkTo(url, channel, event.ts, thread) };
      const caller: Caller = { user, via: 'thread', key: body.event_id, ...source };
      if (wish) return confirmed(context, caller, promotion, wish);
      return guess && guessed(context, caller, promotion, guess);
    });
  });
}

/** What the thread's own listener answers. */
function isThreadTalk(context: HandlerContext, text: string): boolean {
  return parseThreadReply(text) !== null || guessThreadReply(text, servicesOf(context)) !== null;
}

function servicesOf({ requests }: HandlerContext): readonly string[] {
  return [...requests.services.keys()];
}

/** Nearly a request: the question whether it was meant, which is the confirmation too. */
async function guessed(
  context: HandlerContext,
  caller: Caller,
  promotion: Promotion,
  { word, wish, to }: Guess,
): Promise<Message> {
  const back = promotion.data.plan?.rollbackTo?.version;
  if (wish.kind === 'rollback' && to !== undefined && to.replace(/^v/, '') !== back) {
    return plainAnswer(
      `Here you go back to the release before${back === undefined ? '' : ` (${back})`}: write rollback. For another version type: /ship-prod rollback ${promotion.service} ${to}`,
    );
  }
  return didYouMean(word, await confirmed(context, caller, promotion, wish));
}

/** Opens the confirmation for those who may; what the promotion cannot do now is refused at once. */
async function confirmed(
  context: HandlerContext,
  caller: Caller,
  promotion: Promotion,
  wish: ThreadRequest,
): Promise<Message> {
  const { requests } = context;
  if (wish.kind === 'status') {
    const approvals = await requests.ledger.approvals(promotion.id);
    return threadStatus(promotion, approvals, context.serviceView(promotion.service), requests.now());
  }
  const { id: promotionId, service, digest } = promotion;
  const subject: Subject = { action: `thread.${wish.kind}`, service, promotionId, digest };
  return audited(requests, caller, subject, async () => {
    if (wish.kind === 'rollback') await mayRollBack(requests, caller, promotion);
    else await maySteer(requests, caller, promotion, wish);
    return confirmation(promotion, wish);
  });
}

/** A reply that a person wrote in a thread; bots, edits and quotes by other apps do not count. */
function personalReply(event: { readonly type: string }): {
  readonly channel: string;
  readonly user: string;
  readonly thread: string;
  readonly text: string;
} | null {
  const {
    subtype,
    bot_id: bot,
    channel,
    user,
    thread_ts: thread,
    text,
    edited,
  } = event as Record<string, unknown>;
  if ((subtype !== undefined && subtype !== 'thread_broadcast') || bot !== undefined || edited !== undefined)
    return null;
  if (
    typeof channel !== 'string' ||
    typeof user !== 'string' ||
    typeof thread !== 'string' ||
    typeof text !== 'string'
  )
    return null;
  return { channel, user, thread, text };
}

async function reply(
  { client }: HandlerContext,
  channel: string,
  thread: string,
  { text, blocks }: Message,
): Promise<void> {
  await client.chat.postMessage({ channel, thread_ts: thread, text, blocks });
}
