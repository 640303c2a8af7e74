import { EVERYTHING, type Lock } from '../../../domain/policy/lock.ts';
import { liveVersion } from '../../../domain/promotion/plan.ts';
import type { Promotion } from '../../../domain/promotion/promotion.ts';
import type { DoraFigures } from '../../../domain/statistics/dora.ts';
import type { ApiFigures, ApiPromotion, ApiService } from './shapes.ts';

const time = (ms: number) => new Date(ms).toISOString();

export function promotionView({
  id,
  service,
  state,
  request,
  createdAt,
  updatedAt,
  data,
}: Promotion): ApiPromotion {
  const { plan, release, rollback, before, notice, stage } = data;
  return {
    id,
    service,
    state,
    version: release?.version ?? plan?.version.next ?? null,
    previous: before?.version ?? (plan ? liveVersion(plan) : null),
    commit: release?.commit ?? null,
    share: stage?.share ?? null,
    by: request.by,
    token: request.token ?? null,
    why: notice?.text ?? null,
    began: time(createdAt),
    changed: time(updatedAt),
    rollback: rollback ? { to: rollback.to.version, by: rollback.by, began: time(rollback.startedAt) } : null,
  };
}

export function lockView(lock: Lock | undefined): ApiService['lock'] {
  if (lock === undefined) return null;
  const { service, owner, reason, since, until } = lock;
  const end = until === undefined ? null : time(until);
  return { owner, reason, since: time(since), until: end, everything: service === EVERYTHING };
}

export function figuresView(figures: DoraFigures): ApiFigures {
  const { service, fromMs, toMs, deployments, perWeek, leadTime, failed, failureRate, restore, reworkRate } =
    figures;
  return {
    service,
    from: time(fromMs),
    to: time(toMs),
    deployments,
    perWeek,
    leadTimeMs: leadTime?.medianMs ?? null,
    failed,
    failureRate,
    restoreMs: restore?.medianMs ?? null,
    reworkRate,
  };
}
