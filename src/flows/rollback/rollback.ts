import { healthVerdict } from '../../domain/promotion/health.ts';
import {
  type Promotion,
  type PromotionData,
  type PromotionState,
  type RollbackOrder,
  rolledBackSoFar,
} from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../domain/release/release.ts';
import { releaseOf } from '../plan/known-releases.ts';
import { Inbox } from '../run/inbox.ts';
import type { Run } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import { PromotionRun } from '../run/promotion-run.ts';
import { unavailableOf } from '../run/unavailable.ts';
import { askLive, asLive } from '../steps/ask-live.ts';
import { publishNotes } from '../steps/release-page.ts';
import { verify } from '../steps/run-checks.ts';
import { deploy } from '../steps/run-deployment.ts';
import { supersedeOthers } from '../steps/supersede-cards.ts';
import { writeIncident } from './incident.ts';
import { lockAfterRollback } from './lock-service.ts';

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
  return rollBack(new PromotionRun(journal, ports, promotionId, new Inbox(journal)), order);
}

/**
 * Redeploys the release that was live before (or the one asked for), proves it, locks the service and writes
 * the incident. Never rolls back a rollback: when it fails, people are asked.
 */
export async function rollBack(run: PromotionRun, order: RollbackOrder): Promise<PromotionState> {
  const { ports, id } = run;
  const { service, target, clock } = ports;

  const to = await run.patiently('rollback-target', () => targetOf(ports, id, order.to));
  if (to.kind === 'none') {
    await run.mark('rollback-impossible', () => ({
      to: 'failed',
      data: { notice: { kind: 'problem', text: to.reason }, closedAt: clock.now() },
      notice: { kind: 'rollback-failed', reason: to.reason },
      audit: {
        actor: order.by ?? 'slipway',
        action: 'rollback.impossible',
        result: 'refused',
        detail: { reason: to.reason },
      },
    }));
    return 'failed';
  }

  await run.mark('rollback-begin', async ({ data: { rollback: before } }) => {
    await lockAfterRollback(ports, id, order);
    return {
      to: 'rolling-back',
      data: {
        rollback: {
          to: to.release,
          by: order.by,
          reason: order.reason,
          startedAt: clock.now(),
          ...rolledBackSoFar(before),
        },
        decision: null,
        notice: null,
        unlocked: null,
        run: run.journal.id,
      },
      progress: [{ name: 'rollback', status: 'running', detail: `to ${nameOf(to.release)}` }],
      notice: { kind: 'rollback-started', to: to.release, by: order.by, reason: order.reason },
      audit: {
        actor: order.by ?? 'slipway',
        action: 'rollback.started',
        result: 'done',
        detail: { reason: order.reason, to: to.release.version },
      },
    };
  });

  for (let attempt = 1; ; attempt++) {
    const outcome = await redeploy(run, to.release, attempt);
    if (outcome.kind === 'done') break;
    if (attempt < TRIES) continue;
    await run.inbox.forget(['retry', 'accept']);
    await run.mark(`rollback-failed-${attempt}`, {
      data: {
        decision: 'retry-deploy',
        notice: { kind: 'problem', text: `The rollback failed: ${outcome.reason}` },
      },
      progress: [{ name: 'rollback', status: 'failed', detail: outcome.reason }],
      notice: {
        kind: 'rollback-failed',
        reason: outcome.reason,
        ...(outcome.log ? { log: outcome.log } : {}),
      },
      audit: {
        actor: 'slipway',
        action: 'rollback.failed',
        result: 'failed',
        detail: { attempt, to: to.release.version, reason: outcome.reason },
      },
    });
    const answer = await run.inbox.next(['retry', 'accept'], DECISION_TIMEOUT_MS);
    if (answer?.kind === 'retry') {
      await run.mark(`rollback-retry-${attempt}`, {
        data: { decision: null, notice: null },
        progress: [{ name: 'rollback', status: 'running' }],
      });
      continue;
    }
    const reason = `The rollback failed and was given up: ${outcome.reason}`;
    await run.mark('rollback-given-up', () => ({
      to: 'failed',
      data: { decision: null, closedAt: clock.now(), notice: { kind: 'problem', text: reason } },
      notice: { kind: 'closed', state: 'failed', by: answer?.by ?? null, reason },
      audit: {
        actor: answer?.by ?? 'slipway',
        action: 'rollback.given-up',
        result: 'done',
        detail: { reason },
      },
    }));
    return 'failed';
  }

  const incident = await writeIncident(run);
  await publishNotes(run, { kind: 'rolled-back', to: nameOf(to.release) });
  const kept =
    service.policy.rollbackTag === 'delete'
      ? await run.patiently('rollback-tag', () => removeTag(ports, id))
      : null;

  await run.mark('rolled-back', async ({ data: { rollback: record } }) => {
    await supersedeOthers(ports, id, to.release, 'rolled-back');
    return {
      to: 'rolled-back',
      data: {
        ...(record
          ? {
              rollback: {
                ...record,
                ...(incident ? { incidentPath: incident.path } : {}),
              },
            }
          : {}),
        closedAt: clock.now(),
        decision: null,
      },
      progress: [{ name: 'rollback', status: 'done' }],
      notice: {
        kind: 'rolled-back',
        to: to.release,
        ...(record?.finishedAt === undefined ? {} : { at: record.finishedAt }),
        health: record?.health ?? [],
        notUndone: ['database migrations', ...target.notUndone],
        ...(kept ? { tagStays: kept } : {}),
        ...(incident ? { incident } : {}),
      },
      audit: {
        actor: order.by ?? 'slipway',
        action: 'rollback.finished',
        result: 'done',
        detail: { to: to.release.version },
      },
    };
  });
  return 'rolled-back';
}

/** The rollback is done: a tag that may not be deleted stays, and why is answered. */
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

async function redeploy(
  run: PromotionRun,
  release: Release,
  attempt: number,
): Promise<
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string; readonly log?: readonly string[] }
> {
  const { ports, id } = run;
  const { service, target, ledger, clock } = ports;
  const look = await askLive(run, `rollback-from-${attempt}`, async () => {
    const live = await target.live();
    const { rollback: record } = (await ledger.get(id)).data;
    if (attempt === 1 && record && record.from === undefined) {
      await run.show({ rollback: { ...record, from: live } });
    }
    return live;
  });
  const from =
    look.kind === 'seen'
      ? look.live
      : await run.journal.step(`rollback-from-known-${attempt}`, async () =>
          lastDeployed((await ledger.get(id)).data, target.promotes === true),
        );
  const order = { kind: 'rollback', service: service.name, release, from } as const;
  const outcome = await deploy(run, `rollback-${attempt}`, 'rollback', order);
  if (outcome.kind === 'stopped') return { kind: 'failed', reason: `stopped by a person: ${outcome.reason}` };
  if (outcome.kind === 'failed') return outcome;

  const health = await run.journal.step(`rollback-health-${attempt}`, async () => {
    const results = await verify(ports.checks, service.checkTiming, release, clock, (result) =>
      run.detail('rollback', `${result.name}: ${result.detail}`),
    );
    const { rollback: record } = (await ledger.get(id)).data;
    const proven = healthVerdict(results) === 'critical' ? {} : { finishedAt: clock.now() };
    if (record) {
      const { deployment } = outcome;
      await run.show({ rollback: { ...record, deployment, health: results, ...proven } });
    }
    return results;
  });
  if (healthVerdict(health) !== 'critical') return { kind: 'done' };
  const bad = health.filter((result) => !result.ok).map((result) => `${result.name}: ${result.detail}`);
  return { kind: 'failed', reason: `${nameOf(release)} was deployed but is not healthy (${bad.join('; ')})` };
}

/** What the promotion knows to be in production, when production itself cannot say it. */
function lastDeployed(data: PromotionData, promotes: boolean): Live | null {
  const { rollback: record, release, deployment, before = null } = data;
  if (record?.deployment) return asLive(record.to, record.deployment, promotes);
  if (record?.after) return asLive(record.after.release, undefined, promotes);
  return release && deployment ? asLive(release, deployment, promotes) : before;
}

function nameOf(release: Release): string {
  return release.tag || release.version;
}

type Target =
  | { readonly kind: 'release'; readonly release: Release }
  | { readonly kind: 'none'; readonly reason: string };

async function targetOf(ports: Ports, id: string, version: string | undefined): Promise<Target> {
  const promotion: Promotion = await ports.ledger.get(id);
  const planned = promotion.data.plan?.rollbackTo;
  if (version === undefined) {
    if (planned) return { kind: 'release', release: planned };
    return {
      kind: 'none',
      reason: 'Nothing was live before this promotion, so there is no release to return to.',
    };
  }
  try {
    return { kind: 'release', release: await releaseOf(ports, version) };
  } catch (error) {
    // A remote that lets nobody in for now is no reason to give a rollback up.
    if (!(error instanceof Refusal) || unavailableOf(error, true)) throw error;
    return { kind: 'none', reason: explain(error).text };
  }
}
