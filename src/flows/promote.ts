import type { PromotionEvent } from '../domain/promotion/event.ts';
import { cancelledTooLate } from '../domain/promotion/events/delivery.ts';
import { type Closed, closed, shipped } from '../domain/promotion/events/ending.ts';
import type { PromotionRequest, PromotionState, RollbackOrder } from '../domain/promotion/promotion.ts';
import { callNext } from './locks/queue.ts';
import { rollBack } from './rollback/rollback.ts';
import type { Run } from './run/port.ts';
import type { Ports } from './run/ports.ts';
import { Cancelled, PromotionRun } from './run/promotion-run.ts';
import { beginning } from './steps/agreement.ts';
import { approve } from './steps/approve.ts';
import { type Deployed, deploy } from './steps/deploy.ts';
import { cancelledWaiting } from './steps/give-up.ts';
import { proveHealthy } from './steps/health.ts';
import { monitor } from './steps/monitor.ts';
import { openHotfix, type StartRun } from './steps/open-hotfix.ts';
import { release } from './steps/release.ts';
import { writeReport } from './steps/report.ts';
import { throughStages } from './steps/through-stages.ts';
import { verify } from './steps/verify.ts';
import type { Undo } from './watch/own-rollback.ts';
import { windowChart } from './watch/window-chart.ts';

/** A decision that was stored reaches its run within seconds. */
const ON_ITS_WAY_MS = 60_000;

/**
 * One promotion from its request to a closed state. Every wait in it is durable. `startRun` starts the promotion of a
 * hotfix that people asked for instead of a rollback.
 */
export async function promote(
  journal: Run,
  ports: Ports,
  promotionId: string,
  startRun?: StartRun,
): Promise<PromotionState> {
  const run = new PromotionRun(journal, ports, promotionId);
  const state = await sevenSteps(run, startRun).catch((error: unknown) => closeCancelled(run, error));
  await run.step('next-in-queue', () => callNext(ports));
  return state;
}

async function sevenSteps(run: PromotionRun, startRun?: StartRun): Promise<PromotionState> {
  const begun = await untilDeployed(run, await run.begin());
  if (begun.kind === 'closed') return close(run, begun);
  const live = begun.kind === 'live' ? await throughStages(run, begun) : begun;
  if (live.kind === 'rollback') return rollBack(run, live);
  const { plan, deployment } = live;

  const asked = await rollbackAsked(run);
  if (asked) return rollBack(run, asked);
  const tooLate = run.does('hearsLate') && run.inbox.kept('cancel');
  if (tooLate) await run.record(cancelledTooLate(live.release));
  const unhealthy = await proveHealthy(run, live.release);
  if (unhealthy) return rollBack(run, unhealthy);

  const report = await writeReport(run, plan, null);
  const watched = await monitor(run, { ...live, report });
  if (watched.kind === 'rollback') return rollBack(run, watched);

  const last = await writeReport(run, plan, watched);
  // Asked for after the window closed, or with somebody's "accept" before it: it still goes first.
  const late = await rollbackAsked(run);
  if (late) return rollBack(run, late);
  const chart = await windowChart(run, live.release, deployment.finishedAt, watched.judgement);
  const end = shipped(live.release, watched, chart, last);
  const atLast = await endOr(run, end);
  if (atLast) return rollBack(run, atLast);
  if (watched.hotfix) await openHotfix(run, watched.hotfix, startRun);
  return 'shipped';
}

/**
 * The steps before production changes. What people approved may stop holding at any of them: the branch moved, a gate
 * does not pass any more, an approval was taken back or ran out. Then everything is looked at again and they are asked
 * again; a release that was cut stays and is what the next approval deploys.
 *
 * - `verify`: blocked by a gate, it waits until that passes; cancelled or too long blocked, it closes.
 * - `approve`: a vote, a re-check or another version asks for another look; declined, cancelled or nobody in time: closed.
 * - `release`: when the branch moved nothing was pushed, and it is looked at again; otherwise refused, people decide.
 * - `deploy`: failed, people choose: try again, give up (closed; the tag stays), or roll back.
 */
async function untilDeployed(
  run: PromotionRun,
  request: PromotionRequest,
): Promise<Deployed | Closed | Undo> {
  let agreement = await beginning(run, request);
  for (;;) {
    const verified = await verify(run, agreement);
    const approved = verified.kind === 'verified' ? await approve(run, verified) : verified;
    const released = approved.kind === 'approved' ? await release(run, approved) : approved;
    const deployed = released.kind === 'released' ? await deploy(run, released) : released;
    if (deployed.kind !== 'look-again') return deployed;
    agreement = deployed.agreement;
  }
}

function rollbackAsked({ inbox }: PromotionRun): Promise<RollbackOrder | null> {
  return inbox.next(['rollback'], 0);
}

async function close(run: PromotionRun, end: Omit<Closed, 'kind'>): Promise<PromotionState> {
  const back = await endOr(run, closed(end));
  return back ? rollBack(run, back) : end.state;
}

/** Ends the promotion, or answers with the rollback that was accepted before: it is on its way to this run. */
async function endOr(run: PromotionRun, end: PromotionEvent): Promise<RollbackOrder | null> {
  while (!(await run.recordEnd(end))) {
    const asked = await run.inbox.next(['rollback'], ON_ITS_WAY_MS);
    if (asked) return asked;
  }
  return null;
}

async function closeCancelled(run: PromotionRun, error: unknown): Promise<PromotionState> {
  if (!(error instanceof Cancelled)) throw error;
  return close(run, await cancelledWaiting(run, error));
}
