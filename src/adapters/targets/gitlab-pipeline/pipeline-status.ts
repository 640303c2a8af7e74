import type { GitlabJob, GitlabPipeline } from '../../repositories/gitlab/pipelines.ts';

const WAITS: Readonly<Record<string, string>> = {
  created: 'about to begin',
  preparing: 'about to begin',
  pending: 'waiting for a runner',
  waiting_for_resource: 'waiting for another deployment to end (its resource group)',
  scheduled: 'waiting for its time',
};

/** How far a pipeline is, in words: `deploy-production (job 2 of 3)`. `jobs` in the order in which they were made. */
export function pipelineProgress(
  { status }: Pick<GitlabPipeline, 'status'>,
  jobs: readonly GitlabJob[],
): string {
  const running = jobs.find((job) => job.status === 'running');
  if (running) {
    const of = jobs.length > 1 ? ` (job ${jobs.indexOf(running) + 1} of ${jobs.length})` : '';
    return `${running.name}${of}`;
  }
  const manual = jobs.find((job) => job.status === 'manual' && job.allow_failure !== true);
  if (manual) return `${manual.name} waits for somebody to start or approve it on GitLab`;
  const next = jobs.find((job) => WAITS[job.status] !== undefined);
  if (next) return `${next.name} is ${WAITS[next.status]}`;
  return WAITS[status] ?? 'between two jobs';
}

/** Nothing of it runs until somebody starts or approves a job on GitLab. */
export function waitsForPeople(jobs: readonly GitlabJob[]): boolean {
  const isUnderWay = ({ status }: GitlabJob) => ['running', 'preparing', 'pending'].includes(status);
  return !jobs.some(isUnderWay) && jobs.some((job) => job.status === 'manual' && job.allow_failure !== true);
}

/** The first job that keeps a pipeline from success. */
export function failedJob(jobs: readonly GitlabJob[]): GitlabJob | undefined {
  const isBad = (job: GitlabJob, status: string) => job.status === status && job.allow_failure !== true;
  return jobs.find((job) => isBad(job, 'failed')) ?? jobs.find((job) => isBad(job, 'canceled'));
}

/** How jobs fail that fail for no reason of their own. @see https://docs.gitlab.com/api/jobs/ `failure_reason` */
const REASONS: Readonly<Record<string, string>> = {
  runner_system_failure: 'the runner itself failed',
  stuck_or_timeout_failure: 'no runner took it in time',
  job_execution_timeout: 'it took longer than it may',
  runner_unsupported: 'the runner is too old for it',
  forward_deployment_failure:
    'GitLab takes no older deployment after a newer one (“Prevent outdated deployment jobs” of the project)',
  failed_outdated_deployment_job:
    'GitLab takes no older deployment after a newer one (“Prevent outdated deployment jobs” of the project)',
  protected_environment_failure: 'the account of the token may not deploy to this protected environment',
  deployment_rejected: 'somebody rejected the deployment on GitLab',
  ci_quota_exceeded: 'no compute minutes are left',
  user_blocked: 'the account of the token is blocked',
  secrets_provider_not_found: 'its secrets could not be had',
  environment_creation_failure: 'the environment could not be made',
};

/** Why a pipeline that has ended did not go well. */
export function pipelineFailure(
  { status, yaml_errors: invalid }: Pick<GitlabPipeline, 'status' | 'yaml_errors'>,
  jobs: readonly GitlabJob[],
): string {
  if (invalid) return `GitLab could not make the pipeline: ${invalid.slice(0, 300)}`;
  const job = failedJob(jobs);
  if (job?.status === 'failed') return jobFailure(job);
  if (status === 'canceled' || status === 'canceling') return 'The pipeline was cancelled on GitLab.';
  if (status === 'skipped') return 'Every job of the pipeline was skipped: nothing was deployed.';
  return `The pipeline ended with ${status.replaceAll('_', ' ')}.`;
}

export function jobFailure({ name, status, failure_reason: why }: GitlabJob): string {
  if (status === 'canceled') return `Job “${name}” was cancelled on GitLab.`;
  const reason = REASONS[why ?? ''];
  return reason === undefined ? `Job “${name}” failed.` : `Job “${name}” failed: ${reason}.`;
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,20}[A-Za-z]`, 'g');

/** The last lines of a job's log, without colours, times and the marks of its sections. */
export function traceTail(trace: string, lines: number): readonly string[] {
  return trace
    .slice(-200_000)
    .split('\n')
    .map((line) =>
      (
        line
          .slice(0, 4_000)
          .split('\r')
          .findLast((part) => part.trim() !== '') ?? ''
      ).replace(COLOURS, ''),
    )
    .map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]{8,20}Z \d\d[OE][+ ]?/, '').trimEnd())
    .filter((line) => line !== '' && !/^section_(?:start|end):/.test(line))
    .slice(-lines);
}
