import type { ActionsBlock, Button } from '@slack/types';
import { holdups } from '../../domain/policy/override.ts';
import { undecided } from '../../domain/promotion/asking/undecided.ts';
import { hotfixOffer } from '../../domain/promotion/hotfix-offer.ts';
import { type Approval, mayStillSayNo, type Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { type ButtonPlace, type ButtonValue, promotionValue } from '../kit/button-value.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { buttons, plain } from '../kit/rich-text.ts';
import { BUTTON_KINDS, type ButtonKind, type CardAction, type LabelOptions } from './button-kinds.ts';
import { missingApprovals } from './people.ts';
import { rollbackTarget } from './plan.ts';

/** The row of buttons of a card; null when there is nothing to press. */
export function buttonRow(promotion: Promotion, approvals: readonly Approval[]): ActionsBlock | null {
  const isGiven = approvals.some((vote) => vote.valid && vote.decision === 'approve');
  const kinds = actionsFor(promotion).flatMap((kind) =>
    kind === ACTION.decline && isGiven ? [kind, ACTION.withdraw] : [kind],
  );
  if (kinds.length === 0) return null;
  const missing = missingApprovals(promotion, approvals);
  return buttons(kinds.map((kind) => button(kind, promotion, { missing })));
}

/** One button of a promotion, with its confirm dialog where a click has consequences. */
export function button(
  action: CardAction,
  promotion: Promotion,
  options: LabelOptions & { readonly via?: ButtonPlace } = {},
): Button {
  const kind: ButtonKind = BUTTON_KINDS[action];
  const more: ButtonValue = {
    ...kind.value?.(promotion),
    ...(options.to === undefined ? {} : { to: options.to.version.slice(0, 100), commit: options.to.commit }),
    via: options.via ?? 'card',
  };
  return {
    type: 'button',
    action_id: actionId(action, kind.meaning?.(promotion)),
    text: plain(kind.label(promotion, options), LIMITS.buttonText),
    value: promotionValue(promotion, more),
    ...given({ style: kind.style?.(promotion), confirm: kind.confirm?.(promotion) }),
  };
}

/** What people may do now, most wanted first; everything else would be refused. */
export function actionsFor(promotion: Promotion): readonly CardAction[] {
  const details: readonly CardAction[] = promotion.data.plan || promotion.data.gates ? [ACTION.details] : [];
  const isOwing = promotion.data.overrides?.some((one) => one.acknowledged === undefined) ?? false;
  return [...decisionsFor(promotion), ...(isOwing ? [ACTION.acknowledge] : []), ...details];
}

function decisionsFor(promotion: Promotion): readonly CardAction[] {
  const { decision, monitor } = promotion.data;
  if (promotion.data.stoppable !== undefined) return [ACTION.stop];
  const rollback: readonly CardAction[] = rollbackTarget(promotion) ? [ACTION.rollback] : [];
  const take: readonly CardAction[] = isUntaken(promotion) ? [ACTION.take] : [];
  switch (promotion.state) {
    case 'checking':
      return [ACTION.cancel];
    case 'blocked': {
      const overrides = isOverridable(promotion) ? [ACTION.breakGlass] : [];
      return decision === 'lower-bump'
        ? [ACTION.confirmLowerBump, ACTION.chooseBump, ACTION.recheck, ACTION.cancel]
        : [...take, ACTION.recheck, ...overrides, ACTION.chooseBump, ACTION.cancel];
    }
    case 'awaiting-approval':
      return [ACTION.approve, ACTION.decline, ACTION.chooseBump, ACTION.recheck, ACTION.cancel];
    case 'releasing': {
      const decline: readonly CardAction[] = mayStillSayNo(promotion) ? [ACTION.decline] : [];
      const retry = decision === 'retry-release' ? [...take, ACTION.retryDeploy] : [];
      return [...retry, ...decline, ACTION.cancel];
    }
    case 'deploying':
      if (promotion.data.retrying) return [ACTION.cancel];
      return decision === 'retry-deploy'
        ? [...take, ACTION.retryDeploy, ...rollback, ACTION.cancel]
        : rollback;
    case 'verifying':
      return decision === 'unhealthy' ? [...take, ...rollback, ACTION.retryDeploy, ACTION.accept] : rollback;
    case 'monitoring': {
      const mayGoOn = promotion.data.stage !== undefined;
      const settle = mayGoOn || decision === 'unproven' || decision === 'warning' ? [ACTION.accept] : [];
      const mend = hotfixOffer(promotion) === 'offered' ? [ACTION.hotfix] : [];
      const hold = monitor?.held ? ACTION.releaseHold : ACTION.hold;
      return [...take, ...rollback, ...mend, ...settle, ACTION.extend, hold];
    }
    case 'rolling-back':
      return decision === 'retry-deploy' ? [...take, ACTION.retryDeploy, ACTION.accept] : [];
    case 'shipped':
      return promotion.data.superseded ? [] : rollback;
    case 'rolled-back':
      return promotion.data.unlocked ? [] : [ACTION.unlock];
    case 'failed':
      return [...(promotion.data.deployment && !promotion.data.superseded ? rollback : []), ACTION.start];
    case 'cancelled':
    case 'expired':
      return [ACTION.start];
  }
}

/** There is an alarm, or something that failed, that nobody looks after. */
export function isUntaken(promotion: Promotion): boolean {
  const waits =
    promotion.state === 'monitoring' ? promotion.data.monitor?.alarm : (undecided(promotion) ?? undefined);
  return waits !== undefined && waits.taken === undefined;
}

/** Nothing holds it up but what people may override. */
function isOverridable({ data }: Promotion): boolean {
  const { breakable, firm } = holdups(data.gates ?? []);
  return breakable.length > 0 && firm.length === 0;
}
