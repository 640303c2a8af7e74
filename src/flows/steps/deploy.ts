import { noLongerHolds } from '../../domain/promotion/events/approval.ts';
import {
  deployed,
  deployFailed,
  deploying,
  deploymentBegins,
} from '../../domain/promotion/events/delivery.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import type { SignsBefore } from '../../domain/promotion/signs.ts';
import { type Deployment, type Release, runs } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { askAnew, type LookAgain } from './agreement.ts';
import { askLive, asLive, whatIsLive } from './ask-live.ts';
import { rememberBefore } from './baseline.ts';
import { stillGood } from './recheck.ts';
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
}

type Undo = { readonly kind: 'rollback' } & RollbackOrder;

/** Step 4: deploys, and asks people after every failure whether to try again, give up or roll back. */
export async function deploy(
  run: PromotionRun,
  { agreement, plan, release }: Released,
): Promise<Deployed | LookAgain | Closed | Undo> {
  const { ports, id } = run;
  const before = await rememberBefore(run);
  for (;;) {
    const good = await run.patiently(
      'recheck',
      async () => {
        const seen = await stillGood(ports, id);
        run.lookedAt = ports.clock.now();
        return seen;
      },
      { cancellable: true },
    );
    if (good.kind === 'withdrawn') {
      // The release stays: it is whole. Whatever is approved next deploys it, or cuts a newer one.
      await run.record(noLongerHolds('deploy', good.reasons));
      return askAnew(agreement);
    }
    await run.record(deploying);
    // A cancel that was accepted while the release was cut still counts: nothing of it is live yet.
    const stop = await run.inbox.next(['cancel'], 0);
    if (stop) return notBegun(release, stop);

    const attempt = run.count('deployment');
    const outcome = await deployOnce(run, release, attempt, good.digest);
    if (outcome.kind === 'deployed') {
      return { kind: 'live', plan, release, deployment: outcome.deployment, before };
    }
    await run.recordFrom('deploy-failed', async () => {
      const production = await whatIsLive(run, [release, plan.rollbackTo]);
      return { event: deployFailed(outcome, attempt, production), answer: null };
    });
    const answer =
      outcome.kind === 'stopped'
        ? null
        : await run.inbox.next(['retry', 'cancel', 'rollback'], DECISION_TIMEOUT_MS);
    if (answer?.kind === 'retry') continue;
    if (answer?.kind === 'rollback') return answer;
    const by = outcome.kind === 'stopped' ? outcome.by : (answer?.by ?? null);
    return givenUp(run, release, by, answer?.kind === 'cancel' ? answer.reason : outcome.reason);
  }
}

/** Somebody cancelled before the target heard of it. */
function notBegun(
  { tag }: Release,
  { by, reason }: { readonly by: string; readonly reason: string },
): Closed {
  const rest = `${tag} stays tagged and is complete on the branch; production still has what it had before.`;
  return cancelledBy(by, `${reason} ${rest}`);
}

/** The deployment failed and nobody wants to try again. */
async function givenUp(run: PromotionRun, release: Release, by: string | null, why: string): Promise<Closed> {
  const look = await askLive(run, 'live-after-failure');
  const liveNow =
    look.kind === 'unseen'
      ? `what is live could not be asked (${look.reason.replace(/\.$/, '')})`
      : runs(look.live, release)
        ? `${release.tag} may be live`
        : 'production still has what it had before';
  return cancelledBy(by, `${why} ${release.tag} stays tagged and is complete on the branch; ${liveNow}.`);
}

function cancelledBy(by: string | null, reason: string): Closed {
  return { kind: 'closed', state: 'cancelled', by, reason: `${reason} The next promotion can deploy it.` };
}

async function deployOnce(
  run: PromotionRun,
  release: Release,
  attempt: number,
  digest: string | null,
): Promise<DeployOutcome> {
  const { ports, id } = run;
  await run.record(deploymentBegins(release, attempt, digest));
  const from = await run.step('deploy-from', async () => {
    const { before, plan } = (await ports.ledger.get(id)).data;
    if (before) return before;
    return plan?.rollbackTo ? asLive(plan.rollbackTo, undefined, ports.target.promotes === true) : null;
  });
  const order = { kind: 'deploy', service: ports.service.name, release, from } as const;
  const outcome = await runDeployment(run, `deploy-${attempt}`, 'deploy', order);
  if (outcome.kind !== 'deployed') return outcome;
  await run.record(deployed(release, outcome.deployment, digest));
  await run.step('supersede', () => supersedeOthers(ports, id, release, 'deployed'));
  return outcome;
}
