import { unhealthy } from '../../domain/promotion/events/proof.ts';
import {
  nameOf,
  rollbackBegan,
  rollbackFailed,
  rollbackGivenUp,
  rollbackImpossible,
  rollbackRetried,
  rolledBack,
} from '../../domain/promotion/events/rolling-back.ts';
import { healthVerdict } from '../../domain/promotion/health.ts';
import type { PromotionState, RollbackOrder } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import { runChecks } from '../checks/run-checks.ts';
import { publishNotes } from '../documents/release-page.ts';
import type { Run } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import { PromotionRun } from '../run/promotion-run.ts';
import { type DeployOutcome, runDeployment } from '../steps/run-deployment.ts';
import { supersedeOthers } from '../steps/supersede-cards.ts';
import { whatIsLive } from '../watch/ask-live.ts';
import { writeIncident } from './incident.ts';
import { liveBefore } from './live-before.ts';
import { lockAfterRollback } from './lock-service.ts';
import { removeTag } from './remove-tag.ts';
import { targetOf } from './rollback-target.ts';

/** How often a failing rollback is tried by itself before people are asked. */
const TRIES = 2;
const DECISION_TIMEOUT_MS = 24 * 3_600_000;

/** The rollback of a promotion whose own run has ended. */
export async function rollback(
  journal: Run,
  ports: Ports,
  promotionId: string,
  order: RollbackOrder,
): Promise<PromotionState> {
  return rollBack(new PromotionRun(journal, ports, promotionId), order);
}

/**
 * Redeploys the release that was live before (or the one asked for), proves it healthy, locks the service and writes
 * the incident. Never rolls back a rollback: when it fails twice, people decide.
 */
export async function rollBack(run: PromotionRun, order: RollbackOrder): Promise<PromotionState> {
  const { ports, id } = run;
  const target = await run.patiently('rollback-target', () => targetOf(ports, id, order));
  if (target.kind === 'none') {
    await run.recordFrom('rollback-impossible', async () => ({
      event: rollbackImpossible(order.by, target.reason, await productionNow(run, null)),
      answer: null,
    }));
    return 'failed';
  }
  const to = target.release;
  await run.step('rollback-lock', () => lockAfterRollback(ports, id, order));
  const at = await run.journal.now();
  await run.record(rollbackBegan({ to, order, before: target.before, run: run.journal.id, at }));

  const isBack = await redeployUntilDone(run, to);
  if (!isBack) return 'failed';

  const incident = await writeIncident(run);
  await publishNotes(run, { kind: 'rolled-back', to: nameOf(to) });
  const deletes = ports.service.policy.rollbackTag === 'delete';
  const tagStays = deletes ? await run.patiently('rollback-tag', () => removeTag(ports, id)) : null;
  const record = await run.step('rollback-end', async () => {
    await supersedeOthers(ports, id, to, 'rolled-back');
    return (await ports.ledger.get(id)).data.rollback ?? null;
  });
  const { notUndone } = ports.target;
  await run.record(rolledBack({ to, by: order.by, record, incident, tagStays, notUndone }));
  return 'rolled-back';
}

/** Tries again by itself, then as often as people ask for it; false when it was given up. */
async function redeployUntilDone(run: PromotionRun, to: Release): Promise<boolean> {
  for (;;) {
    const attempt = run.count('rollback');
    const outcome = await redeploy(run, to, attempt);
    if (outcome.kind === 'deployed') return true;
    if (attempt < TRIES) continue;
    const failed =
      outcome.kind === 'stopped' ? { reason: `stopped by a person: ${outcome.reason}` } : outcome;
    await run.inbox.forget(['retry', 'accept']);
    const production = () => productionNow(run, to);
    await run.recordFrom('rollback-failed', async () => ({
      event: rollbackFailed(to, failed, attempt, await production()),
      answer: null,
    }));
    const answer = await run.inbox.next(['retry', 'accept'], DECISION_TIMEOUT_MS);
    if (answer?.kind !== 'retry') {
      await run.recordFrom('rollback-given-up', async () => ({
        event: rollbackGivenUp(answer?.by ?? null, failed.reason, await production()),
        answer: null,
      }));
      return false;
    }
    await run.record(rollbackRetried);
  }
}

async function productionNow(run: PromotionRun, to: Release | null): Promise<string> {
  const { release } = (await run.ports.ledger.get(run.id)).data;
  return whatIsLive(run, [to, release ?? null]);
}

/** Deploys the release and proves it healthy. */
async function redeploy(run: PromotionRun, release: Release, attempt: number): Promise<DeployOutcome> {
  const { ports, id } = run;
  const { service, ledger, clock } = ports;
  const from = await liveBefore(run, attempt);
  const order = { kind: 'rollback', service: service.name, release, from } as const;
  const outcome = await runDeployment(run, `rollback-${attempt}`, 'rollback', order);
  if (outcome.kind !== 'deployed') return outcome;

  const health = await run.step('rollback-health', async () => {
    const results = await runChecks(ports.checks, service.checkTiming, release, clock, (result) =>
      run.detail('rollback', `${result.name}: ${result.detail}`),
    );
    const { rollback: record } = (await ledger.get(id)).data;
    const proven = healthVerdict(results) === 'critical' ? {} : { finishedAt: clock.now() };
    if (record) {
      await run.show({
        rollback: { ...record, deployment: outcome.deployment, health: results, ...proven },
      });
    }
    return results;
  });
  if (healthVerdict(health) !== 'critical') return outcome;
  const bad = unhealthy(health).join('; ');
  return { kind: 'failed', reason: `${nameOf(release)} was deployed but is not healthy (${bad})` };
}
