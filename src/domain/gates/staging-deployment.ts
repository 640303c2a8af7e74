import type { GateResult } from '../gate.ts';
import type { StateReading } from '../state-file/reading.ts';
import { type LinkTo, linkOf, unread } from './from-reading.ts';

const GATE = { id: 'staging-deployment', title: 'Staging deployment' } as const;
const RUN = 'Run /ship-staging, commit the state file that it writes, then re-check.';

/** Passes when the state records a deployment to staging: its time, its id, its commit or `deployed: true`. */
export function stagingDeploymentGate(reading: StateReading, linkTo?: LinkTo): GateResult {
  const staging = reading.stagingDeployment;
  if (staging.kind !== 'value') {
    const wanted = {
      what: 'that this build was deployed to staging',
      key: 'deployment.staging.deployed_at',
      remedy: RUN,
    };
    return unread(GATE, staging, wanted, linkTo);
  }
  const said = `${staging.quote} (${staging.source})`;
  if (!staging.value.deployed) {
    const reason = `This build was not deployed to staging: ${said}.`;
    return { ...GATE, verdict: 'failed', reason, remedy: RUN, ...linkOf(staging.source, linkTo) };
  }
  const { url } = staging.value;
  return {
    ...GATE,
    verdict: 'passed',
    reason: `Deployed to staging${url ? ` at ${url}` : ''}: ${said}.`,
    ...(url?.startsWith('https://') || url?.startsWith('http://')
      ? { link: url }
      : linkOf(staging.source, linkTo)),
  };
}
