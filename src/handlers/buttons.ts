import type { App, BlockAction, ButtonAction, RespondFn } from '@slack/bolt';
import { inLine } from '../blocks/answers.ts';
import { details } from '../blocks/details.ts';
import { bumpForm, declineForm } from '../blocks/forms.ts';
import { ACTION, type Action, actionOf, type ButtonValue, decodeValue, sameDigest } from '../blocks/ids.ts';
import { unlocked } from '../blocks/lists.ts';
import type { Message } from '../blocks/rich.ts';
import type { Promotion } from '../domain/promotion.ts';
import { Refusal } from '../domain/refusal.ts';
import { unlockService } from '../flows/requests/locks.ts';
import type { Caller } from '../flows/requests/office.ts';
import { requestRollback } from '../flows/requests/roll-back.ts';
import { joinLine } from '../flows/requests/start.ts';
import { steer } from '../flows/requests/steer.ts';
import { vote, withdrawVote } from '../flows/requests/vote.ts';
import { openStartForm, planFor, startFor } from './command.ts';
import { answerIn, type HandlerContext } from './context.ts';
import { guarded } from './guard.ts';
import { publishHome } from './overview.ts';

/** One click: who, what the button carried, and where it was. */
interface Click {
  readonly context: HandlerContext;
  readonly caller: Caller;
  readonly value: ButtonValue;
  readonly trigger: string;
}

type Handler = (click: Click) => Promise<Message | null | void>;

const HANDLERS: Readonly<Record<Action, Handler>> = {
  [ACTION.approve]: async (click) => {
    const promotion = await promotionOf(click);
    if (!sameDigest(click.value.digest, promotion.digest)) throw staleOf(promotion);
    const digest = promotion.digest ?? '';
    await vote(click.context.office, click.caller, promotion.id, { decision: 'approve', digest });
  },
  [ACTION.decline]: async (click) => {
    const promotion = await promotionOf(click);
    if (!sameDigest(click.value.digest, promotion.digest)) throw staleOf(promotion);
    await openView(click, declineForm(promotion));
  },
  [ACTION.withdraw]: async (click) => {
    await withdrawVote(click.context.office, click.caller, idOf(click));
  },
  [ACTION.recheck]: (click) => steering(click, { kind: 'recheck' }),
  [ACTION.cancel]: (click) => steering(click, { kind: 'cancel', reason: 'Cancelled from the card.' }),
  [ACTION.confirmLowerBump]: (click) =>
    steering(click, { kind: 'bump', bump: click.value.bump ?? 'auto', lowerConfirmed: true }),
  [ACTION.chooseBump]: async (click) => openView(click, bumpForm(await promotionOf(click))),
  [ACTION.retryDeploy]: (click) => steering(click, { kind: 'retry' }),
  [ACTION.rollback]: async (click) => {
    const reason = click.value.via === 'thread' ? 'Asked for in the thread.' : 'Asked for on the card.';
    await requestRollback(click.context.office, click.caller, idOf(click), { reason });
  },
  [ACTION.extend]: (click) => steering(click, { kind: 'extend', ms: click.value.ms ?? 15 * 60_000 }),
  [ACTION.hold]: (click) => steering(click, { kind: 'hold' }),
  [ACTION.releaseHold]: (click) => steering(click, { kind: 'release-hold' }),
  [ACTION.accept]: (click) => steering(click, { kind: 'accept' }),
  [ACTION.start]: (click) => startFor(click.context, click.caller, wishOf(click)),
  [ACTION.plan]: (click) => planFor(click.context, click.caller, wishOf(click)),
  [ACTION.details]: async (click) => {
    const promotion = await promotionOf(click);
    const service = click.context.serviceView(promotion.service);
    if (!service) throw new Refusal('button-unknown');
    const approvals = await click.context.office.ledger.approvals(promotion.id);
    await openView(click, details({ promotion, approvals, service }));
  },
  [ACTION.joinLine]: async (click) => {
    const service = serviceOf(click);
    return inLine(service, await joinLine(click.context.office, click.caller, service));
  },
  [ACTION.unlock]: async (click) => {
    const service = serviceOf(click);
    await unlockService(click.context.office, click.caller, service);
    if (click.value.via === 'home') await publishHome(click.context, click.caller.user);
    return unlocked(service);
  },
  [ACTION.openThread]: async () => null,
  [ACTION.openForm]: (click) => openStartForm(click.context, click.trigger, {}),
  [ACTION.dismiss]: async () => null,
};

/** All buttons. A click that no version of Slipway made, or an older one, is acknowledged and answered too. */
export function onButtons(app: App, context: HandlerContext): void {
  app.action({ type: 'block_actions', action_id: /.*/ }, async ({ ack, body, action, respond }) => {
    // Selects are the forms' own business.
    if (action.type !== 'button') return;
    await ack();
    const kind = actionOf(action.action_id);
    await clicked(context, { body, action, respond }, kind);
  });
}

interface ButtonEvent {
  readonly body: BlockAction;
  readonly action: ButtonAction;
  readonly respond: RespondFn;
}

async function clicked(context: HandlerContext, event: ButtonEvent, kind: Action | null): Promise<void> {
  const { body, action: element, respond } = event;
  const channel = body.channel?.id;
  const ts = body.message?.ts;
  const root = body.message?.['thread_ts'] as string | undefined;
  // A card heads its own thread; an answer in there would not be seen by who clicked in the channel.
  const thread = root === ts ? undefined : root;
  const caller: Caller = {
    user: body.user.id,
    via: 'button',
    key: `${element.action_ts}:${body.user.id}:${element.action_id}`,
    ...(channel === undefined ? {} : { channel }),
    ...(ts === undefined ? {} : { ts }),
  };
  await guarded(context.log, answerIn(context, { user: body.user.id, channel, thread }), async () => {
    const needsNothing = kind === ACTION.dismiss || kind === ACTION.openThread || kind === ACTION.openForm;
    const value = decodeValue(element.value) ?? (needsNothing ? {} : null);
    if (kind === null || value === null) throw new Refusal('button-unknown');
    const message = await HANDLERS[kind]({ context, caller, value, trigger: body.trigger_id });
    const wasOnlyVisibleToThem = body.container['is_ephemeral'] === true;
    if (wasOnlyVisibleToThem && kind !== ACTION.openThread) await respond({ delete_original: true });
    return message;
  });
}

async function steering({ context, caller, value }: Click, wish: Parameters<typeof steer>[3]): Promise<void> {
  if (value.promotion === undefined) throw new Refusal('button-unknown');
  await steer(context.office, caller, value.promotion, wish);
}

function openView(
  { context, trigger }: Click,
  view: Parameters<HandlerContext['client']['views']['open']>[0]['view'],
): Promise<void> {
  return context.client.views.open({ trigger_id: trigger, view }).then(() => undefined);
}

function idOf({ value }: Click): string {
  if (value.promotion === undefined) throw new Refusal('button-unknown');
  return value.promotion;
}

function promotionOf(click: Click): Promise<Promotion> {
  return click.context.office.ledger.get(idOf(click));
}

function serviceOf({ value }: Click): string {
  if (value.service === undefined) throw new Refusal('button-unknown');
  return value.service;
}

function wishOf(click: Click) {
  const { feature, bump } = click.value;
  return {
    service: serviceOf(click),
    bump: bump ?? ('auto' as const),
    ...(feature === undefined ? {} : { feature }),
  };
}

/** The card that was clicked showed another plan, or none is up for approval any more. */
function staleOf({ service, state }: Promotion): Refusal {
  return state === 'awaiting-approval'
    ? new Refusal('digest-changed')
    : new Refusal('promotion-moved-on', { service, state });
}
