import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { type GitlabClient, GitlabTime } from './client.ts';

/** @see https://docs.gitlab.com/api/pipelines/ */
export const GitlabPipeline = z.object({
  id: z.int(),
  project_id: z.int().nullish(),
  sha: z.string(),
  ref: z.string().nullish(),
  /** created, waiting_for_resource, preparing, pending, running, success, failed, canceled, skipped, manual, scheduled */
  status: z.string(),
  /** push, web, api, schedule, merge_request_event, parent_pipeline, … */
  source: z.string().nullish(),
  web_url: z.string().nullish(),
  yaml_errors: z.string().nullish(),
  finished_at: GitlabTime,
});
export type GitlabPipeline = z.infer<typeof GitlabPipeline>;

/** @see https://docs.gitlab.com/api/jobs/ */
export const GitlabJob = z.object({
  id: z.int(),
  name: z.string(),
  stage: z.string().nullish(),
  status: z.string(),
  allow_failure: z.boolean().nullish(),
  failure_reason: z.string().nullish(),
  web_url: z.string().nullish(),
  /** Only of jobs that start another pipeline, in this project or another. */
  downstream_pipeline: GitlabPipeline.pick({
    id: true,
    project_id: true,
    status: true,
    web_url: true,
  }).nullish(),
});
export type GitlabJob = z.infer<typeof GitlabJob>;

/**
 * The page of its project, in small letters. GitLab gives itself another address than the one it is reached at where it is
 * told so, and writes the path of the project as that is called now.
 */
export function projectOf({ web_url: url }: Pick<GitlabPipeline, 'web_url'>): string | null {
  const [, page] = /^(.{1,2000}?)(?:\/-)?\/pipelines\/\d+$/.exec(url ?? '') ?? [];
  return page?.toLowerCase() ?? null;
}

const Variable = z.object({ key: z.string(), value: z.string().nullish() });

/** Newest first. `source`: only those that this started. */
export function pipelinesOf(
  client: GitlabClient,
  commit: Sha,
  { source, signal }: { readonly source?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly GitlabPipeline[]> {
  return client.list({
    path: '/pipelines',
    query: { sha: commit, source, order_by: 'id', sort: 'desc' },
    reply: z.array(GitlabPipeline),
    doing: 'list pipelines',
    signal,
  });
}

export async function pipelineOf(client: GitlabClient, id: number): Promise<GitlabPipeline> {
  return client.get({
    path: `/pipelines/${id}`,
    reply: GitlabPipeline,
    doing: `read the pipeline ${id}`,
    what: `the pipeline ${id} of ${client.name}`,
  });
}

/** Those that were not run again since; `bridges`: those that start other pipelines instead. */
export function jobsOf(
  client: GitlabClient,
  pipeline: number,
  kind: 'jobs' | 'bridges' = 'jobs',
): Promise<readonly GitlabJob[]> {
  return client.list({
    path: `/pipelines/${pipeline}/${kind}`,
    reply: z.array(GitlabJob),
    doing: `read the jobs of the pipeline ${pipeline}`,
    what: `the pipeline ${pipeline} of ${client.name}`,
  });
}

/**
 * The variables that a pipeline was started with; null where GitLab does not show them, as it does only to whoever
 * started it.
 */
export function variablesOf(
  client: GitlabClient,
  pipeline: number,
): Promise<readonly { readonly key: string; readonly value?: string | null | undefined }[] | null> {
  const variables = client.get({
    path: `/pipelines/${pipeline}/variables`,
    reply: z.array(Variable),
    doing: `read the variables of the pipeline ${pipeline}`,
  });
  return client.unless(['platform-forbidden', 'platform-not-found'], variables);
}
