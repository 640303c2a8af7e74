import type { App } from '@slack/bolt';
import type { Message } from '../blocks/kit/rich-text.ts';
import { plainAnswer, withThread } from '../blocks/replies/answer.ts';
import { confirmation, takesCommand } from '../blocks/replies/confirm.ts';
import { help } from '../blocks/replies/help.ts';
import { history } from '../blocks/replies/history.ts';
import { held } from '../blocks/replies/refusal.ts';
import { chooseService, offer, shipsInOrder } from '../blocks/replies/start.ts';
import { threadStatus } from '../blocks/thread/status.ts';
import type { CommandDeclaration } from '../domain/commands/declaration.ts';
import { COMMANDS } from '../domain/commands/table.ts';
import type { Prompt } from '../domain/promotion/asking/prompt.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { given } from '../domain/text/given.ts';
import { barrierRefusal, barriersOf } from '../flows/locks/barriers.ts';
import { mayOverride } from '../flows/requests/break-glass.ts';
import { readableServices } from '../flows/requests/reader.ts';
import { about, audited, type Caller, portsOf } from '../flows/requests/request.ts';
import { mayRollBack, newestDeployed } from '../flows/requests/roll-back.ts';
import { planFor } from './command.ts';
import { answerToReply } from './messages.ts';
import { type MentionRequest, parseMention } from './parse/mention.ts';
import { isThreadRequest } from './parse/thread-reply.ts';
import { answerIn } from './support/answer.ts';
import { answered } from './support/answer-errors.ts';
import type { HandlerContext } from './support/context.ts';
import { linkTo, listedPromotions, threadUrl } from './support/links.ts';
import { linkingOther } from './support/other-thread.ts';
import { overview } from './support/overview.ts';
import { namesFor, reading } from './support/reading.ts';
import { mustBeOurs } from './support/verify-origin.ts';

/** An answer only for whoever asked; with an offer it is for everybody in the thread. */
interface MentionAnswer {
  readonly message: Message;
  readonly offer?: Extract<Prompt, { kind: 'offer' }>;
}

/** What people write to the bot. It changes nothing by itself: at most it opens something to confirm. */
export function onMention(app: App, context: HandlerContext): void {
  app.event('app_mention', async ({ event, body }) => {
    const { channel, user, text, ts, thread_ts: thread } = event;
    if (user === undefined || 'bot_id' in event) return;
    const { services, ledger, threads } = context.requests;
    await answered(context.log, answerIn(context, { user, channel, thread }), async () => {
      if (!(await ledger.once(`mention:${body.event_id}`))) return null;
      const promotion = thread === undefined ? null : await threads.byThread(channel, thread);
      const isReply = promotion !== null && isThreadRequest(text, [...services.keys()]);
      // The same text also comes as a message, which is answered; one that was edited comes only here.
      if (isReply && !('edited' in event)) return null;
      const { url } = await context.installation();
      const source = { channel, ts, link: linkTo(url, channel, ts, thread) };
      const caller: Caller = { user, via: 'mention', key: body.event_id, ...source };
      await mustBeOurs(context, caller, body, 'mention.answered');
      if (isReply) return answerToReply(context, caller, promotion, text);
      const about = promotion?.service;
      const { message, offer: prompt } = await answerToMention(context, caller, text, COMMANDS, about);
      if (prompt === undefined) return message;
      // Somebody mended what they wrote: for all it is offered once, however often they do.
      const key = `offer:${channel}:${ts}`;
      if (!(await ledger.once(key))) return message;
      await context.prompts.ask({ key, place: { channel, thread: thread ?? ts }, prompt });
      return null;
    });
  });
}

/**
 * What a mention is answered with; `commands` are those of `/ship-prod`, `about` is the service that is meant when the
 * mention names none.
 */
export async function answerToMention(
  context: HandlerContext,
  caller: Caller,
  text: string,
  commands: readonly CommandDeclaration[] = COMMANDS,
  about?: string,
): Promise<MentionAnswer> {
  return reading(context, caller, 'mention.answered', async (seen, asking) => {
    const services = await namesFor(seen.requests, text);
    if (about !== undefined) await seen.requests.reader?.look(about);
    const words = commands.map(({ word }) => word);
    const request = parseMention(text, services, words);
    if (request.kind !== 'ship') {
      return { message: await personal(seen, asking, request, commands, about) };
    }
    seen.requests.reader?.mustReadSome();
    const named = request.services.map((name) => portsOf(seen.requests, name).service.name);
    if (named.length > 1) return { message: shipsInOrder(named) };
    const service = named[0] ?? about ?? (services.length === 1 ? services[0] : undefined);
    // Which services there are to choose from depends on who asks.
    if (service === undefined) return { message: chooseService([...readableServices(seen.requests).keys()]) };
    const ports = portsOf(seen.requests, service);
    const open = await seen.requests.ledger.openFor(service);
    if (open !== null) {
      // What is under way comes first: an offer to ship would be refused.
      const approvals = await seen.requests.ledger.approvals(open.id);
      const now = seen.requests.now();
      const said = threadStatus(open, approvals, seen.serviceView(service), now);
      return { message: withThread(said, await threadUrl(seen, open.id)) };
    }
    const [barrier] = await barriersOf(ports);
    if (barrier !== undefined) {
      // Nor can it be shipped while it is locked or frozen: they can wait, or break the glass.
      const { requests } = seen;
      const refusal = barrierRefusal(barrier, ports.service);
      const canOverride = await mayOverride(requests, caller.user, service);
      return { message: held(explain(refusal), refusal.facts, { service }, canOverride) };
    }
    const prompt = { kind: 'offer', service } as const;
    return { message: offer(prompt), offer: prompt };
  });
}

async function personal(
  context: HandlerContext,
  caller: Caller,
  request: Exclude<MentionRequest, { kind: 'ship' }>,
  commands: readonly CommandDeclaration[],
  about: string | undefined,
): Promise<Message> {
  const { requests } = context;
  const meant = () => serviceOf(context, ('service' in request ? request.service : null) ?? about);
  switch (request.kind) {
    case 'help':
      return help();
    case 'status':
      return overview(context);
    case 'plan':
      return planFor(context, caller, { service: meant(), bump: 'auto' });
    case 'history': {
      const named = request.service ?? about;
      const service = named === undefined ? undefined : portsOf(requests, named).service.name;
      const filter = { limit: 25, ...given({ service }) };
      return history(await listedPromotions(context, await requests.ledger.recent(filter)), service);
    }
    case 'rollback':
      return confirmRollback(context, caller, meant(), request.to);
    case 'command':
      return takesCommand(
        commands.find(({ word }) => word === request.word) ?? { usage: request.word },
        request.service ?? about ?? [...readableServices(requests).keys()][0] ?? 'shop',
      );
  }
}

/** The one that was named, or the only one. Refusals: `service-unknown`, `service-missing`. */
function serviceOf({ requests }: HandlerContext, named: string | undefined): string {
  if (named !== undefined) return portsOf(requests, named).service.name;
  requests.reader?.mustReadSome();
  const known = [...readableServices(requests).keys()];
  const [only] = known;
  if (only === undefined || known.length > 1) throw new Refusal('service-missing', { known });
  return only;
}

async function confirmRollback(
  context: HandlerContext,
  caller: Caller,
  service: string,
  to: string | undefined,
): Promise<Message> {
  const { requests } = context;
  return audited(requests, caller, { action: 'mention.rollback', service }, async (audit) => {
    const promotion = await newestDeployed(requests, service);
    return audited(requests, audit, about('mention.rollback', promotion), async () => {
      await linkingOther(context, () => mayRollBack(requests, caller, promotion, given({ to })));
      return to === undefined
        ? confirmation(promotion, { kind: 'rollback' })
        : plainAnswer(`To go back to a version that you name, type: /ship-prod rollback ${service} ${to}`);
    });
  });
}
