import { stageOver } from '../../domain/promotion/events/watch.ts';
import { type Stage, type Stages, stagesOf } from '../../domain/release/stages.ts';
import { Cancelled, type PromotionRun } from '../run/promotion-run.ts';
import { goingBack, type Undo } from '../watch/own-rollback.ts';
import { type Deployed, deployFurther, goBackAsked } from './deploy.ts';
import { proveHealthy } from './health.ts';
import { monitor } from './monitor.ts';

/**
 * From the first share of the requests to all of them: each share is proven healthy and watched before the next. An alarm,
 * or a person, goes back to the release before. Without stages the release has all requests already.
 */
export async function throughStages(run: PromotionRun, first: Deployed): Promise<Deployed | Undo> {
  const { stages } = first.plan;
  if (stages === undefined) return first;
  return shareByShare(run, first, stages).catch((error: unknown) => {
    // Somebody cancelled while something was waited for: production is not left split.
    if (error instanceof Cancelled) return goingBack(error);
    throw error;
  });
}

async function shareByShare(run: PromotionRun, first: Deployed, stages: Stages): Promise<Deployed | Undo> {
  let live = first;
  const each = stagesOf(stages);
  for (const [index, stage] of each.entries()) {
    const unhealthy = (await askedMeanwhile(run)) ?? (await proveHealthy(run, live.release, false));
    if (unhealthy) return { ...unhealthy, kind: 'rollback' };
    await forgetAnswers(run);
    const watched = { ...stage, watchMs: stages.watchMs };
    const further = await watchedAndFurther(run, live, watched, each[index + 1]);
    if (further.kind === 'rollback') return further;
    live = further;
  }
  return (await askedMeanwhile(run)) ?? live;
}

/** Watches a share until the next one is deployed; more than once where a person wants to see more of it. */
async function watchedAndFurther(
  run: PromotionRun,
  live: Deployed,
  stage: Stage & { readonly watchMs: number },
  next: Stage | undefined,
): Promise<Deployed | Undo> {
  let { counted } = live;
  for (;;) {
    const soFar = counted === undefined ? live : { ...live, counted };
    const watched = await monitor(run, { ...soFar, report: null }, stage);
    if (watched.kind === 'rollback') return watched;
    await run.record(stageOver(stage, watched));
    ({ counted } = watched);
    const further = await deployFurther(run, live, next ?? null);
    if (further.kind === 'live') return { ...further, counted };
    if (further.kind === 'rollback') return further;
    await forgetAnswers(run);
  }
}

/** Right after a share was deployed: an order to go back from that time; other answers were about the share before. */
async function askedMeanwhile(run: PromotionRun): Promise<Undo | null> {
  if (!run.does('asksBetweenShares')) return null;
  const back = await goBackAsked(run);
  if (back === null) await forgetAnswers(run);
  return back;
}

/** What was answered so far was about something else than what is asked next. */
async function forgetAnswers(run: PromotionRun): Promise<void> {
  if (run.does('asksBetweenShares')) await run.inbox.forget(['accept', 'retry']);
}
