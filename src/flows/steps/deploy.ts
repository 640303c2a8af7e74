import { noLongerHolds } from '../../domain/promotion/events/approval.ts';
import {
  deployed,
  deployFailed,
  deploying,
  deployingFurther,
  deploymentBegins,
} from '../../domain/promotion/events/delivery.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { SignsBefore } from '../../domain/promotion/signs.ts';
import type { Deployment, Release } from '../../domain/release/release.ts';
import { type Stage, stagesOf } from '../../domain/release/stages.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { asLive, whatIsLive } from '../watch/ask-live.ts';
import { rememberBefore } from '../watch/before-deploy.ts';
import { goingBack, type Undo } from '../watch/own-rollback.ts';
import { askAnew, type LookAgain } from './agreement.ts';
import { givenUp, notBegun, stopBeforeRetry, stopUnfinished } from './give-up.ts';
import type { EarlierWatches } from './monitor.ts';
import { type Recheck, stillGood } from './recheck.ts';
import type { Released } from './release.ts';
import { type DeployOutcome, runDeployment } from './run-deployment.ts';
import { supersedeOthers } from './supersede-cards.ts';

/** How long a failed deployment waits for a person's decision, in ms. */
const DECISION_TIMEOUT_MS = 24 * 3_600_000;

/** The release is live, as far as the target can tell. */
export interface Deployed {
  readonly kind: 'live';
  readonly plan: Plan;
  readonly release: Release;
  readonly deployment: Deployment;
  /** What alerts and logs said before it; null where none are asked. */
  readonly before: SignsBefore | null;
  readonly counted?: EarlierWatches;
  /** When its first share was deployed, ms since the epoch; absent: this is the first. */
  readonly sinceMs?: number;
}

/**
 * Step 4: deploys, and asks people after every failure whether to try again, give up or roll back. In stages, for the first
 * share of the requests.
 */
export async function deploy(
  run: PromotionRun,
  { agreement, plan, release }: Released,
): Promise<Deployed | LookAgain | Closed | Undo> {
  const before = await rememberBefore(run);
  const [stage = null] = plan.stages ? stagesOf(plan.stages) : [];
  let isTried = false;
  for (;;) {
    const good = await lookOnce(run, isTried);
    if (good.kind === 'withdrawn') {
      // The release stays: it is whole. Whatever is approved next deploys it, or cuts a newer one.
      await run.record(noLongerHolds('deploy', good.reasons));
      return askAnew(agreement);
    }
    await run.record(deploying);
    // A cancel that was accepted while the release was cut still counts: nothing of it is live yet.
    const stop = await run.inbox.next(['cancel'], 0);
    if (stop) return notBegun(run, { plan, release }, stop, isTried);
    isTried = true;

    const attempt = run.count('deployment');
    const outcome = await deployOnce(run, release, { attempt, digest: good.digest, stage });
    if (outcome.kind === 'deployed') {
      return { kind: 'live', plan, release, deployment: outcome.deployment, before };
    }
    await tellFailure(run, [release, plan.rollbackTo], outcome, attempt);
    const answer =
      outcome.kind === 'stopped'
        ? null
        : await run.inbox.next(['retry', 'cancel', 'rollback'], DECISION_TIMEOUT_MS);
    const back = answer?.kind === 'retry' ? await rollbackInstead(run) : answer;
    if (back?.kind === 'rollback') {
      await stopUnfinished(run, outcome);
      return back;
    }
    if (answer?.kind === 'retry') {
      await stopBeforeRetry(run, outcome);
      continue;
    }
    const by = outcome.kind === 'stopped' ? outcome.by : (answer?.by ?? null);
    const why = answer?.kind === 'cancel' ? answer.reason : outcome.reason;
    return givenUp(run, release, { before: plan.rollbackTo, by, why, unfinished: outcome.unfinished });
  }
}

/** Asked for since somebody pressed Retry: the release that failed is not deployed once more before. */
async function rollbackInstead(run: PromotionRun): Promise<Undo | null> {
  return run.does('hearsLate') ? run.inbox.next(['rollback'], 0) : null;
}

/** Whether what people approved still holds, as this process has seen it now. `isAnswered`: nobody is asked any more. */
function lookOnce(run: PromotionRun, isAnswered = false): Promise<Recheck> {
  const look = async (attempt: number) => {
    if (isAnswered && attempt === 1)
      await run.show({ decision: null, asked: null, notice: null, retrying: true });
    const seen = await stillGood(run.ports, run.id);
    run.lookedAt = run.ports.clock.now();
    return seen;
  };
  return run.patiently('recheck', look, { cancellable: true });
}

function tellFailure(
  run: PromotionRun,
  known: readonly (Release | null)[],
  outcome: Exclude<DeployOutcome, { kind: 'deployed' }>,
  attempt: number,
): Promise<void> {
  return run.recordMade('deploy-failed', async () =>
    deployFailed(outcome, attempt, await whatIsLive(run, known)),
  );
}

/**
 * Gives the release more of the requests: those of the stage, or all of them. Production is not left split: who gives up
 * rolls back. `watch-on`: a person wants to see more of the share that it has.
 */
export async function deployFurther(
  run: PromotionRun,
  live: Deployed,
  stage: Stage | null,
): Promise<Deployed | Undo | { readonly kind: 'watch-on' }> {
  const { plan, release } = live;
  for (;;) {
    await run.record(deployingFurther(stage?.share ?? 100));
    const attempt = run.count('deployment');
    const good = await lookOnce(run);
    // Its state says that it deploys: from here on nobody can ask for a hold any more.
    const asked = run.does('asksBetweenShares') ? await askedBetween(run) : null;
    if (asked !== null) return asked;
    const outcome: DeployOutcome =
      good.kind === 'good'
        ? await deployOnce(run, release, { attempt, digest: good.digest, stage })
        : { kind: 'failed', reason: good.reasons.join(' ') };
    if (outcome.kind === 'deployed') {
      const { sinceMs = live.deployment.startedAt } = live;
      return { ...live, deployment: outcome.deployment, sinceMs };
    }
    if (outcome.kind === 'stopped') {
      await stopUnfinished(run, outcome);
      return goingBack(outcome);
    }
    await tellFailure(run, [release, plan.rollbackTo], outcome, attempt);
    const answer = await untilAnswered(run);
    const back = answer.kind === 'retry' ? await rollbackInstead(run) : answer;
    if (back === null) {
      await stopBeforeRetry(run, outcome);
      continue;
    }
    await stopUnfinished(run, outcome);
    return back.kind === 'rollback' ? back : goingBack(back);
  }
}

/** What a person asked for while the watch of a share ended. A hold is left to the watch that goes on. */
async function askedBetween(run: PromotionRun): Promise<Undo | { readonly kind: 'watch-on' } | null> {
  const back = await goBackAsked(run);
  if (back !== null) return back;
  const longer = await run.inbox.next(['hold', 'extend'], 0);
  if (longer === null) return null;
  run.inbox.putBack(longer);
  return { kind: 'watch-on' };
}

/** The order to go back that came so far; who cancels while two releases share production goes back too. */
export async function goBackAsked({ inbox }: PromotionRun): Promise<Undo | null> {
  const asked = await inbox.next(['rollback', 'cancel'], 0);
  return asked?.kind === 'cancel' ? goingBack(asked) : asked;
}

/** Nothing is decided by waiting while two releases share production. */
async function untilAnswered({ inbox }: PromotionRun) {
  for (;;) {
    const answer = await inbox.next(['retry', 'cancel', 'rollback'], DECISION_TIMEOUT_MS);
    if (answer !== null) return answer;
  }
}

interface Try {
  /** Counts the tries of this promotion, from 1. */
  readonly attempt: number;
  readonly digest: string | null;
  /** The share of the requests; null: all. */
  readonly stage: Stage | null;
}

async function deployOnce(
  run: PromotionRun,
  release: Release,
  { attempt, digest, stage }: Try,
): Promise<DeployOutcome> {
  const { ports, id } = run;
  await run.record(deploymentBegins(release, attempt, digest, stage));
  const from = await run.step('deploy-from', async () => {
    const { before, plan } = (await ports.ledger.get(id)).data;
    if (before) return before;
    return plan?.rollbackTo ? asLive(plan.rollbackTo, undefined, ports.target.promotes === true) : null;
  });
  const percent = stage === null ? {} : { percent: stage.share };
  const order = { kind: 'deploy', service: ports.service.name, release, from, ...percent } as const;
  const outcome = await runDeployment(run, `deploy-${attempt}`, 'deploy', order);
  if (outcome.kind !== 'deployed') return outcome;
  await run.record(deployed(release, outcome.deployment, digest, stage));
  await run.step('supersede', () => supersedeOthers(ports, id, release, 'deployed'));
  return outcome;
}
