import type { Sample } from '../../domain/judge/sample.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { type Deployment, type Release, runs } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import type { Rounds } from './approve.ts';
import { askLive, asLive } from './ask-live.ts';
import { stillGood } from './recheck.ts';
import { type DeployOutcome, deploy } from './run-deployment.ts';
import { supersedeOthers } from './supersede-cards.ts';
import { withdrawn } from './withdrawn.ts';

/** How long a failed deployment waits for a person's decision, in ms. */
const DECISION_TIMEOUT_MS = 24 * 3_600_000;

/** How often metrics are asked for what they saw before the deploy. */
const BASELINE_TRIES = 2;

export type Deployed =
  | { readonly kind: 'deployed'; readonly deployment: Deployment }
  | { readonly kind: 'cancelled'; readonly by: string | null; readonly reason: string }
  /** What people approved no longer holds: nothing was deployed, they are asked again. */
  | { readonly kind: 'reconsider' }
  | ({ readonly kind: 'rollback' } & RollbackOrder);

/** Deploys, asking people after every failure whether to retry, stop or roll back. */
export async function deployUntilDone(
  run: PromotionRun,
  release: Release,
  rounds: Rounds,
): Promise<Deployed> {
  const { ports, id } = run;
  const cancellable = true;
  await run.patiently(
    `baseline-${rounds.deploys}`,
    (attempt) =>
      rememberBefore(run, (error) => {
        if (error instanceof Unavailable && attempt < BASELINE_TRIES) throw error;
        return [];
      }),
    { cancellable },
  );
  for (;;) {
    const attempt = rounds.deploys++;
    const good = await run.patiently(`recheck-${attempt}`, () => stillGood(ports, id), { cancellable });
    if (good.kind === 'withdrawn') {
      // The release stays: it is whole. Whatever is approved next deploys it, or cuts a newer one.
      await withdrawn(run, `withdrawn-${attempt}`, 'deploy', good.reasons);
      return { kind: 'reconsider' };
    }
    const outcome = await deployOnce(run, release, attempt, good.digest);
    if (outcome.kind === 'deployed') return outcome;
    if (outcome.kind === 'not-begun') return notBegun(release, outcome);
    const answer = await afterFailure(run, outcome, attempt);
    if (answer?.kind === 'retry') continue;
    if (answer?.kind === 'rollback') return answer;
    const by = outcome.kind === 'stopped' ? outcome.by : (answer?.by ?? null);
    const look = await askLive(run, `live-after-failure-${attempt}`);
    const liveNow =
      look.kind === 'unseen'
        ? `what is live could not be asked (${look.reason.replace(/\.$/, '')})`
        : runs(look.live, release)
          ? `${release.tag} may be live`
          : 'production still has what it had before';
    const why = answer?.kind === 'cancel' ? answer.reason : outcome.reason;
    return {
      kind: 'cancelled',
      by,
      reason: `${why} ${release.tag} stays tagged and is complete on the branch; ${liveNow}. The next promotion can deploy it.`,
    };
  }
}

/** Somebody cancelled before the target heard of it. */
interface Stop {
  readonly kind: 'not-begun';
  readonly by: string;
  readonly reason: string;
}

function notBegun({ tag }: Release, { by, reason }: Stop): Deployed {
  const rest = `${tag} stays tagged and is complete on the branch; production still has what it had before.`;
  return { kind: 'cancelled', by, reason: `${reason} ${rest} The next promotion can deploy it.` };
}

async function deployOnce(
  run: PromotionRun,
  release: Release,
  attempt: number,
  digest: string | null,
): Promise<DeployOutcome | Stop> {
  const { ports, id } = run;
  await run.mark(`deploying-${attempt}`, {
    to: 'deploying',
    data: { decision: null, notice: null },
    progress: [{ name: 'deploy', status: 'running' }],
  });
  // A cancel that was accepted while the release was cut still counts: nothing of it is live yet.
  const stop = await run.inbox.next(['cancel'], 0);
  if (stop) return { kind: 'not-begun', by: stop.by, reason: stop.reason };
  await run.mark(`deploy-begins-${attempt}`, {
    audit: {
      actor: 'slipway',
      action: 'deployment.started',
      result: 'done',
      digestAfter: digest,
      detail: { attempt, tag: release.tag },
    },
  });
  const from = await run.journal.step(`deploy-from-${attempt}`, async () => {
    const { before, plan } = (await ports.ledger.get(id)).data;
    if (before) return before;
    return plan?.rollbackTo ? asLive(plan.rollbackTo, undefined, ports.target.promotes === true) : null;
  });
  const order = { kind: 'deploy', service: ports.service.name, release, from } as const;
  const outcome = await deploy(run, `deploy-${attempt}`, 'deploy', order);
  if (outcome.kind !== 'deployed') return outcome;

  const { deployment } = outcome;
  const link = deployment.url ? { link: deployment.url } : {};
  await run.mark(`deployed-${attempt}`, {
    data: { deployment },
    progress: [{ name: 'deploy', status: 'done', detail: deployment.id, ...link }],
    notice: { kind: 'deployed', release, deployment },
    audit: {
      actor: 'slipway',
      action: 'deployment.succeeded',
      result: 'done',
      digestAfter: digest,
      detail: { id: deployment.id, tag: release.tag },
    },
  });
  await run.journal.step(`supersede-${attempt}`, () => supersedeOthers(ports, id, release, 'deployed'));
  return outcome;
}

async function afterFailure(
  run: PromotionRun,
  outcome: Exclude<DeployOutcome, { kind: 'deployed' }>,
  attempt: number,
) {
  const { reason } = outcome;
  const log = outcome.kind === 'failed' && outcome.log ? { log: outcome.log } : {};
  const logUrl = outcome.kind === 'failed' && outcome.logUrl ? { logUrl: outcome.logUrl } : {};
  await run.mark(`deploy-failed-${attempt}`, {
    data: {
      decision: 'retry-deploy',
      notice: { kind: 'problem', text: `The deployment failed: ${reason}` },
    },
    progress: [{ name: 'deploy', status: 'failed', detail: reason }],
    notice: { kind: 'deploy-failed', reason, ...log, ...logUrl },
    audit: { actor: 'slipway', action: 'deployment.failed', result: 'done', detail: { attempt, reason } },
  });
  if (outcome.kind === 'stopped') return null;
  return run.inbox.next(['retry', 'cancel', 'rollback'], DECISION_TIMEOUT_MS);
}

/**
 * What is live and how it behaves, just before the deploy. `without` says how to go on without the latter: a release
 * that is cut does not wait for its metrics, and nothing to compare with is inconclusive.
 */
async function rememberBefore(
  run: PromotionRun,
  without: (error: Unavailable | Refusal) => readonly Sample[],
): Promise<null> {
  const { ports, id } = run;
  const { metrics, ledger, service, clock } = ports;
  // An answer that is not understood now is one to the deployment, which people can try again.
  const before = await ports.target.live().catch((error: unknown) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
  const { baselineMs, tickMs } = service.monitoring;
  const toMs = clock.now();
  if (metrics) {
    const range = { fromMs: toMs - baselineMs, toMs, stepMs: tickMs };
    const samples = await metrics.read(range, 'baseline').catch((error: unknown) => {
      if (error instanceof Unavailable || error instanceof Refusal) return without(error);
      throw error;
    });
    await ledger.addSamples(id, samples);
  }
  if (before !== undefined) await run.show({ before });
  return null;
}
