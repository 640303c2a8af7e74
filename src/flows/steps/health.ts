import {
  healthChecked,
  unhealthy,
  unhealthyAccepted,
  verifying,
} from '../../domain/promotion/events/proof.ts';
import { rollbackStopped } from '../../domain/promotion/events/rolling-back.ts';
import { type HealthResult, healthVerdict } from '../../domain/promotion/health.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { checksFor, runChecks } from '../watch/checks.ts';
import { ownRollback, stoppedInTime } from '../watch/own-rollback.ts';

/** How often an unhealthy production that nobody decides about is checked again, and people are told, in ms. */
const LOOK_AGAIN_MS = 30 * 60_000;

/**
 * Step 5: health after the deploy; the order to roll back when it is not good enough. Where there is nothing to return to,
 * people decide, whatever the policy. `hasAll`: whether the release has all requests by now.
 */
export async function proveHealthy(
  run: PromotionRun,
  release: Release,
  hasAll = true,
): Promise<RollbackOrder | null> {
  const { service, checks, clock } = run.ports;
  let isStopped = false;
  let again: Parameters<typeof verifying>[0] = null;
  for (;;) {
    await run.record(verifying(again));
    const results = await run.step('health', () =>
      runChecks(checksFor(checks, hasAll), service.checkTiming, release, clock, (result) =>
        run.detail('health', `${result.name}: ${result.detail}`),
      ),
    );
    const isCritical = healthVerdict(results) === 'critical';
    const isPeoples = isStopped || service.policy.automaticRollback === 'never';
    const own = await run.recordFrom('verified', async () => {
      const { health: before = [], plan } = (await run.ports.ledger.get(run.id)).data;
      const asks = isCritical && (isPeoples || !plan?.rollbackTo);
      const isOwn = isCritical && !asks;
      const rollsBack = await ownRollback(run.ports, run.id, isOwn ? service.stopWithinMs : undefined);
      const isTold = again === 'by-itself' && asks && isSame(before, results);
      return {
        event: healthChecked(results, asks, { isTold, ...(rollsBack ? { rollsBack } : {}) }),
        answer: asks ? 'asks' : (rollsBack ?? null),
      };
    });
    if (!isCritical) return null;
    // Journals of earlier versions do not say that people are asked.
    if (!isPeoples && own !== 'asks') {
      const stopped = own ? await stoppedInTime(run, service.stopWithinMs) : null;
      if (stopped?.kind === 'rollback') return stopped;
      if (stopped === null)
        return { by: null, reason: `health checks failed (${unhealthy(results).join('; ')})` };
      isStopped = true;
      await run.record(rollbackStopped(stopped.by, 'unhealthy'));
    }

    // A policy of never means never: without a person nothing is rolled back, however long it takes.
    const answer = await run.inbox.next(['rollback', 'accept', 'retry'], LOOK_AGAIN_MS);
    again = answer === null ? 'by-itself' : 'by-person';
    if (answer === null || answer.kind === 'retry') continue;
    if (answer.kind === 'rollback') return answer;
    await run.record(unhealthyAccepted(answer.by, results));
    return null;
  }
}

/** Whether the same checks failed, and the same could not be asked. */
function isSame(before: readonly HealthResult[], now: readonly HealthResult[]): boolean {
  const failed = (results: readonly HealthResult[]) =>
    results.flatMap(({ ok, name, unasked }) => (ok ? [] : [`${name}${unasked ? ' ?' : ''}`])).join('\n');
  return failed(before) === failed(now);
}
