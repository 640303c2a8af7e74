import type { VercelDeployment, VercelProject } from './vercel-shapes.ts';

/** Clocks differ by less than this, in ms. */
const CLOCK_SKEW_MS = 60_000;

export type VercelProgress =
  | { readonly kind: 'live' }
  | { readonly kind: 'running' | 'failed'; readonly words: string }
  /** It is built, and nobody has asked for the domains to be moved. */
  | { readonly kind: 'ready' };

/** How far a deployment is on its way to `domain`, which points at `aliased` now; what was asked for `since` then counts. */
export function progressOf(
  deployment: VercelDeployment,
  { lastAliasRequest: job }: VercelProject,
  { domain, aliased }: { readonly domain: string; readonly aliased: string | null },
  since: number,
): VercelProgress {
  const { id, aliasError } = deployment;
  const failed = (words: string) => ({ kind: 'failed', words }) as const;
  if (aliased === id) return { kind: 'live' };
  const building = buildingOf(deployment);
  if (building.kind !== 'ready') return building;
  if (aliasError) return failed(`The domains were not moved: ${aliasError.message}`);
  // An older one is of an earlier try.
  if (job?.toDeploymentId === id && job.requestedAt >= since - CLOCK_SKEW_MS) {
    if (job.jobStatus === 'failed') return failed(`Vercel could not point all production domains at ${id}.`);
    if (job.jobStatus === 'skipped') return failed(`Vercel has skipped moving the domains to ${id}.`);
    return isOpen(job.jobStatus)
      ? { kind: 'running', words: movingTo(id) }
      : failed(`Vercel has moved the domains, but ${domain} points at ${aliased ?? 'nothing'}.`);
  }
  if (job && job.requestedAt > since + CLOCK_SKEW_MS) {
    return failed(`Somebody else had the domains moved to ${job.toDeploymentId} meanwhile.`);
  }
  return { kind: 'ready' };
}

export function movingTo(id: string): string {
  return `${id} is ready; Vercel moves the production domains to it`;
}

/** Whether a promotion that was asked for is under way. */
export function isOpen(jobStatus: string): boolean {
  return jobStatus === 'pending' || jobStatus === 'in-progress';
}

function buildingOf({ id, readyState, errorMessage }: VercelDeployment): VercelProgress {
  switch (readyState) {
    case 'READY':
      return { kind: 'ready' };
    case 'QUEUED':
    case 'INITIALIZING':
    case 'BUILDING':
      return { kind: 'running', words: `${id} is ${readyState.toLowerCase()}` };
    case 'CANCELED':
      return { kind: 'failed', words: `${id} was cancelled.` };
    case 'ERROR':
      return {
        kind: 'failed',
        words: `The build of ${id} failed${errorMessage ? `: ${errorMessage}` : ''}.`,
      };
    case 'DELETED':
      return { kind: 'failed', words: `${id} is ${readyState.toLowerCase()} and cannot become live.` };
    default:
      return { kind: 'running', words: `Vercel says “${readyState}” of ${id}, which Slipway does not know` };
  }
}
