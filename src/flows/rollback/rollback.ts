import { unhealthy } from '../../domain/promotion/events/proof.ts';
import {
  rollbackBegan,
  rollbackFailed,
  rollbackGivenUp,
  rollbackImpossible,
  rollbackRetried,
  rolledBack,
} from '../../domain/promotion/events/rolling-back.ts';
import { healthVerdict } from '../../domain/promotion/health.ts';
import type { PromotionData, PromotionState, RollbackOrder } from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { type Live, type Release, releaseName } from '../../domain/release/release.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { publishNotes } from '../documents/release-page.ts';
import type { Run } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import { PromotionRun } from '../run/promotion-run.ts';
import { unavailableOf } from '../run/unavailable.ts';
import { type DeployOutcome, runDeployment } from '../steps/run-deployment.ts';
import { supersedeOthers } from '../steps/supersede-cards.ts';
import { asLive, whatIsLive } from '../watch/ask-live.ts';
import { runChecks } from '../watch/checks.ts';
import { writeIncident } from './incident.ts';
import { targetOf } from './rollback-target.ts';

/** How often a failing rollback is tried by itself before people are asked. */
const TRIES = 2;
/** Whoever has to go on with a production that is broken asks no oftener what is live. */
const LIVE_TRIES = 2;
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
    await run.recordMade('rollback-impossible', async () =>
      rollbackImpossible(order.by, target.reason, await productionNow(run, null)),
    );
    return 'failed';
  }
  const to = target.release;
  await run.step('rollback-lock', () => lockAfterRollback(ports, id, order));
  const at = await run.journal.now();
  await run.record(rollbackBegan({ to, order, before: target.before, run: run.journal.id, at }));

  const isBack = await redeployUntilDone(run, to);
  if (!isBack) return 'failed';

  const incident = await writeIncident(run);
  await publishNotes(run, { kind: 'rolled-back', to: releaseName(to) });
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
    await run.recordMade('rollback-failed', async () =>
      rollbackFailed(to, failed, attempt, await productionNow(run, to)),
    );
    const answer = await run.inbox.next(['retry', 'accept'], DECISION_TIMEOUT_MS);
    if (answer?.kind !== 'retry') {
      await run.recordMade('rollback-given-up', async () =>
        rollbackGivenUp(answer?.by ?? null, failed.reason, await productionNow(run, to)),
      );
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
  return { kind: 'failed', reason: `${releaseName(release)} was deployed but is not healthy (${bad})` };
}

/** Deletes the tag of the release that was rolled back. A tag that may not be deleted stays, and why is answered. */
async function removeTag(
  { ledger, repository }: Ports,
  id: string,
): Promise<{ readonly tag: string; readonly reason: string } | null> {
  const { release } = (await ledger.get(id)).data;
  if (!release) return null;
  try {
    await repository.deleteTag(release.tag);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal) || unavailableOf(error, true)) throw error;
    return { tag: release.tag, reason: explain(error).text };
  }
}

/** What is in production before a try to roll back: as the target says, else as the promotion knows. */
async function liveBefore(run: PromotionRun, attempt: number): Promise<Live | null> {
  const { ports, id } = run;
  const look = async () => {
    const live = await ports.target.live();
    const { rollback: record } = (await ports.ledger.get(id)).data;
    if (attempt === 1 && record && record.from === undefined) {
      await run.show({ rollback: { ...record, from: live } });
    }
    return live;
  };
  const seen = await run
    .patiently('rollback-from', look, { tries: LIVE_TRIES })
    .then((live) => ({ live }))
    .catch(whenRefusedOrAway(null));
  if (seen !== null) return seen.live;
  return run.step('rollback-from-known', async () =>
    lastDeployed((await ports.ledger.get(id)).data, ports.target.promotes === true),
  );
}

/** What the promotion knows to be in production, when production itself cannot say it. */
function lastDeployed(data: PromotionData, promotes: boolean): Live | null {
  const { rollback: record, release, deployment, before = null } = data;
  if (record?.deployment) return asLive(record.to, record.deployment, promotes);
  if (record?.after) return asLive(record.after.release, undefined, promotes);
  return release && deployment ? asLive(release, deployment, promotes) : before;
}

/**
 * A rollback stays rolled back: nobody ships until a person unlocks the service. A lock that somebody has is taken
 * over with its reason in the new one, so that whoever unlocks reads both; the thread tells its owner.
 */
export async function lockAfterRollback(
  { ledger, slack, service: { name: service } }: Ports,
  promotionId: string,
  order: RollbackOrder,
): Promise<void> {
  const owner = order.by ?? 'slipway';
  const standing = await ledger.lockOf(service);
  if (standing?.promotionId === promotionId) return;
  const before = standing === null ? '' : `; locked before: ${standing.reason}${untilOf(standing.until)}`;
  const reason = `Rolled back: ${withoutTrailing(order.reason, '.')}${before}`;
  if (standing && standing.owner !== owner) {
    const notice = { kind: 'lock-stolen', by: owner, from: standing.owner, reason } as const;
    await slack.say(promotionId, `lock-stolen:${standing.since}`, notice);
  }
  await ledger.stealLock({ service, owner, reason, promotionId });
}

function untilOf(until: number | undefined): string {
  return until === undefined
    ? ''
    : ` (until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC)`;
}
