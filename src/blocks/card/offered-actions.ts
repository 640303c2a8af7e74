import { holdups } from '../../domain/policy/override.ts';
import { undecided } from '../../domain/promotion/asking/undecided.ts';
import { hotfixOffer } from '../../domain/promotion/hotfix-offer.ts';
import { mayStillSayNo, type Promotion } from '../../domain/promotion/promotion.ts';
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
  const take: readonly CardAction[] = isUntaken(promotion) ? [ACTION.take] : [];
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
    case 'releasing': {
      const decline: readonly CardAction[] = mayStillSayNo(promotion) ? [ACTION.decline] : [];
      const retry = decision === 'retry-release' ? [...take, ACTION.retryDeploy] : [];
      return [...retry, ...decline, ACTION.cancel];
    }
    case 'deploying':
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
