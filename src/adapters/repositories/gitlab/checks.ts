import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { path } from '../../shared/platform/api.ts';
import { isCorrelated } from '../correlation.ts';
import type { CommitCheck } from '../port.ts';
import type { GitlabClient } from './client.ts';
import {
  type GitlabJob,
  type GitlabPipeline,
  jobsOf,
  pipelineOf,
  pipelinesOf,
  projectOf,
  variablesOf,
} from './pipelines.ts';

/** Jobs of pipelines, and what others report of a commit. @see https://docs.gitlab.com/api/commits/#list-commit-statuses */
const Status = z.object({
  id: z.int(),
  ref: z.string().nullish(),
  name: z.string(),
  status: z.string(),
  target_url: z.string().nullish(),
  allow_failure: z.boolean().nullish(),
  pipeline_id: z.int().nullish(),
});
type Status = z.infer<typeof Status>;
/** `isOutside`: reported by others than a job of the pipeline. */
type ReportedStatus = Status & { readonly pipeline: number; readonly isOutside: boolean };

/** A job, or what stands for one. */
interface Reported {
  readonly name: string;
  readonly status: string;
  readonly allow_failure?: boolean | null | undefined;
}

const FAILED = ['failed', 'canceled', 'canceling'];
/** Pipelines that are started again by hand take the place of those that a push started. */
const BY_HAND = ['push', 'web'];
/** GitLab makes such a pipeline for what others report, and several where several report. */
const EXTERNAL = 'external';
/** A child pipeline may have children of its own, and no more than that. */
const DEEPEST = 2;

/**
 * Jobs of a commit, of the newest pipeline of each ref and source, and what others reported last of each name, in whichever
 * pipeline; with what child pipelines became, also where their parent does not wait for them. Our own deployments say nothing about the commit. `wanted`: all, or
 * those with these names.
 */
export async function checksOf(
  client: GitlabClient,
  commit: Sha,
  wanted: 'all' | readonly string[],
): Promise<readonly CommitCheck[]> {
  const [statuses, pipelines] = await Promise.all([
    client.list({
      path: path`/repository/commits/${commit}/statuses`,
      // Newest first: of too many the oldest are left out.
      query: { order_by: 'id', sort: 'desc' },
      reply: z.array(Status),
      doing: 'read the statuses of a commit',
    }),
    pipelinesOf(client, commit),
  ]);
  const ours = await ownDeployments(client, pipelines);
  const current = newest(pipelines.filter(({ id, source }) => !ours.has(id) && source !== EXTERNAL));
  const isCurrent = new Set(current.map(({ id }) => id));
  const reported = reportedLast(client, statuses, pipelines).filter(
    ({ pipeline, isOutside }) => isCurrent.has(pipeline) || (isOutside && !ours.has(pipeline)),
  );
  const found = [
    ...(await Promise.all(
      current.map((pipeline) =>
        pipelineChecks(
          client,
          pipeline,
          reported.filter((status) => status.pipeline === pipeline.id),
        ),
      ),
    )),
    ...reported.filter(({ pipeline }) => !isCurrent.has(pipeline)).map((status) => checkOf(status)),
  ].flat();
  if (wanted === 'all') return found;
  return wanted.flatMap((name): CommitCheck[] => {
    const named = found.filter((check) => isNamed(check.name, name));
    return named.length > 0 ? named : [{ name, state: 'missing', word: 'not reported' }];
  });
}

/** The checks of one pipeline, such as that of a merge request, whose commit is another one. */
export async function checksOfPipeline(
  client: GitlabClient,
  pipeline: GitlabPipeline,
): Promise<readonly CommitCheck[]> {
  return pipelineChecks(client, pipeline, await jobsOf(client, pipeline.id));
}

async function pipelineChecks(
  client: GitlabClient,
  pipeline: GitlabPipeline,
  jobs: readonly (Reported | ReportedStatus)[],
  depth = 0,
): Promise<readonly CommitCheck[]> {
  const { id, status, web_url: url } = pipeline;
  const bridges = await jobsOf(client, id, 'bridges');
  const children = await Promise.all(bridges.map((bridge) => childChecks(client, pipeline, bridge, depth)));
  const isBridge = new Set(bridges.map(({ name }) => name));
  const own = [...jobs.filter(({ name }) => !isBridge.has(name)), ...bridges].flatMap((job) =>
    checkOf(job, pipeline),
  );
  const checks = [...own, ...children.flat()];
  // A pipeline that could not be made has no jobs, and one that was just made none yet.
  const state = stateOf(status);
  if (state === 'passed' || checks.some((check) => check.state === state)) return checks;
  // Lists of pipelines do not have it.
  const isInvalid = state === 'failed' && !!(await pipelineOf(client, id)).yaml_errors;
  const word = isInvalid ? 'its configuration is not valid' : wordOf(status);
  return [...checks, { name: `pipeline ${id}`, state, word, ...(url ? { url } : {}) }];
}

/** What became of the pipeline that a job has started; it counts as the job does. */
async function childChecks(
  client: GitlabClient,
  parent: GitlabPipeline,
  { name, downstream_pipeline: child, allow_failure }: GitlabJob,
  depth: number,
): Promise<readonly CommitCheck[]> {
  if (!child) return [];
  const { id, status, project_id } = child;
  const whole = checkOf(
    { name: `${name} (pipeline ${id})`, status, allow_failure },
    { ...child, status: null },
  );
  const isAnother =
    project_id != null && parent.project_id != null
      ? project_id !== parent.project_id
      : projectOf(child) !== projectOf(parent);
  if (depth + 1 > DEEPEST || isAnother || allow_failure) return whole;
  const pipeline = { ...child, sha: '', finished_at: null };
  const inside = await pipelineChecks(client, pipeline, await jobsOf(client, id), depth + 1);
  return inside.map((check) => ({ ...check, name: `${name}: ${check.name}` }));
}

/** None for a job that nobody has to start. `pipeline`: the one whose job it is, if it is one. */
function checkOf(
  { name, status, allow_failure: allowed, ...rest }: Reported | ReportedStatus,
  pipeline?: { readonly status: string | null; readonly web_url?: string | null | undefined },
): readonly CommitCheck[] {
  const url = ('target_url' in rest && rest.target_url) || pipeline?.web_url || undefined;
  const link = url === undefined ? {} : { url };
  const isOutside = 'isOutside' in rest && rest.isOutside;
  if (status === 'skipped' && pipeline?.status && !isOutside && !allowed) {
    const state = stateOf(pipeline.status);
    const why = state === 'pending' ? 'its pipeline goes on' : 'an earlier job did not pass';
    if (state !== 'passed') return [{ name, state, word: `skipped: ${why}`, ...link }];
  }
  if (status === 'success' || status === 'skipped') return [{ name, state: 'passed', word: status, ...link }];
  if (status === 'manual') {
    const word = 'waits for somebody to start it';
    return allowed ? [] : [{ name, state: 'pending', word, ...link }];
  }
  if (!FAILED.includes(status)) return [{ name, state: 'pending', word: wordOf(status), ...link }];
  if (allowed) return [{ name, state: 'passed', word: `${wordOf(status)}, which is allowed`, ...link }];
  return [{ name, state: 'failed', word: wordOf(status), ...link }];
}

function wordOf(status: string): string {
  return status.replaceAll('_', ' ');
}

function stateOf(pipeline: string): 'passed' | 'failed' | 'pending' {
  if (FAILED.includes(pipeline)) return 'failed';
  return pipeline === 'success' || pipeline === 'skipped' ? 'passed' : 'pending';
}

function newest(newestFirst: readonly GitlabPipeline[]): readonly GitlabPipeline[] {
  const seen = new Set<string>();
  return newestFirst.filter(({ ref, source }) => {
    const kind = BY_HAND.includes(source ?? '') ? 'push' : source;
    const key = `${ref} ${kind}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/**
 * What was said last of each job of a pipeline, and by others of each name on a ref: they may leave an older report behind
 * that never ends, or report to a pipeline of their own.
 */
function reportedLast(
  { web }: GitlabClient,
  statuses: readonly Status[],
  pipelines: readonly GitlabPipeline[],
) {
  const sources = new Map(pipelines.map(({ id, source }) => [id, source ?? '']));
  const pages = [web.toLowerCase(), ...pipelines.flatMap((pipeline) => projectOf(pipeline) ?? [])];
  const last = new Map<string, ReportedStatus>();
  for (const status of [...statuses].sort((a, b) => a.id - b.id)) {
    const { pipeline_id, target_url: url, ref, name } = status;
    const pipeline = pipeline_id ?? 0;
    const source = pipeline_id == null ? EXTERNAL : sources.get(pipeline);
    const isElsewhere = Boolean(url) && !pages.some((page) => url?.toLowerCase().startsWith(`${page}/`));
    const isOutside = source === EXTERNAL || isElsewhere;
    last.set(`${isOutside ? `of ${ref}` : pipeline} ${name}`, { ...status, pipeline, isOutside });
  }
  return [...last.values()];
}

/** A parallel job is called `test 1/3`, one of a matrix `test: [a, b]`. */
function isNamed(found: string, name: string): boolean {
  return (
    found === name || (found.startsWith(name) && /^(?: \d+\/\d+|: \[.*\])$/.test(found.slice(name.length)))
  );
}

/** Pipelines that deployed for us, by the variable that names the order. */
async function ownDeployments(
  client: GitlabClient,
  pipelines: readonly GitlabPipeline[],
): Promise<ReadonlySet<number>> {
  const asked = pipelines.filter(({ source }) => source === 'api');
  const answers = await Promise.all(
    asked.map(async ({ id }) => {
      const variables = (await variablesOf(client, id)) ?? [];
      return variables.some(({ value }) => isCorrelated(value ?? '')) ? [id] : [];
    }),
  );
  return new Set(answers.flat());
}
