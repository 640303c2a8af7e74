import type { App } from '@slack/bolt';
import type { Message } from '../blocks/kit/rich-text.ts';
import { startForm } from '../blocks/modals/start-form.ts';
import { plainAnswer } from '../blocks/replies/answer.ts';
import { auditTrail } from '../blocks/replies/audit-trail.ts';
import { confirmation } from '../blocks/replies/confirm.ts';
import { help } from '../blocks/replies/help.ts';
import { history } from '../blocks/replies/history.ts';
import { planMessage } from '../blocks/replies/plan.ts';
import { busy, held } from '../blocks/replies/refusal.ts';
import { started } from '../blocks/replies/start.ts';
import type { RefusalCode } from '../domain/refusals/catalogue.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { auditTrailFor } from '../flows/requests/audit-trail.ts';
import { mayOverride } from '../flows/requests/break-glass.ts';
import { audited, type Caller, portsOf, type Subject } from '../flows/requests/request.ts';
import { mayRollBack, newestDeployed } from '../flows/requests/roll-back.ts';
import { planOnly, startPromotion } from '../flows/requests/start.ts';
import { steer } from '../flows/requests/steer.ts';
import { lockFor, unlockFor } from './locks.ts';
import { type Command, parseCommand, type Wish } from './parse/command.ts';
import { guarded } from './support/answer-errors.ts';
import { answerIn, entriesOf, type HandlerContext, threadUrl } from './support/context.ts';
import { featureChoices } from './support/feature-choices.ts';
import { overview } from './support/overview.ts';
import { mustBeOurs } from './support/verify-origin.ts';

/** Refusals of a start that people can wait out or break the glass over. */
const HELD: readonly RefusalCode[] = ['stopped', 'locked', 'frozen'];

/** How long the answer to a start waits for the card's address, in ms. */
const CARD_PATIENCE_MS = 1_500;

/** `/ship-prod …`. Every answer is only for whoever typed it. */
export function onCommand(app: App, context: HandlerContext): void {
  app.command('/ship-prod', async ({ ack, body, respond }) => {
    await ack();
    const { user_id: user, channel_id: channel, trigger_id: trigger, text } = body;
    const caller: Caller = { user, channel, via: 'command', key: trigger };
    await guarded(context.log, answerIn(context, { user, channel }, respond), async () => {
      await mustBeOurs(context, caller, body, 'command');
      const command = parseCommand(text ?? '', [...context.requests.services.keys()]);
      if (command.kind === 'form') return openStartForm(context, trigger, { channel });
      return perform(context, caller, command);
    });
  });
}

async function perform(
  context: HandlerContext,
  caller: Caller,
  command: Exclude<Command, { kind: 'form' }>,
): Promise<Message> {
  const { requests } = context;
  switch (command.kind) {
    case 'help':
      return help();
    case 'status':
      return overview(context);
    case 'history': {
      const { service } = command;
      if (command.audit) return auditTrail(await auditTrailFor(requests, caller, service), service);
      if (service !== undefined) portsOf(requests, service);
      const promotions = await requests.ledger.recent({
        limit: 25,
        ...(service === undefined ? {} : { service }),
      });
      return history(await entriesOf(context, promotions), service);
    }
    case 'plan':
      return planFor(context, caller, command.wish);
    case 'start':
      return startFor(context, caller, command.wish);
    case 'cancel': {
      const open = await requests.ledger.openFor(portsOf(requests, command.service).service.name);
      if (!open) throw new Refusal('promotion-not-open', { service: command.service });
      const reason = command.reason === '' ? 'Cancelled by command.' : command.reason;
      await steer(requests, caller, open.id, { kind: 'cancel', reason });
      return plainAnswer(`Cancelling the promotion of ${command.service}. Its card shows when it is over.`);
    }
    case 'lock': {
      const { kind: _kind, ...wish } = command;
      return lockFor(context, caller, wish);
    }
    case 'unlock':
      return unlockFor(context, caller, command.service);
    case 'rollback': {
      const { service, to } = command;
      const promotion = await newestDeployed(requests, service);
      const { id: promotionId, digest } = promotion;
      const subject: Subject = { action: 'rollback.asked', service, promotionId, digest };
      return audited(requests, caller, subject, async () => {
        await mayRollBack(requests, caller, promotion, to === undefined ? {} : { to });
        return confirmation(promotion, command, 'command');
      });
    }
  }
}

/** Starts a promotion; a busy, locked or frozen service is answered with the ways on. */
export async function startFor(
  context: HandlerContext,
  caller: Caller,
  wish: Wish,
  glass?: { readonly reason: string },
): Promise<Message> {
  try {
    const promotion = await startPromotion(context.requests, caller, wish, glass);
    return started(promotion, await soon(() => threadUrl(context, promotion.id)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (HELD.includes(error.code)) {
      const mayBreak = await mayOverride(context.requests, caller.user, wish.service);
      return held(explain(error), error.facts, wish, mayBreak);
    }
    if (error.code !== 'promotion-open') throw error;
    const open = await context.requests.ledger.openFor(wish.service);
    return busy(
      explain(error),
      error.facts,
      wish,
      open ? await soon(() => threadUrl(context, open.id)) : undefined,
    );
  }
}

export async function planFor(context: HandlerContext, caller: Caller, wish: Wish): Promise<Message> {
  const { gates, plan } = await planOnly(context.requests, caller, wish);
  const service = context.serviceView(wish.service);
  if (!service)
    throw new Refusal('service-unknown', {
      service: wish.service,
      known: [...context.requests.services.keys()],
    });
  return planMessage({ service, gates, plan, feature: wish.feature, bump: wish.bump });
}

/** Opens the form; the trigger lives for three seconds, so the features are only waited for briefly. */
export async function openStartForm(
  context: HandlerContext,
  trigger: string,
  origin: { readonly channel?: string },
  preset: { readonly service?: string } = {},
): Promise<void> {
  const services = [...context.requests.services.keys()];
  const service = preset.service ?? services[0];
  const features = service === undefined ? [] : await featureChoices(context, service);
  await context.client.views.open({
    trigger_id: trigger,
    view: startForm({
      services,
      service,
      features,
      feature: features.find((one) => one.ready)?.slug,
      metadata: origin,
    }),
  });
}

async function soon<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = Date.now() + CARD_PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
