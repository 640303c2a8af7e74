import type { Job, WorkflowRun } from '../../repositories/github/runs.ts';

/** `deploy: Push to production (step 2 of 5)` of the job that runs now. */
export function progressOf(run: WorkflowRun, jobs: readonly Job[]): string {
  if (run.status === 'waiting') return 'waiting for an approval on GitHub';
  const job = jobs.find(({ status }) => status === 'in_progress');
  if (!job) return run.status === 'in_progress' ? 'between two jobs' : 'waiting for a runner';
  const steps = job.steps ?? [];
  const at = steps.findIndex(({ status }) => status === 'in_progress');
  const of = jobs.length > 1 ? `, job ${jobs.indexOf(job) + 1} of ${jobs.length}` : '';
  return at < 0
    ? `${job.name}${of}`
    : `${job.name}: ${steps[at]?.name} (step ${at + 1} of ${steps.length}${of})`;
}

/** Why a run that has ended did not go well, and the job that it failed in, where there is one. */
export function runFailure(
  { conclusion }: WorkflowRun,
  jobs: readonly Job[],
): { readonly reason: string; readonly job: Job | undefined } {
  const job = jobs.find((one) => isBad(one.conclusion));
  const step = job?.steps?.find((one) => isBad(one.conclusion));
  return { reason: reasonOf(conclusion, job?.name, step?.name), job };
}

function reasonOf(conclusion: string | null, job: string | undefined, step: string | undefined): string {
  if (conclusion === 'cancelled') return 'The run was cancelled on GitHub.';
  if (step !== undefined) return `Job “${job}” failed in step “${step}”.`;
  if (job !== undefined) return `Job “${job}” failed.`;
  return `The run ended with ${conclusion ?? 'no conclusion'}.`;
}

function isBad(conclusion: string | null): boolean {
  return conclusion !== null && !['success', 'skipped', 'neutral'].includes(conclusion);
}
