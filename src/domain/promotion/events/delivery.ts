import { bySlipway } from '../../audit/entry.ts';
import { inOneLine, type RefusalText } from '../../refusals/sentence.ts';
import type { Deployment, Release } from '../../release/release.ts';
import { type Stage, shareInWords } from '../../release/stages.ts';
import { given } from '../../text/given.ts';
import { withoutTrailing } from '../../text/trailing.ts';
import type { PromotionEvent } from '../event.ts';
import type { Plan } from '../plan.ts';
import type { PromotionData } from '../promotion.ts';
import { releaseFacts } from '../proofs.ts';

/** Commit and tag are pushed; `kind`: whether Slipway made them now. */
export function released(release: Release, kind: Plan['release']['kind']): PromotionEvent {
  const { version, tag, commit, url } = release;
  return {
    name: 'released',
    data: { release, notice: null },
    progress: [{ name: 'release', status: 'done', detail: tag, ...(url ? { link: url } : {}) }],
    audit: bySlipway('release.cut', { version, tag, commit, made: kind === 'cut' }),
  };
}

/** The host took neither commit nor tag. People are asked to mend that, unless `looksAgain`: the branch moved meanwhile. */
export function releaseRefused(code: string, said: RefusalText, looksAgain: boolean): PromotionEvent {
  const reason = inOneLine(said);
  return {
    name: 'release-refused',
    to: 'blocked',
    digest: null,
    voidApprovals: true,
    data: {
      decision: looksAgain ? null : 'release-refused',
      notice: { kind: 'problem', text: reason },
    },
    progress: [
      { name: 'approve', status: 'waiting' },
      { name: 'release', status: 'failed', detail: said.text },
    ],
    notice: looksAgain ? { kind: 'voided', changes: [reason] } : { kind: 'release-refused', reason },
    audit: bySlipway('release.refused', { code }, 'refused'),
  };
}

/** The commit of the release is on the branch and the host did not take its tag: what people approved can be finished. */
export function tagMissing(code: string, said: RefusalText): PromotionEvent {
  const reason = inOneLine(said);
  return {
    name: 'tag-missing',
    data: { decision: 'retry-release', notice: { kind: 'problem', text: reason } },
    progress: [{ name: 'release', status: 'failed', detail: said.text }],
    notice: { kind: 'tag-missing', reason },
    audit: bySlipway('release.refused', { code }, 'refused'),
  };
}

/** Somebody wants the release finished. */
export const releaseAgain: PromotionEvent = {
  name: 'release-again',
  data: { decision: null, notice: null },
  progress: [{ name: 'release', status: 'running' }],
};

/** The release is about to be deployed; people may still stop it. */
export const deploying: PromotionEvent = {
  name: 'deploying',
  to: 'deploying',
  data: { decision: null, notice: null, failure: null, retrying: null },
  progress: [{ name: 'deploy', status: 'running' }],
};

/** The target is told. `attempt` counts the tries of this promotion, from 1. */
export function deploymentBegins(
  { tag }: Release,
  attempt: number,
  digest: string | null,
  stage: Stage | null = null,
): PromotionEvent {
  const facts = { attempt, tag, ...(stage === null ? {} : { percent: stage.share }) };
  return {
    name: 'deploy-begins',
    audit: { ...bySlipway('deployment.started', facts), digestAfter: digest },
  };
}

/** More of the requests are about to go to the release, or what failed of it is tried again. */
export function deployingFurther(share: number): PromotionEvent {
  return { ...deploying, progress: [{ name: 'deploy', status: 'running', detail: shareInWords(share) }] };
}

/** The target says that the release is live. */
export function deployed(
  release: Release,
  deployment: Deployment,
  digest: string | null,
  stage: Stage | null = null,
): PromotionEvent {
  const { id, url, startedAt, finishedAt } = deployment;
  const facts = { id, ...releaseFacts(release), ...(stage === null ? {} : { percent: stage.share }) };
  return {
    name: 'deployed',
    data: { deployment, failure: null, stage },
    progress: [
      { name: 'deploy', status: 'done', detail: id, startedAt, finishedAt, ...(url ? { link: url } : {}) },
    ],
    // That a part of the requests has it is said with the begin of its watch.
    ...(stage === null ? { notice: { kind: 'deployed', release, deployment } } : {}),
    audit: { ...bySlipway('deployment.succeeded', facts), digestAfter: digest },
  };
}

/** A deployment that came to nothing, or was stopped by a person. */
export interface FailedDeployment {
  readonly reason: string;
  /** Last lines of its output. */
  readonly log?: readonly string[];
  readonly logUrl?: string;
}

/** The last lines that are kept of a failed deployment, for the card and its Details. */
const KEPT_LINES = 20;
const KEPT_CHARS = 300;

/** What is kept of the output of a failure. */
export function failureOf({ log = [], logUrl }: Output): NonNullable<PromotionData['failure']> | null {
  if (log.length === 0 && logUrl === undefined) return null;
  const kept = log.slice(-KEPT_LINES).map((line) => line.slice(0, KEPT_CHARS));
  return { log: kept, ...given({ logUrl }) };
}

type Output = { readonly [K in 'log' | 'logUrl']: FailedDeployment[K] | undefined };

/** People are asked whether to try again, give up or roll back. */
/** `production` says what is live now, as a sentence. */
export function deployFailed(
  { reason, log, logUrl }: FailedDeployment,
  attempt: number,
  production: string,
): PromotionEvent {
  return {
    name: 'deploy-failed',
    data: {
      decision: 'retry-deploy',
      notice: { kind: 'problem', text: withProduction(`The deployment failed: ${reason}`, production) },
      failure: failureOf({ log, logUrl }),
    },
    progress: [{ name: 'deploy', status: 'failed', detail: reason }],
    notice: {
      kind: 'deploy-failed',
      reason,
      production,
      ...given({ log, logUrl }),
    },
    audit: bySlipway('deployment.failed', { attempt, reason }),
  };
}

/** A failure, and what is live now. */
export function withProduction(failure: string, production: string): string {
  return `${withoutTrailing(failure, '.')}. ${production}`;
}

/** Somebody cancelled, and all of it was live before that was heard. */
export function cancelledTooLate({ tag }: Release): PromotionEvent {
  const reason = `${tag} was live before the cancel arrived.`;
  return {
    name: 'cancelled-too-late',
    notice: { kind: 'not-stopped', reason, isLive: true },
    audit: bySlipway('deployment.not-stopped', { reason }, 'failed'),
  };
}

/** Somebody wanted to stop a deployment and the platform did not: it is followed to its end. */
export function notStopped(reason: string): PromotionEvent {
  return {
    name: 'not-stopped',
    to: 'deploying',
    data: {
      notice: {
        kind: 'problem',
        text: `The deployment could not be stopped and may still go live: ${reason}`,
      },
    },
    notice: { kind: 'not-stopped', reason },
    audit: bySlipway('deployment.not-stopped', { reason }, 'failed'),
  };
}
