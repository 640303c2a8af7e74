import type { PromotionState } from '../domain/promotion.ts';
import type { Rounds } from './agree.ts';
import { agreeAndCut } from './agree-and-cut.ts';
import { recordOverride } from './break-glass.ts';
import { Cancelled, Chronicle } from './chronicle.ts';
import { callNextInLine, close } from './close.ts';
import { deployUntilDone } from './deploy-until-done.ts';
import { Inbox } from './inbox.ts';
import { monitor, windowChart } from './monitor.ts';
import type { Ports } from './ports.ts';
import { proveHealthy } from './prove-healthy.ts';
import { writeReport } from './record.ts';
import { rollBack } from './rollback.ts';
import type { Run } from './run.ts';

/** One promotion from its request to a closed state. Every wait in it is durable. */
export async function promote(run: Run, ports: Ports, promotionId: string): Promise<PromotionState> {
  const chronicle = new Chronicle(run, ports, promotionId, new Inbox(run));
  const state = await sevenSteps(chronicle).catch((error: unknown) => {
    if (error instanceof Cancelled) return close(chronicle, 'cancelled', error.by, error.reason);
    throw error;
  });
  await callNextInLine(chronicle);
  return state;
}

async function sevenSteps(chronicle: Chronicle): Promise<PromotionState> {
  const { inbox } = chronicle;
  const rounds: Rounds = { next: 1, deploys: 1, agreed: null };
  let request = await chronicle.begin();
  for (const override of request.overrides ?? []) await recordOverride(chronicle, override);
  let agreed = await agreeAndCut(chronicle, request, rounds);
  if (agreed.kind === 'closed') return close(chronicle, agreed.state, agreed.by, agreed.reason);
  let deployed = await deployUntilDone(chronicle, agreed.release, rounds);
  while (deployed.kind === 'reconsider') {
    request = agreed.request;
    agreed = await agreeAndCut(chronicle, request, rounds);
    if (agreed.kind === 'closed') return close(chronicle, agreed.state, agreed.by, agreed.reason);
    deployed = await deployUntilDone(chronicle, agreed.release, rounds);
  }
  const { plan, release } = agreed;
  if (deployed.kind === 'cancelled') return close(chronicle, 'cancelled', deployed.by, deployed.reason);
  if (deployed.kind === 'rollback') return rollBack(chronicle, deployed);

  const undo = (await inbox.next(['rollback'], 0)) ?? (await proveHealthy(chronicle, release));
  if (undo) return rollBack(chronicle, undo);

  await writeReport(chronicle, plan, null);
  const { finishedAt } = deployed.deployment;
  const watched = await monitor(chronicle, release, finishedAt);
  if (watched.kind === 'rollback') return rollBack(chronicle, watched);

  await writeReport(chronicle, plan, watched);
  // Asked for after the window closed, or with somebody's "accept" before it: it still goes first.
  const late = await inbox.next(['rollback'], 0);
  if (late) return rollBack(chronicle, late);
  await chronicle.mark('shipped', async () => ({
    to: 'shipped',
    data: { decision: null, notice: null, closedAt: chronicle.ports.clock.now() },
    progress: [{ name: 'monitor', status: 'done' }],
    notice: {
      kind: 'shipped',
      release,
      judgement: watched.judgement,
      watchedMs: watched.watchedMs,
      chart: await windowChart(chronicle, release, finishedAt),
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
