import type { Job, PendingEnvironment, WorkflowRun } from '../../repositories/github/runs.ts';

/** Names that jobs which deploy have; those of the second kind also others have, such as one that writes release notes. */
const DEPLOYS = [/deploy|roll.?out|promote|production/i, /ship|release|publish/i];
/** What a job names that deploys to another place than production. */
const ELSEWHERE = /(?:^|[^a-z])(?:stag(?:e|ing)|preview|dev(?:elopment)?|docs?|test|qa|sandbox)(?:[^a-z]|$)/i;

/** `deploy: Push to production (step 2 of 5)` of the job that runs now. */
export function progressOf(
  run: WorkflowRun,
  jobs: readonly Job[],
  pending: readonly PendingEnvironment[] = [],
): string {
  const { run_attempt: attempt = 1 } = run;
  const words = workOf(run, jobs, pending);
  return attempt > 1 ? `attempt ${attempt}: ${words}` : words;
}

function workOf(run: WorkflowRun, jobs: readonly Job[], pending: readonly PendingEnvironment[]): string {
  if (run.status === 'waiting') {
    return pending.length === 0 ? 'waiting for an approval on GitHub' : pending.map(waitsFor).join('; ');
  }
  const job = jobs.find(({ status }) => status === 'in_progress');
  if (!job) return run.status === 'in_progress' ? 'between two jobs' : 'waiting for a runner';
  const steps = job.steps ?? [];
  const at = steps.findIndex(({ status }) => status === 'in_progress');
  const of = jobs.length > 1 ? `, job ${jobs.indexOf(job) + 1} of ${jobs.length}` : '';
  return at < 0
    ? `${job.name}${of}`
    : `${job.name}: ${steps[at]?.name} (step ${at + 1} of ${steps.length}${of})`;
}

function waitsFor({ environment, minutes, reviewers }: PendingEnvironment): string {
  const people =
    reviewers.length === 0 ? '' : `waiting for ${reviewers.join(' or ')} to approve ${environment} on GitHub`;
  const timer = minutes === 0 ? '' : `waiting ${minutes} min before ${environment} may be deployed to`;
  const both = [people, timer].filter((part) => part !== '').join(', and ');
  return both === '' ? `waiting for the rules of the environment ${environment}` : both;
}

/** The job that deploys was skipped, so a run that went well has deployed nothing: its name; null when it has deployed. */
export function skippedDeploy(jobs: readonly Job[]): string | null {
  const here = jobs.filter(({ name }) => !ELSEWHERE.test(name));
  const named = [here, jobs].flatMap((some) =>
    DEPLOYS.map((words) => some.filter(({ name }) => words.test(name))),
  );
  const deploying = named.find((some) => some.length > 0) ?? jobs;
  const isSkipped = deploying.length > 0 && deploying.every(({ conclusion }) => conclusion === 'skipped');
  return isSkipped ? (deploying[0]?.name ?? null) : null;
}

/** Why a run that has ended did not go well, and the job that it failed in, where there is one. `note`: what GitHub says of that job. */
export function runFailure(
  { conclusion }: WorkflowRun,
  jobs: readonly Job[],
  note: string | null = null,
): { readonly reason: string; readonly job: Job | undefined } {
  const job = badJob(jobs);
  const step = job?.steps?.find((one) => isBad(one.conclusion));
  const reason = reasonOf(conclusion, job?.name, step?.name);
  return { reason: note === null ? reason : `${reason.replace(/\.$/, '')}: ${note}`, job };
}

/** The first job that did not go well. */
export function badJob(jobs: readonly Job[]): Job | undefined {
  return jobs.find((one) => isBad(one.conclusion));
}

/** How runs end that do not get to a step, in words. */
const ENDS: Readonly<Record<string, string>> = {
  cancelled: 'The run was cancelled on GitHub.',
  startup_failure:
    'GitHub could not start the run: the workflow file is not valid, or may not use what it names.',
  action_required: 'GitHub wants somebody to approve the run before anything of it starts.',
  stale: 'GitHub gave the run up: it was stuck for too long.',
  skipped: 'Every job of the run was skipped: nothing was deployed.',
};

function reasonOf(conclusion: string | null, job: string | undefined, step: string | undefined): string {
  const end = ENDS[conclusion ?? ''];
  if (end !== undefined) return end;
  if (step !== undefined) return `Job “${job}” failed in step “${step}”.`;
  if (job !== undefined) return `Job “${job}” failed.`;
  return conclusion === 'timed_out'
    ? 'The run took longer than GitHub lets it.'
    : `The run ended with ${conclusion ?? 'no conclusion'}.`;
}

function isBad(conclusion: string | null): boolean {
  return conclusion !== null && !['success', 'skipped', 'neutral'].includes(conclusion);
}
