import type { Promotion } from '../../domain/promotion/promotion.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import { STATE } from '../kit/labels.ts';
import type { CardView } from '../kit/views.ts';
import { missingApprovals } from './people.ts';
import { versionStep } from './plan.ts';

/** One sentence: service, version, state. Raw text. */
export function summary({ promotion, approvals }: Pick<CardView, 'promotion' | 'approvals'>): string {
  return `${title(promotion)}: ${stateWords({ promotion, approvals })}`;
}

/** Service and version, for a heading. Raw text. */
export function title(promotion: Promotion): string {
  const { plan, release, overrides = [] } = promotion.data;
  const sign = overrides.length > 0 ? '🚨 ' : '';
  if (plan) return `${sign}${promotion.service} ${versionStep(plan)}`;
  return `${sign}${promotion.service} ${release ? release.version : 'to production'}`;
}

/** What state it is in, or what people have to decide. Raw text. */
export function stateWords({ promotion, approvals }: Pick<CardView, 'promotion' | 'approvals'>): string {
  const asked = decisionWords(promotion);
  if (asked) return asked;
  const { sign, words: state } = STATE[promotion.state];
  const missing = missingApprovals(promotion, approvals);
  const { stage } = promotion.data;
  if (promotion.state === 'monitoring' && stage)
    return `${sign} Watching ${shareInWords(stage.share)} of the requests`;
  if (promotion.state === 'awaiting-approval' && missing) return `${sign} ${state} (${missing} missing)`;
  return `${sign} ${state}`;
}

/** What people have to decide, which is said instead of the state; null when there is nothing to decide. */
function decisionWords({ state, data }: Promotion): string | null {
  switch (data.decision) {
    case 'lower-bump':
      return '⚠️ The chosen version is lower than the commits ask for';
    case 'retry-release':
      return '❌ The release is half done';
    case 'retry-deploy':
      return state === 'rolling-back' ? '❌ The rollback failed' : '❌ The deploy failed';
    case 'unhealthy':
      return '❌ Production is not healthy: roll back, or accept it';
    case 'warning':
      return data.monitor?.judgement.verdict === 'critical'
        ? '🔴 Production is in trouble: roll back, or accept it'
        : '🟠 Production looks worse: roll back, or accept it';
    case 'unproven':
      return '⚪ The window is over and production is not proven healthy';
    default:
      return null;
  }
}
