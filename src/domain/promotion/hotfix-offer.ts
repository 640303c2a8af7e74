import type { Promotion } from './promotion.ts';

/**
 * Whether a promotion can be mended by a hotfix now, instead of a rollback. `critical`: production is in so much trouble
 * that it has to be rolled back first, where there is something to go back to. `not-asked`: nothing is wrong.
 */
export function hotfixOffer({ state, data }: Promotion): 'offered' | 'critical' | 'not-asked' | 'over' {
  if (state !== 'monitoring') return 'over';
  // As long as others still get the release before, people go back to it.
  if (data.stage !== undefined) return 'not-asked';
  const isCritical = data.monitor?.judgement.verdict === 'critical';
  if (isCritical && data.plan?.rollbackTo) return 'critical';
  return data.decision === 'warning' || data.monitor?.hotfix !== undefined ? 'offered' : 'not-asked';
}
