import type { App } from '@slack/bolt';
import { details } from '../blocks/card/details.ts';
import { ASKED_FOR } from '../blocks/card/monitor.ts';
import { type ButtonValue, EXTENSION_MS, sameDigest } from '../blocks/kit/button-value.ts';
import { ACTION, type Action, actionOf, FIELD } from '../blocks/kit/ids.ts';
import { declineForm } from '../blocks/modals/reason-forms.ts';
import { bumpForm } from '../blocks/modals/start-form.ts';
import { auditTrail } from '../blocks/replies/audit-trail.ts';
import { inQueue } from '../blocks/replies/start.ts';
import type { Promotion } from '../domain/promotion/promotion.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { given } from '../domain/text/given.ts';
import { auditTrailFor } from '../flows/requests/audit-trail.ts';
import { acknowledgeDebt } from '../flows/requests/break-glass.ts';
import { requestRollback } from '../flows/requests/roll-back.ts';
import { joinQueue } from '../flows/requests/start.ts';
import { maySteer, type Steering, steer } from '../flows/requests/steer.ts';
import { mayVote, vote, withdrawVote } from '../flows/requests/vote.ts';
import { snoozeOffer } from '../flows/schedule/habits.ts';
import { openStartForm, planFor, startFor } from './command.ts';
import { pressCancelPlanned } from './habits/schedule.ts';
import { pressSubscribe, pressUnsubscribe } from './habits/subscribe.ts';
import { openHotfixForm } from './hotfix.ts';
import { pressUnlock } from './locks.ts';
import { openOverrideForm } from './overrides.ts';
import {
  type Click,
  type ClickHandler,
  carried,
  clicked,
  openView,
  startRequestOf,
} from './support/click.ts';
import type { HandlerContext } from './support/context.ts';
import { linkingOther } from './support/other-thread.ts';
import { adoptFor, validateFor } from './vouch.ts';

const HANDLERS: Readonly<Record<Action, ClickHandler>> = {
  [ACTION.approve]: async (click) => {
    const promotion = await promotionAsSeen(click);
    const digest = promotion.digest ?? '';
    await vote(click.context.requests, click.caller, promotion.id, { decision: 'approve', digest });
  },
  [ACTION.decline]: async (click) => {
    const promotion = await promotionAsSeen(click);
    await mayVote(click.context.requests, click.caller, promotion);
    await openView(click, declineForm(promotion));
  },
  [ACTION.withdraw]: async (click) => {
    await withdrawVote(click.context.requests, click.caller, carried(click.value.promotion));
  },
  [ACTION.recheck]: (click) => steerBy(click, { kind: 'recheck' }),
  [ACTION.cancel]: (click) => steerBy(click, { kind: 'cancel', reason: '' }),
  [ACTION.cancelPlanned]: pressCancelPlanned,
  [ACTION.confirmLowerBump]: (click) =>
    steerBy(click, { kind: 'bump', bump: click.value.bump ?? 'auto', lowerConfirmed: true }),
  [ACTION.chooseBump]: async (click) => {
    const promotion = await promotionOf(click);
    const wish = { kind: 'bump', bump: 'auto', lowerConfirmed: false } as const;
    await maySteer(click.context.requests, click.caller, promotion, wish);
    await openView(click, bumpForm(promotion));
  },
  [ACTION.retryDeploy]: (click) => steerBy(click, { kind: 'retry' }),
  [ACTION.rollback]: async (click) => {
    const { via, to, commit } = click.value;
    const promotion = await promotionOf(click);
    const request = { reason: reasonToRollBack(promotion, via), ...given({ to, commit }) };
    await linkingOther(click.context, () =>
      requestRollback(click.context.requests, click.caller, promotion.id, request),
    );
  },
  [ACTION.extend]: (click) => steerBy(click, { kind: 'extend', ms: click.value.ms ?? EXTENSION_MS }),
  [ACTION.hold]: (click) => steerBy(click, { kind: 'hold' }),
  [ACTION.releaseHold]: (click) => steerBy(click, { kind: 'release-hold' }),
  [ACTION.accept]: (click) => steerBy(click, { kind: 'accept' }),
  [ACTION.hotfix]: openHotfixForm,
  [ACTION.stop]: (click) => steerBy(click, { kind: 'stop' }),
  [ACTION.take]: (click) => steerBy(click, { kind: 'take' }),
  [ACTION.start]: (click) => startFor(click.context, click.caller, startRequestOf(click.value)),
  [ACTION.snooze]: async ({ context, caller, value }) => {
    await snoozeOffer(context.requests, caller, carried(value.service), value.ms);
    // The message itself says until when.
    await context.prompts.look();
  },
  [ACTION.subscribe]: pressSubscribe,
  [ACTION.unsubscribe]: pressUnsubscribe,
  [ACTION.plan]: (click) => planFor(click.context, click.caller, startRequestOf(click.value)),
  [ACTION.details]: async (click) => {
    const promotion = await promotionOf(click);
    const service = carried(click.context.serviceView(promotion.service));
    const approvals = await click.context.requests.ledger.approvals(promotion.id);
    await openView(click, details({ promotion, approvals, service }));
  },
  [ACTION.joinQueue]: async (click) => {
    const { service, ...request } = startRequestOf(click.value);
    return inQueue(service, await joinQueue(click.context.requests, click.caller, service, request));
  },
  [ACTION.auditTrail]: async ({ context, caller, value: { service } }) =>
    auditTrail(await auditTrailFor(context.requests, caller, service), service),
  [ACTION.unlock]: pressUnlock,
  [ACTION.breakGlass]: openOverrideForm,
  [ACTION.acknowledge]: async ({ context, caller, value }) => {
    await acknowledgeDebt(context.requests, caller, carried(value.promotion));
  },
  [ACTION.adopt]: adoptFor,
  [ACTION.validate]: validateFor,
  [ACTION.openThread]: async () => null,
  [ACTION.openForm]: (click) => openStartForm(click.context, click.caller, {}),
  [ACTION.dismiss]: async () => null,
};

/** All buttons. A click on one that this version does not know is acknowledged and answered too. */
export function onButtons(app: App, context: HandlerContext): void {
  app.action({ type: 'block_actions', action_id: /.*/ }, async ({ ack, body, action, respond }) => {
    if (action.type !== 'button') {
      // The only select that tells us when it is used has a handler of its own, which acknowledges it.
      if (action.action_id !== FIELD.service) await ack();
      return;
    }
    await ack();
    const kind = actionOf(action.action_id);
    await clicked(
      context,
      { body, action, respond },
      kind === null ? null : { kind, handle: HANDLERS[kind] },
    );
  });
}

async function steerBy({ context, caller, value }: Click, request: Steering): Promise<void> {
  const { promotion, turn, window } = value;
  await steer(context.requests, caller, carried(promotion), request, { turn, window });
}

function promotionOf(click: Click): Promise<Promotion> {
  return click.context.requests.ledger.get(carried(click.value.promotion));
}

/**
 * The promotion, when the card showed its present plan. Refusals: `digest-changed`, and `promotion-moved-on` when no
 * approvals are asked for any more.
 */
async function promotionAsSeen(click: Click): Promise<Promotion> {
  const promotion = await promotionOf(click);
  const { service, state, digest } = promotion;
  if (sameDigest(click.value.digest, digest)) return promotion;
  throw state === 'awaiting-approval'
    ? new Refusal('digest-changed')
    : new Refusal('promotion-moved-on', { service, state });
}

/** The reason that is recorded: what the watch found against the release, else where the rollback was asked for. */
function reasonToRollBack({ state, data }: Promotion, via: ButtonValue['via']): string {
  const judgement = state === 'monitoring' ? data.monitor?.judgement : undefined;
  const isBad = judgement?.verdict === 'critical' || judgement?.verdict === 'warning';
  const worst = isBad ? judgement.findings.find(({ verdict }) => verdict === judgement.verdict) : undefined;
  if (worst) return `${worst.metric}: ${worst.reason}`;
  return ASKED_FOR[via === 'thread' || via === 'command' ? via : 'card'];
}
