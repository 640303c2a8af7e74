import type { Sha } from '../release/release.ts';
import type { StateReading } from '../state-file/reading.ts';
import { type LinkTo, linkOf, notAfterRollback, stateFileOf, unread } from './from-reading.ts';
import type { GateAnswer } from './gate.ts';

/** What a pipeline that deploys to staging writes: docs/cookbook/staging.md. */
const KEYS = '`deployment.staging` with `deployed_at` and `commit_sha`';
const AGAIN =
  'Deploy the fix to staging, let that record its time as `deployed_at`, commit the state file, then re-check.';

/** Passes when the state records a deployment to staging: its time, its id, its commit or `deployed: true`. */
export function stagingDeploymentGate(reading: StateReading, linkTo?: LinkTo): GateAnswer {
  const staging = reading.stagingDeployment;
  const run = `Deploy this build to staging, and let that write ${KEYS} into ${stateFileOf(staging)} and commit it. Then re-check.`;
  if (staging.kind !== 'value') {
    const wanted = {
      what: 'that this build was deployed to staging',
      key: 'deployment.staging.deployed_at',
      remedy: run,
    };
    return unread(staging, wanted, linkTo);
  }
  const said = `${staging.quote} (${staging.source})`;
  if (!staging.value.deployed) {
    const reason = `This build was not deployed to staging: ${said}.`;
    return { verdict: 'failed', reason, remedy: run, ...linkOf(staging.source, linkTo) };
  }
  const { url, deployedAt } = staging.value;
  const times = deployedAt === undefined ? [] : [deployedAt];
  const deployment = { what: 'staging deployment', times, remedy: AGAIN };
  const stale = notAfterRollback(reading, deployment, linkTo);
  if (stale !== null) return { ...linkOf(staging.source, linkTo), ...stale };
  return {
    verdict: 'passed',
    reason: `Deployed to staging${url ? ` at ${url}` : ''}: ${said}.`,
    ...(url?.startsWith('https://') || url?.startsWith('http://')
      ? { link: url }
      : linkOf(staging.source, linkTo)),
  };
}

/** A deployment as the git host shows it. */
export interface HostDeployment {
  readonly environment: string;
  /** The host's word for its newest status: `success`, `failure`, `in_progress`, …; null when it has none. */
  readonly state: string | null;
  readonly url?: string;
}

/**
 * The same verdict in the light of what the host shows of the validated commit. Files that say nothing are made up
 * for by the host; files and host that say different things are `unknown`.
 */
export function confirmedByHost(
  said: GateAnswer,
  { stagingDeployment: reading, production }: Pick<StateReading, 'stagingDeployment' | 'production'>,
  shown: HostDeployment | null,
  commit: Sha,
): GateAnswer {
  const rolledBack = production.kind === 'value' && production.value.rolledBack;
  const short = commit.slice(0, 7);
  const remedy = `Deploy exactly ${short} to staging, then re-check.`;
  if (shown === null) {
    return {
      verdict: 'failed',
      reason: `The git host shows no deployment of ${short} to staging.`,
      remedy,
    };
  }
  const { environment, state, url } = shown;
  const link = url === undefined ? {} : { link: url };
  const what = `${short} to ${environment}`;
  switch (state) {
    // GitHub calls a successful deployment inactive once another one followed.
    case 'success':
    case 'inactive': {
      if (said.verdict === 'passed') return { ...said, reason: `${said.reason} The git host shows it too.` };
      // The deployment that it shows may be the one before a rollback: it has no time.
      if (reading.kind === 'missing' && !rolledBack) {
        return {
          verdict: 'passed',
          reason: `The git host shows the deployment of ${what}.`,
          ...link,
        };
      }
      if (reading.kind !== 'value' || reading.value.deployed) return said;
      const reason = `The git host shows the deployment of ${what}, but the state file does not. ${said.reason}`;
      return { ...said, verdict: 'unknown', reason };
    }
    case 'failure':
    case 'error':
      return { verdict: 'failed', reason: `The deployment of ${what} failed.`, remedy, ...link };
    default: {
      const reason = `The deployment of ${what} has not ended (${state ?? 'no status yet'}).`;
      return { verdict: 'pending', reason, remedy: 'Slipway looks again by itself.', ...link };
    }
  }
}
