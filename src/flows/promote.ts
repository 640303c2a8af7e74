import type { Plan } from '../domain/promotion/plan.ts';
import type { PromotionState } from '../domain/promotion/promotion.ts';
import type { Deployment, Release } from '../domain/release/release.ts';
import { rollBack } from './rollback/rollback.ts';
import { Inbox } from './run/inbox.ts';
import type { Run } from './run/port.ts';
import type { Ports } from './run/ports.ts';
import { Cancelled, PromotionRun } from './run/promotion-run.ts';
import type { Rounds } from './steps/approve.ts';
import { agreeAndCut, type Cut } from './steps/approve-and-release.ts';
import { callNextInQueue, close } from './steps/close.ts';
import { type Deployed, deployUntilDone } from './steps/deploy.ts';
import { proveHealthy } from './steps/health.ts';
import { monitor, windowChart } from './steps/monitor.ts';
import { recordOverride } from './steps/override.ts';
import { writeReport } from './steps/report.ts';

/** One promotion from its request to a closed state. Every wait in it is durable. */
export async function promote(journal: Run, ports: Ports, promotionId: string): Promise<PromotionState> {
  const run = new PromotionRun(journal, ports, promotionId, new Inbox(journal));
  const state = await sevenSteps(run).catch((error: unknown) => {
    if (error instanceof Cancelled) return closeCancelled(run, error);
    throw error;
  });
  await callNextInQueue(run);
  return state;
}

async function sevenSteps(run: PromotionRun): Promise<PromotionState> {
  const { inbox } = run;
  const deployed = await agreeUntilDeployed(run);
  if (deployed.kind === 'closed') return close(run, deployed.state, deployed.by, deployed.reason);
  if (deployed.kind === 'rollback') return rollBack(run, deployed);
  const { plan, release, deployment } = deployed;

  const undo = (await inbox.next(['rollback'], 0)) ?? (await proveHealthy(run, release));
  if (undo) return rollBack(run, undo);

  await writeReport(run, plan, null);
  const { finishedAt } = deployment;
  const watched = await monitor(run, release, finishedAt);
  if (watched.kind === 'rollback') return rollBack(run, watched);

  await writeReport(run, plan, watched);
  // Asked for after the window closed, or with somebody's "accept" before it: it still goes first.
  const late = await inbox.next(['rollback'], 0);
  if (late) return rollBack(run, late);
  await run.mark('shipped', async () => ({
    to: 'shipped',
    data: { decision: null, notice: null, closedAt: run.ports.clock.now() },
    progress: [{ name: 'monitor', status: 'done' }],
    notice: {
      kind: 'shipped',
      release,
      judgement: watched.judgement,
      watchedMs: watched.watchedMs,
      chart: await windowChart(run, release, finishedAt),
    },
    audit: {
      actor: watched.acceptedBy ?? 'slipway',
      action: 'promotion.shipped',
      result: 'done',
      detail: { version: release.version, verdict: watched.judgement.verdict },
    },
  }));
  return 'shipped';
}

/** Somebody cancelled while Slipway waited for something; what was released by then stays. */
async function closeCancelled(run: PromotionRun, { by, reason }: Cancelled): Promise<PromotionState> {
  const tag = await run.journal.step(
    'cancelled-after',
    async () => (await run.ports.ledger.get(run.id)).data.release?.tag ?? null,
  );
  const rest = tag === null ? '' : ` ${tag} stays tagged and is complete; the next promotion can deploy it.`;
  return close(run, 'cancelled', by, reason + rest);
}

type Live =
  | { readonly kind: 'live'; readonly plan: Plan; readonly release: Release; readonly deployment: Deployment }
  | Extract<Cut, { kind: 'closed' }>
  | Extract<Deployed, { kind: 'rollback' }>;

/** Agrees, cuts and deploys; when what people approved no longer holds before the deploy, they are asked again. */
async function agreeUntilDeployed(run: PromotionRun): Promise<Live> {
  const rounds: Rounds = { next: 1, deploys: 1, agreed: null };
  let request = await run.begin();
  for (const override of request.overrides ?? []) await recordOverride(run, override);
  for (;;) {
    const cut = await agreeAndCut(run, request, rounds);
    if (cut.kind === 'closed') return cut;
    request = cut.request;
    const deployed = await deployUntilDone(run, cut.release, rounds);
    if (deployed.kind === 'deployed') return { ...cut, ...deployed, kind: 'live' };
    if (deployed.kind === 'rollback') return deployed;
    if (deployed.kind === 'cancelled') return { ...deployed, kind: 'closed', state: 'cancelled' };
  }
}
