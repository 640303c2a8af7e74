import { stageOver } from '../../domain/promotion/events/watch.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import { type Stages, stagesOf } from '../../domain/release/stages.ts';
import { Cancelled, type PromotionRun } from '../run/promotion-run.ts';
import { type Deployed, deployFurther } from './deploy.ts';
import { proveHealthy } from './health.ts';
import { monitor } from './monitor.ts';

type Undo = { readonly kind: 'rollback' } & RollbackOrder;

/**
 * From the first share of the requests to all of them: each share is proven healthy and watched before the next. An alarm,
 * or a person, goes back to the release before. Without stages the release has all requests already.
 */
export async function throughStages(run: PromotionRun, first: Deployed): Promise<Deployed | Undo> {
  const { stages } = first.plan;
  if (stages === undefined) return first;
  return shareByShare(run, first, stages).catch((error: unknown) => {
    // Somebody cancelled while something was waited for: production is not left split.
    if (error instanceof Cancelled) return { kind: 'rollback', by: error.by, reason: error.reason };
    throw error;
  });
}

async function shareByShare(run: PromotionRun, first: Deployed, stages: Stages): Promise<Deployed | Undo> {
  let live = first;
  const each = stagesOf(stages);
  for (const [index, stage] of each.entries()) {
    const unhealthy = await proveHealthy(run, live.release, false);
    if (unhealthy) return { kind: 'rollback', ...unhealthy };
    const watched = await monitor(run, { ...live, report: null }, { ...stage, watchMs: stages.watchMs });
    if (watched.kind === 'rollback') return watched;
    await run.record(stageOver(stage, watched));
    const further = await deployFurther(run, live, each[index + 1] ?? null);
    if (further.kind === 'rollback') return further;
    live = { ...further, counted: watched.counted };
  }
  return live;
}
