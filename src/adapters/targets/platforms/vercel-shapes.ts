import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { PlatformBuild } from '../shared/build-search.ts';

/** Where the key of an order stands in the metadata of a deployment that was made for it. */
export const KEY = 'slipwayKey';

const Job = z.object({
  toDeploymentId: z.string(),
  /** pending, in-progress, succeeded, failed, skipped. */
  jobStatus: z.string(),
  requestedAt: z.number(),
});

export const VercelProject = z.object({
  id: z.string(),
  name: z.string(),
  /** False: builds for production are staged until somebody promotes them. */
  autoAssignCustomDomains: z.boolean().optional(),
  link: z
    .object({
      type: z.string(),
      productionBranch: z.string().optional(),
      repoId: z.union([z.string(), z.number()]).optional(),
      projectId: z.union([z.string(), z.number()]).optional(),
      uuid: z.string().optional(),
      workspaceUuid: z.string().optional(),
    })
    .nullish(),
  rollingRelease: z.object({}).nullish(),
  permissions: z
    .object({
      deploymentPromote: z.array(z.string()).optional(),
      deploymentRollback: z.array(z.string()).optional(),
    })
    .nullish(),
  /** The last promotion or rollback that somebody asked for. */
  lastAliasRequest: Job.nullish(),
});
export type VercelProject = z.infer<typeof VercelProject>;

const Meta = z.record(z.string(), z.unknown()).nullish();

export const Listed = z.object({
  uid: z.string(),
  created: z.number(),
  readyState: z.string().optional(),
  state: z.string().optional(),
  /** Of what is ready: STAGED has never served production, PROMOTED has. */
  readySubstate: z.string().nullish(),
  /** `production`, `staging`; null or absent: preview. */
  target: z.string().nullish(),
  isRollbackCandidate: z.boolean().nullish(),
  meta: Meta,
});

export const VercelDeployment = z.object({
  id: z.string(),
  readyState: z.string(),
  target: z.string().nullish(),
  meta: Meta,
  gitSource: z.object({ sha: z.string().optional() }).nullish(),
  inspectorUrl: z.string().nullish(),
  errorMessage: z.string().nullish(),
  aliasError: z.object({ message: z.string() }).nullish(),
});
export type VercelDeployment = z.infer<typeof VercelDeployment>;

/** One deployment as it stands in a list. */
export interface VercelBuild extends PlatformBuild {
  readonly created: number;
  readonly isPromoted: boolean;
  readonly isRollbackCandidate: boolean;
  /** The order that it was built for. */
  readonly key: string | null;
}

export function toBuild(one: z.infer<typeof Listed>): VercelBuild {
  // BLOCKED, BUILDING, CANCELED, DELETED, ERROR, INITIALIZING, QUEUED, READY
  const state = one.readyState ?? one.state ?? 'unknown';
  return {
    id: one.uid,
    state: state.toLowerCase(),
    isReady: state === 'READY',
    environment: one.target ?? 'preview',
    created: one.created,
    isPromoted: one.readySubstate === 'PROMOTED',
    isRollbackCandidate: one.isRollbackCandidate ?? false,
    key: textOf(one.meta?.[KEY]),
  };
}

/** Every git host has a name of its own for it: `githubCommitSha`, `gitlabCommitSha`, `bitbucketCommitSha`, … */
export function commitOf({ meta, gitSource }: VercelDeployment): Sha | null {
  const named = Object.entries(meta ?? {}).find(([name]) => name.endsWith('CommitSha'));
  return textOf(named?.[1]) ?? textOf(gitSource?.sha);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Where Vercel gets a commit from to build it. */
export function gitSourceOf(
  { name, link }: VercelProject,
  sha: Sha,
  ref: string,
): Readonly<Record<string, unknown>> {
  const common = { type: link?.type, ref, sha };
  if (link?.repoId !== undefined) return { ...common, repoId: link.repoId };
  if (link?.projectId !== undefined) return { ...common, projectId: link.projectId };
  if (link?.uuid !== undefined) {
    return { ...common, repoUuid: link.uuid, workspaceUuid: link.workspaceUuid };
  }
  throw new Refusal('target-misconfigured', {
    target: 'Vercel',
    reason: `the project ${name} is not connected to a git repository, so Vercel cannot build a commit of it`,
  });
}
