import type { DeployOrder, DeployStatus } from '../../adapters/targets/port.ts';
import type { StepName } from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Deployment } from '../../domain/release/release.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { showOnHost } from './host-record.ts';

export type DeployOutcome =
  | { readonly kind: 'deployed'; readonly deployment: Deployment }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly log?: readonly string[];
      readonly logUrl?: string;
    }
  /** A person asked to stop; the platform was told where it can be told. */
  | { readonly kind: 'stopped'; readonly by: string; readonly reason: string };

/**
 * Has the target deploy one release and follows it to its end. `name` makes steps and key unique: a second try
 * is a second name, and so a second deployment; a crash within one try is not. A further rollback of the same
 * promotion is another run, and a deployment of its own.
 */
export async function deploy(
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
  const started = await run.patiently(name, async () => {
    const answer = await orRefusal(() => target.start(order, key));
    const about = {
      state: 'running',
      description: `Deploying to ${target.name}`,
      ...addressOf(target),
    } as const;
    if (answer.kind === 'done') await showOnHost(ports, order, key, about);
    return answer;
  });
  if (started.kind === 'refused') return { kind: 'failed', reason: started.reason };
  const handle = started.value;

  let refusals = 0;
  for (let look = 1; ; look++) {
    const looked = await run.patiently(`${name}-follow-${look}`, async () => {
      const answer = await orRefusal(() => target.follow(order, handle));
      if (answer.kind === 'done' && answer.value.kind === 'running') {
        await run.detail(step, answer.value.detail, answer.value.logUrl);
      }
      if (answer.kind === 'done') await showEnd(ports, order, key, answer.value);
      return answer;
    });
    if (looked.kind === 'refused') return { kind: 'failed', reason: looked.reason };
    const status: DeployStatus = looked.value;
    if (status.kind === 'succeeded') return { kind: 'deployed', deployment: status.deployment };
    if (status.kind === 'failed') return status;

    const cancel = await run.inbox.next(mayBeStopped ? ['cancel'] : [], status.askAgainMs);
    if (!cancel) continue;
    const cancelling = refusals === 0 ? `${name}-cancel` : `${name}-cancel-${refusals + 1}`;
    const stopped = await run.patiently(cancelling, async () => {
      const answer = await orRefusal(async () => target.cancel?.(handle));
      if (answer.kind === 'refused') return { refused: answer.reason };
      const about = { state: 'failed', description: 'Stopped by a person' } as const;
      await showOnHost(ports, order, key, about);
      return null;
    });
    if (stopped === null) return { kind: 'stopped', by: cancel.by, reason: cancel.reason };
    refusals += 1;
    await notStopped(run, cancelling, stopped.refused);
  }
}

/** It is followed to its end, and people may ask again. */
function notStopped(run: PromotionRun, name: string, reason: string): Promise<void> {
  const text = `The deployment could not be stopped and may still go live: ${reason}`;
  return run.mark(`${name}-refused`, {
    to: 'deploying',
    data: { notice: { kind: 'problem', text } },
    notice: { kind: 'not-stopped', reason },
    audit: { actor: 'slipway', action: 'deployment.not-stopped', result: 'failed', detail: { reason } },
  });
}

async function showEnd(ports: Ports, order: DeployOrder, key: string, status: DeployStatus): Promise<void> {
  if (status.kind === 'running') return;
  const log = status.kind === 'failed' ? status.logUrl : status.deployment.logUrl;
  await showOnHost(ports, order, key, {
    state: status.kind,
    description: status.kind === 'failed' ? status.reason : `Deployed to ${ports.target.name}`,
    ...addressOf(ports.target),
    ...(log === undefined ? {} : { logUrl: log }),
  });
}

function addressOf({ url }: Ports['target']): { readonly url?: string } {
  return url === undefined ? {} : { url };
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
    const { text, hint } = explain(error);
    return { kind: 'refused', reason: hint === undefined ? text : `${text} ${hint}` };
  }
}
