import type { DeploymentRecord } from '../../adapters/repositories/port.ts';
import type { DeployHandle, DeployOrder, DeployStatus } from '../../adapters/targets/port.ts';
import { mustStillAct } from '../../domain/operations/acting.ts';
import { type FailedDeployment, notStopped } from '../../domain/promotion/events/delivery.ts';
import type { StepName } from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable, whenRefused, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { inOneLine } from '../../domain/refusals/sentence.ts';
import type { Deployment } from '../../domain/release/release.ts';
import { given } from '../../domain/text/given.ts';
import { mustBeProven, mustHoldEnd, mustStillBeTagged } from '../plan/shipped-release.ts';
import type { RunMessage } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import { Cancelled, type PromotionRun } from '../run/promotion-run.ts';
import { untilRenewed } from '../run/unavailable.ts';
import { goneSince } from './recheck.ts';

export type DeployOutcome =
  | { readonly kind: 'deployed'; readonly deployment: Deployment }
  /** `unfinished`: the platform may still be at it. */
  | ({ readonly kind: 'failed'; readonly unfinished?: DeployHandle } & FailedDeployment)
  /** A person asked to stop; the platform was told where it can be told. */
  | {
      readonly kind: 'stopped';
      readonly by: string;
      readonly reason: string;
      readonly unfinished?: DeployHandle;
    };

/**
 * Has the target deploy one release and follows it to its end. `name` makes steps and key unique: a second try
 * is a second name, and so a second deployment; a crash within one try is not. A further rollback of the same
 * promotion is another run, and a deployment of its own.
 */
export async function runDeployment(
  run: PromotionRun,
  name: string,
  step: StepName,
  order: DeployOrder,
): Promise<DeployOutcome> {
  const { ports } = run;
  const { target } = ports;
  const key = `${run.journal.id}-${name}`;
  // Whoever wanted to stop the deployment does not want to stop its rollback.
  const mayBeStopped = target.cancel !== undefined && order.kind !== 'rollback';
  const begin = async (attempt: number) => {
    const gone = order.kind === 'deploy' ? await goneSince(run, attempt > 1) : [];
    if (gone.length > 0) return { kind: 'refused', reason: noLongerApproved(gone) } as const;
    const answer = await orRefusal(async () => {
      await mustHoldEnd(ports);
      if (order.kind === 'rollback') await mustBeProven(ports, run.id, order.release);
      await mustStillBeTagged(ports, order.release).catch((error: unknown) => {
        // Whoever waits for a host must not keep production broken: the commit is the one that was shipped.
        if (order.kind !== 'rollback' || !(error instanceof Unavailable)) throw error;
      });
      await mustStillAct();
      return target.start(order, key);
    });
    if (answer.kind === 'refused' && attempt > 1)
      return { ...answer, reason: `${answer.reason} ${MAY_HAVE_BEGUN}` };
    if (answer.kind === 'done') {
      const about = { state: 'running', description: `Deploying to ${target.name}` } as const;
      await showOnHost(ports, order, key, { ...about, ...given({ url: target.url }) });
    }
    return answer;
  };
  const started = await run
    .patiently(name, begin, { cancellable: mayBeStopped })
    .catch((error: unknown) => stoppedWaiting(error, target.name));
  if (started.kind === 'stopped') return started;
  if (started.kind === 'refused') return { kind: 'failed', reason: started.reason };
  const handle = started.value;

  let tooLate: RunMessage | null = null;
  for (;;) {
    const look = async () => {
      const answer = await orRefusal(() =>
        target.follow(order, handle).catch((error: unknown) => {
          throw untilRenewed(error, target.name);
        }),
      );
      if (answer.kind === 'done' && answer.value.kind === 'running') {
        await run.detail(step, answer.value.detail, answer.value.logUrl);
      }
      if (answer.kind === 'done') await showEnd(ports, order, key, answer.value);
      return answer;
    };
    const looked = await run
      .patiently(`${name}-follow`, look, { cancellable: mayBeStopped && run.does('hearsLate') })
      .catch((error: unknown) => stoppedWaiting(error, target.name));
    if (looked.kind === 'stopped') return { ...looked, unfinished: handle };
    if (looked.kind === 'refused') return { kind: 'failed', reason: looked.reason, unfinished: handle };
    const status: DeployStatus = looked.value;
    if (status.kind === 'succeeded' && tooLate) run.inbox.putBack(tooLate);
    if (status.kind === 'succeeded') return { kind: 'deployed', deployment: status.deployment };
    if (status.kind === 'failed') return { ...status, ...(status.goesOn ? { unfinished: handle } : {}) };

    const cancel = await run.inbox.next(mayBeStopped ? ['cancel'] : [], status.askAgainMs);
    if (!cancel) continue;
    const stopped = await run.patiently(`${name}-cancel`, () => stopIt(ports, order, key, handle));
    if (stopped === null) return { kind: 'stopped', by: cancel.by, reason: cancel.reason };
    // It is followed to its end, and people may ask again.
    if (stopped === 'live') tooLate = cancel;
    else await run.record(notStopped(stopped.refused));
  }
}

/** Null once the platform was told to stop; `live`: too late for that; why it refuses. */
async function stopIt(
  ports: Ports,
  order: DeployOrder,
  key: string,
  handle: DeployHandle,
): Promise<{ readonly refused: string } | 'live' | null> {
  const answer = await orRefusal(async () => {
    await mustStillAct();
    return ports.target.cancel?.(handle).catch(whenRefused('live' as const, 'already-live'));
  });
  if (answer.kind === 'done' && answer.value === 'live') return 'live';
  if (answer.kind === 'refused') return { refused: answer.reason };
  await showOnHost(ports, order, key, { state: 'failed', description: 'Stopped by a person' });
  return null;
}

/** The target may have heard of an earlier try whose answer got lost. */
const MAY_HAVE_BEGUN = 'An earlier try that was not answered may still go live.';

function noLongerApproved(reasons: readonly string[]): string {
  const why = reasons.map((reason) => reason.replace(/\.$/, '')).join('; ');
  return `What people approved no longer holds, so nothing more was started: ${why}. ${MAY_HAVE_BEGUN}`;
}

/** Somebody wanted to stop while the target did not answer. */
function stoppedWaiting(error: unknown, target: string): Extract<DeployOutcome, { kind: 'stopped' }> {
  if (!(error instanceof Cancelled)) throw error;
  const { by, reason } = error;
  return { kind: 'stopped', by, reason: `${reason} ${target} did not answer. ${MAY_HAVE_BEGUN}` };
}

async function showEnd(ports: Ports, order: DeployOrder, key: string, status: DeployStatus): Promise<void> {
  if (status.kind === 'running') return;
  const log = status.kind === 'failed' ? status.logUrl : status.deployment.logUrl;
  await showOnHost(ports, order, key, {
    state: status.kind,
    description: status.kind === 'failed' ? status.reason : `Deployed to ${ports.target.name}`,
    ...given({ url: ports.target.url, logUrl: log }),
  });
}

/**
 * Shows a deployment on the host's pages, where it has such pages. A host that refuses or does not answer is no
 * reason to stop or to fail a deployment.
 */
async function showOnHost(
  { repository }: Pick<Ports, 'repository'>,
  { kind, release }: DeployOrder,
  key: string,
  about: Pick<DeploymentRecord, 'state' | 'description' | 'url' | 'logUrl'>,
): Promise<void> {
  await repository
    .recordDeployment?.({ kind, commit: release.commit, tag: release.tag, ...about }, key)
    .catch(whenRefusedOrAway(null));
}

/** A Refusal of an adapter becomes the reason of a failed deployment: people can mend it and retry. */
async function orRefusal<T>(
  work: () => Promise<T>,
): Promise<
  { readonly kind: 'done'; readonly value: T } | { readonly kind: 'refused'; readonly reason: string }
> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: 'refused', reason: inOneLine(explain(error)) };
  }
}
