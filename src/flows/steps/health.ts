import {
  healthChecked,
  unhealthy,
  unhealthyAccepted,
  verifying,
} from '../../domain/promotion/events/proof.ts';
import { rollbackStopped } from '../../domain/promotion/events/rolling-back.ts';
import { healthVerdict } from '../../domain/promotion/health.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import { runChecks } from '../checks/run-checks.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { ownRollback, stoppedInTime } from '../watch/own-rollback.ts';

/** How often an unhealthy production that nobody decides about is checked again, and people are told, in ms. */
const LOOK_AGAIN_MS = 30 * 60_000;

/** Step 5: health after the deploy; the order to roll back when it is not good enough. */
export async function proveHealthy(run: PromotionRun, release: Release): Promise<RollbackOrder | null> {
  const { service, checks, clock } = run.ports;
  let isStopped = false;
  for (;;) {
    await run.record(verifying);
    const results = await run.step('health', () =>
      runChecks(checks, service.checkTiming, release, clock, (result) =>
        run.detail('health', `${result.name}: ${result.detail}`),
      ),
    );
    const isCritical = healthVerdict(results) === 'critical';
    const asks = isCritical && (isStopped || service.policy.automaticRollback === 'never');
    const own = await run.recordFrom('verified', async () => {
      const isOwn = isCritical && !asks;
      const rollsBack = await ownRollback(run.ports, run.id, isOwn ? (service.stopWithinMs ?? 0) : 0);
      return { event: healthChecked(results, asks, rollsBack), answer: rollsBack ?? null };
    });
    if (!isCritical) return null;
    if (!asks) {
      const stopped = own ? await stoppedInTime(run, service.stopWithinMs ?? 0) : null;
      if (stopped?.kind === 'rollback') return stopped;
      if (stopped === null)
        return { by: null, reason: `health checks failed (${unhealthy(results).join('; ')})` };
      isStopped = true;
      await run.record(rollbackStopped(stopped.by, 'unhealthy'));
    }

    // A policy of never means never: without a person nothing is rolled back, however long it takes.
    const answer = await run.inbox.next(['rollback', 'accept', 'retry'], LOOK_AGAIN_MS);
    if (answer === null || answer.kind === 'retry') continue;
    if (answer.kind === 'rollback') return answer;
    await run.record(unhealthyAccepted(answer.by, results));
    return null;
  }
}
