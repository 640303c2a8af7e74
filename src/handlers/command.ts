import type { App } from '@slack/bolt';
import { afterRollback } from '../blocks/card/dialogs.ts';
import { rollbackTarget } from '../blocks/card/plan.ts';
import type { Message } from '../blocks/kit/rich-text.ts';
import { startForm } from '../blocks/modals/start-form.ts';
import { plainAnswer } from '../blocks/replies/answer.ts';
import { auditTrail } from '../blocks/replies/audit-trail.ts';
import { confirmation } from '../blocks/replies/confirm.ts';
import { help } from '../blocks/replies/help.ts';
import { history } from '../blocks/replies/history.ts';
import { planMessage } from '../blocks/replies/plan.ts';
import { started } from '../blocks/replies/start.ts';
import type { CommandDeclaration } from '../domain/commands/declaration.ts';
import type { StartRequest } from '../domain/commands/start.ts';
import { COMMANDS } from '../domain/commands/table.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { given } from '../domain/text/given.ts';
import { auditTrailFor } from '../flows/requests/audit-trail.ts';
import { readableServices } from '../flows/requests/reader.ts';
import { about, audited, type Caller, portsOf } from '../flows/requests/request.ts';
import { mayRollBack, newestDeployed } from '../flows/requests/roll-back.ts';
import { planOnly, startPromotion } from '../flows/requests/start.ts';
import { figuresOf } from '../flows/requests/statistics.ts';
import { steer } from '../flows/requests/steer.ts';
import { plannedFor } from '../flows/schedule/cancel.ts';
import {
  cancelPlanned,
  cancelPlannedOf,
  listPlanned,
  planFor as planSequenceFor,
} from './habits/schedule.ts';
import { subscribeFor, unsubscribeFor } from './habits/subscribe.ts';
import { hotfixFor } from './hotfix.ts';
import { lockFor, unlockFor } from './locks.ts';
import { type Command, parseCommand } from './parse/command.ts';
import { cardUrl, refusedStart } from './refused-start.ts';
import { answerIn } from './support/answer.ts';
import { answered } from './support/answer-errors.ts';
import type { HandlerContext } from './support/context.ts';
import { featureChoices } from './support/feature-choices.ts';
import { listedPromotions } from './support/links.ts';
import { linkingOther } from './support/other-thread.ts';
import { overview } from './support/overview.ts';
import { namesFor, reading } from './support/reading.ts';
import { mustBeOurs } from './support/verify-origin.ts';
import { confirmAdoption, confirmValidation } from './vouch.ts';

/** Does what was asked and says so; what opens by itself is answered with nothing. */
export type CommandAnswer<C> = (
  context: HandlerContext,
  caller: Caller,
  command: C,
) => Message | Promise<Message | void>;

type CommandOf<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;
type Answers = { readonly [K in Command['kind']]: CommandAnswer<CommandOf<K>> };

/** Each kind of command and what it is answered with. */
const ANSWERS: Answers = {
  form: (context, caller) => openStartForm(context, caller, given({ channel: caller.channel })),
  start: (context, caller, { request }) => startFor(context, caller, request),
  plan: (context, caller, { request }) => planFor(context, caller, request),
  'in-order': (context, caller, { requests }) => planSequenceFor(context, caller, { services: requests }),
  schedule: (context, caller, { requests, when }) =>
    planSequenceFor(context, caller, { services: requests, when }),
  planned: listPlanned,
  'cancel-planned': (context, caller, { service }) => cancelPlannedOf(context, caller, service),
  subscribe: (context, caller, { service }) => subscribeFor(context, caller, service),
  unsubscribe: (context, caller, { service }) => unsubscribeFor(context, caller, service),
  status: overview,
  history: historyFor,
  cancel: cancelFor,
  rollback: confirmRollback,
  hotfix: hotfixFor,
  adopt: confirmAdoption,
  validate: confirmValidation,
  lock: (context, caller, { kind: _kind, ...request }) => lockFor(context, caller, request),
  unlock: (context, caller, { service, because }) => unlockFor(context, caller, service, { because }),
  help: () => help(),
};

/** What `/ship-prod` understands, and what it does then. */
export interface CommandTable {
  readonly commands: readonly CommandDeclaration[];
  /** By kind. */
  readonly answers: Readonly<Record<string, CommandAnswer<never>>>;
}

export const SHIP_PROD: CommandTable = { commands: COMMANDS, answers: ANSWERS };

/** `/ship-prod …`. Every answer is only for whoever typed it. */
export function onCommand(app: App, context: HandlerContext): void {
  app.command('/ship-prod', async ({ ack, body, respond }) => {
    await ack();
    const { user_id: user, channel_id: channel, trigger_id: trigger, text } = body;
    const caller: Caller = { user, channel, via: 'command', key: trigger };
    await answered(context.log, answerIn(context, { user, channel }, respond), async () => {
      // Slack sends again what it does not know to have arrived: the first one is answered.
      if (!(await context.requests.ledger.once(`command:${trigger}`))) return;
      await mustBeOurs(context, caller, body, 'command');
      return answerToCommand(context, caller, text ?? '');
    });
  });
}

/** The key of the caller is the trigger that forms are opened with. */
export async function answerToCommand(
  context: HandlerContext,
  caller: Caller,
  text: string,
  { commands, answers }: CommandTable = SHIP_PROD,
): Promise<Message | void> {
  return reading(context, caller, 'command', async (seen, request) => {
    const services = await namesFor(seen.requests, text);
    const command = read(seen, () => parseCommand(text, services, commands));
    const answer = answers[command.kind];
    if (answer === undefined) throw new Error(`Nothing answers ${command.kind}.`);
    return answer(seen, request, command as never);
  });
}

/** What a line asks for. A refusal may list services: it has to be known which of them may be seen. */
function read<C>({ requests }: HandlerContext, parse: () => C): C {
  try {
    return parse();
  } catch (error) {
    readableServices(requests);
    throw error;
  }
}

async function historyFor(
  context: HandlerContext,
  caller: Caller,
  { service, audit }: CommandOf<'history'>,
): Promise<Message> {
  const { requests } = context;
  if (audit) return auditTrail(await auditTrailFor(requests, caller, service), service);
  if (service !== undefined) portsOf(requests, service);
  const promotions = await requests.ledger.recent({ limit: 25, ...given({ service }) });
  const figures = service === undefined ? [] : await figuresOf(requests, service);
  return history(await listedPromotions(context, promotions), service, figures);
}

async function cancelFor(
  context: HandlerContext,
  caller: Caller,
  { service, reason }: CommandOf<'cancel'>,
): Promise<Message> {
  const { requests } = context;
  const open = await requests.ledger.openFor(portsOf(requests, service).service.name);
  const planned = open ? null : await plannedFor(requests, service);
  if (planned) return cancelPlanned(context, caller, planned.id);
  if (!open) throw new Refusal('promotion-not-open', { service });
  const promotion = await steer(requests, caller, open.id, { kind: 'cancel', reason });
  const goesBack = promotion.data.stage !== undefined && rollbackTarget(promotion) !== null;
  const then = goesBack ? afterRollback(promotion) : 'Its card shows when it is over.';
  return plainAnswer(`Cancelling the promotion of ${service}. ${then}`);
}

async function confirmRollback(
  context: HandlerContext,
  caller: Caller,
  { service, to }: CommandOf<'rollback'>,
): Promise<Message> {
  const { requests } = context;
  const promotion = await newestDeployed(requests, service);
  return audited(requests, caller, about('rollback.asked', promotion), async () => {
    const may = () => mayRollBack(requests, caller, promotion, given({ to }));
    const release = await linkingOther(context, may);
    return confirmation(promotion, { kind: 'rollback', ...given({ to: release ?? undefined }) }, 'command');
  });
}

/** Starts a promotion; a busy, locked or frozen service is answered with the ways on. */
export async function startFor(
  context: HandlerContext,
  caller: Caller,
  request: StartRequest,
  override?: { readonly reason: string; readonly over?: string | undefined },
): Promise<Message> {
  try {
    const promotion = await startPromotion(context.requests, caller, request, override);
    return started(promotion, await cardUrl(context, promotion.id));
  } catch (error) {
    return refusedStart(context, caller, request, error);
  }
}

export async function planFor(
  context: HandlerContext,
  caller: Caller,
  request: StartRequest,
): Promise<Message> {
  const { gates, plan } = await planOnly(context.requests, caller, request);
  const service = context.serviceView(request.service);
  if (!service)
    throw new Refusal('service-unknown', {
      service: request.service,
      known: [...readableServices(context.requests).keys()],
    });
  return planMessage({ service, gates, plan, feature: request.feature, bump: request.bump });
}

/** Opens the form; the trigger lives for three seconds, so the features are only waited for briefly. */
export async function openStartForm(
  context: HandlerContext,
  { user, key: trigger }: Pick<Caller, 'user' | 'key'>,
  origin: { readonly channel?: string },
): Promise<void> {
  context.requests.reader?.mustReadSome();
  const services = [...readableServices(context.requests).keys()];
  const last = await context.requests.ledger.choiceOf(user);
  const isThere = last !== null && services.includes(last.service);
  const service = isThere ? last.service : services[0];
  const features = service === undefined ? [] : await featureChoices(context, service);
  await context.client.views.open({
    trigger_id: trigger,
    view: startForm({
      services,
      service,
      features,
      bump: isThere ? last.bump : undefined,
      feature: features.find((one) => one.ready)?.slug,
      metadata: origin,
    }),
  });
}
