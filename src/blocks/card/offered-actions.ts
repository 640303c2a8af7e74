import { holdups } from '../../domain/policy/override.ts';
import { hotfixOffer } from '../../domain/promotion/hotfix-offer.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { ACTION } from '../kit/ids.ts';
import type { CardAction } from './button-kinds.ts';
import { rollbackTarget } from './plan.ts';

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
  switch (promotion.state) {
    case 'checking':
      return [ACTION.cancel];
    case 'blocked': {
      const overrides = isOverridable(promotion) ? [ACTION.breakGlass] : [];
      return decision === 'lower-bump'
        ? [ACTION.confirmLowerBump, ACTION.chooseBump, ACTION.recheck, ACTION.cancel]
        : [ACTION.recheck, ...overrides, ACTION.chooseBump, ACTION.cancel];
    }
    case 'awaiting-approval':
      return [ACTION.approve, ACTION.decline, ACTION.chooseBump, ACTION.recheck, ACTION.cancel];
    case 'releasing':
      return decision === 'retry-release' ? [ACTION.retryDeploy, ACTION.cancel] : [ACTION.cancel];
    case 'deploying':
      return decision === 'retry-deploy' ? [ACTION.retryDeploy, ...rollback, ACTION.cancel] : rollback;
    case 'verifying':
      return decision === 'unhealthy' ? [...rollback, ACTION.retryDeploy, ACTION.accept] : rollback;
    case 'monitoring': {
      const settle = decision === 'unproven' || decision === 'warning' ? [ACTION.accept] : [];
      const mend = hotfixOffer(promotion) === 'offered' ? [ACTION.hotfix] : [];
      const hold = monitor?.held ? ACTION.releaseHold : ACTION.hold;
      const take = isUntaken(promotion) ? [ACTION.take] : [];
      return [...take, ...rollback, ...mend, ...settle, ACTION.extend, hold];
    }
    case 'rolling-back':
      return decision === 'retry-deploy' ? [ACTION.retryDeploy, ACTION.accept] : [];
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

/** There is an alarm that nobody looks after. */
export function isUntaken({ state, data }: Promotion): boolean {
  const { alarm } = data.monitor ?? {};
  return state === 'monitoring' && alarm !== undefined && alarm.taken === undefined;
}

/** Nothing holds it up but what people may override. */
function isOverridable({ data }: Promotion): boolean {
  const { breakable, firm } = holdups(data.gates ?? []);
  return breakable.length > 0 && firm.length === 0;
}
