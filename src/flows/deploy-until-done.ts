import type { RollbackOrder } from '../domain/promotion.ts';
import type { Deployment, Release } from '../domain/release.ts';
import type { Chronicle } from './chronicle.ts';
import { type DeployOutcome, deploy } from './deploy.ts';
import { stillGood } from './recheck.ts';

/** How long a failed deployment waits for a person's decision, in ms. */
const DECISION_TIMEOUT_MS = 24 * 3_600_000;

export type Deployed =
  | { readonly kind: 'deployed'; readonly deployment: Deployment }
  | { readonly kind: 'cancelled'; readonly by: string | null; readonly reason: string }
  | ({ readonly kind: 'rollback' } & RollbackOrder);

/** Deploys, asking people after every failure whether to retry, stop or roll back. */
export async function deployUntilDone(chronicle: Chronicle, release: Release): Promise<Deployed> {
  const { ports, id } = chronicle;
  await chronicle.patiently('baseline', () => rememberBefore(chronicle));
  for (let attempt = 1; ; attempt++) {
    const good = await chronicle.patiently(`recheck-${attempt}`, () => stillGood(ports, id));
    const start = { name: 'deploy' as const, status: 'running' as const };
    let outcome: DeployOutcome;
    if (good.kind === 'good') {
      const mark = { to: 'deploying' as const, data: { decision: null, notice: null }, progress: [start] };
      await chronicle.mark(`deploying-${attempt}`, mark);
      const from = await chronicle.run.step(
        `deploy-from-${attempt}`,
        async () => (await ports.ledger.get(id)).data.before ?? null,
      );
      outcome = await deploy(chronicle, `deploy-${attempt}`, 'deploy', {
        kind: 'deploy',
        service: ports.service.name,
        release,
        from,
      });
    } else {
      outcome = { kind: 'failed', reason: good.reason };
    }

    if (outcome.kind === 'deployed') {
      const { deployment } = outcome;
      await chronicle.mark('deployed', {
        data: { deployment },
        progress: [
          {
            name: 'deploy',
            status: 'done',
            detail: deployment.id,
            ...(deployment.url ? { link: deployment.url } : {}),
          },
        ],
        notice: { kind: 'deployed', release, deployment },
        audit: {
          actor: 'slipway',
          action: 'deployment.succeeded',
          result: 'done',
          detail: { id: deployment.id, tag: release.tag },
        },
      });
      return outcome;
    }
    const { reason } = outcome;
    const log = outcome.kind === 'failed' && outcome.log ? { log: outcome.log } : {};
    const logUrl = outcome.kind === 'failed' && outcome.logUrl ? { logUrl: outcome.logUrl } : {};
    await chronicle.mark(`deploy-failed-${attempt}`, {
      to: 'deploying',
      data: {
        decision: 'retry-deploy',
        notice: { kind: 'problem', text: `The deployment failed: ${reason}` },
      },
      progress: [{ name: 'deploy', status: 'failed', detail: reason }],
      notice: { kind: 'deploy-failed', reason, ...log, ...logUrl },
      audit: { actor: 'slipway', action: 'deployment.failed', result: 'done', detail: { attempt, reason } },
    });
    const answer =
      outcome.kind === 'stopped'
        ? null
        : await chronicle.inbox.next(['retry', 'cancel', 'rollback'], DECISION_TIMEOUT_MS);
    if (answer?.kind === 'retry') continue;
    if (answer?.kind === 'rollback') return answer;
    const by = outcome.kind === 'stopped' ? outcome.by : (answer?.by ?? null);
    const live = await chronicle.patiently('live-after-failure', () => ports.target.live());
    const liveNow =
      live?.commit === release.commit
        ? `${release.tag} may be live`
        : 'production still has what it had before';
    const why = answer?.kind === 'cancel' ? answer.reason : reason;
    return {
      kind: 'cancelled',
      by,
      reason: `${why} ${release.tag} stays tagged and is complete on the branch; ${liveNow}. The next promotion can deploy it.`,
    };
  }
}

/** What is live and how it behaves, just before the deploy. */
async function rememberBefore(chronicle: Chronicle): Promise<null> {
  const { ports, id } = chronicle;
  const { metrics, ledger, service, clock } = ports;
  const before = await ports.target.live();
  const { baselineMs, tickMs } = service.monitoring;
  const toMs = clock.now();
  if (metrics) {
    await ledger.addSamples(
      id,
      await metrics.read({ fromMs: toMs - baselineMs, toMs, stepMs: tickMs }, 'baseline'),
    );
  }
  await chronicle.show({ before });
  return null;
}
