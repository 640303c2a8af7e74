import type { Job, Run } from '../actions/runner.ts';
import { type Call, GithubError, iso, ok, paged, type Routes, textOf } from '../model.ts';
import { urlOf } from './git.ts';

const ROOT = '/repos/{owner}/{repo}/actions';

export const actionsRoutes: Routes = {
  [`GET ${ROOT}/workflows/{workflow_id}`]: async (call) => {
    const path = pathOf(call);
    const workflow = await call.repository.actions.workflowAt(call.repository.defaultBranch, path);
    if (!workflow) throw new GithubError(404, 'Not Found');
    return ok({
      id: 1,
      node_id: 'W_1',
      name: workflow.name,
      path,
      state: 'active',
      created_at: iso(call.now),
      updated_at: iso(call.now),
      url: `${urlOf(call)}/actions/workflows/1`,
      html_url: `${call.web}/${call.repository.fullName}/blob/main/${path}`,
      badge_url: '',
    });
  },
  [`POST ${ROOT}/workflows/{workflow_id}/dispatches`]: async (call) => {
    const { actions, store, defaultBranch } = call.repository;
    const path = pathOf(call);
    const unknown = Object.keys(call.body).filter((name) => name !== 'ref' && name !== 'inputs');
    if (actions.old === 'strict' && unknown.length > 0) {
      throw new GithubError(422, `Invalid request.\n\n"${unknown[0]}" is not a permitted key.`);
    }
    if (!(await actions.workflowAt(defaultBranch, path))) throw new GithubError(404, 'Not Found');
    const name = textOf(call.body['ref']);
    const ref = name.replace(/^refs\/(heads|tags)\//, '');
    // A name that is a branch and a tag is the branch.
    const names = name === ref ? [`refs/heads/${ref}`, `refs/tags/${ref}`] : [name];
    const [branch, tag] = await Promise.all(names.map((one) => store.resolve(one)));
    const sha = branch ?? tag;
    if (!sha) throw new GithubError(422, `No ref found for: ${ref}`);
    const workflow = await actions.workflowAt(sha, path);
    if (!workflow?.inputs) throw new GithubError(422, "Workflow does not have 'workflow_dispatch' trigger");
    const given = (call.body['inputs'] ?? {}) as Record<string, unknown>;
    const unexpected = Object.keys(given).filter((name) => workflow.inputs?.[name] === undefined);
    if (unexpected.length > 0)
      throw new GithubError(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
    const inputs: Record<string, string> = {};
    for (const [name, { required, default: standard, options }] of Object.entries(workflow.inputs)) {
      const value = given[name] === undefined ? standard : String(given[name]);
      if (required && (value === null || value === ''))
        throw new GithubError(422, `Required input '${name}' not provided`);
      if (value !== null && options && !options.includes(value)) {
        throw new GithubError(
          422,
          `Provided value '${value}' for input '${name}' not in the list of allowed values`,
        );
      }
      if (value !== null) inputs[name] = value;
    }
    const run = actions.start(workflow, { path, ref, sha, inputs });
    if (actions.old || call.body['return_run_details'] !== true) return { status: 204 };
    return ok({
      workflow_run_id: run.id,
      run_url: `${urlOf(call)}/actions/runs/${run.id}`,
      html_url: pageOf(call, run),
    });
  },
  [`GET ${ROOT}/workflows/{workflow_id}/runs`]: (call) => {
    const { event, status, branch } = call.query;
    const path = pathOf(call);
    const { runs, listedAfterMs } = call.repository.actions;
    const found = runs.filter(
      (run) =>
        run.path === path &&
        call.now - run.createdAt >= listedAfterMs &&
        (event === undefined || run.event === event) &&
        (branch === undefined || run.ref === branch) &&
        (status === undefined || run.status === status || run.conclusion === status),
    );
    const bodies = found.reverse().map((run) => runBody(call, run));
    return paged(call, bodies, (page) => ({ total_count: bodies.length, workflow_runs: page }));
  },
  [`GET ${ROOT}/runs`]: (call) => {
    const { head_sha: sha } = call.query;
    const found = call.repository.actions.runs.filter((run) => sha === undefined || run.sha === sha);
    const bodies = found.reverse().map((run) => runBody(call, run));
    return paged(call, bodies, (page) => ({ total_count: bodies.length, workflow_runs: page }));
  },
  [`GET ${ROOT}/runs/{run_id}`]: (call) => ok(runBody(call, runOf(call))),
  [`GET ${ROOT}/runs/{run_id}/jobs`]: (call) => {
    const run = runOf(call);
    const jobs = run.jobs.map((job) => jobBody(call, run, job));
    return paged(call, jobs, (page) => ({ total_count: jobs.length, jobs: page }));
  },
  [`GET ${ROOT}/runs/{run_id}/attempts/{attempt_number}`]: (call) => {
    return ok(runBody(call, attemptOf(call)));
  },
  [`GET ${ROOT}/runs/{run_id}/attempts/{attempt_number}/jobs`]: (call) => {
    const run = attemptOf(call);
    const jobs = run.jobs.map((job) => jobBody(call, run, job));
    return paged(call, jobs, (page) => ({ total_count: jobs.length, jobs: page }));
  },
  [`GET ${ROOT}/runs/{run_id}/pending_deployments`]: (call) => ok(runOf(call).pending ?? []),
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations': (call) => {
    const id = Number(call.params['check_run_id']);
    const job = call.repository.actions.runs.flatMap(({ jobs }) => jobs).find((one) => one.id === id);
    const said = job?.annotations ?? [];
    return paged(
      call,
      said.map((message) => ({
        path: '.github',
        start_line: 1,
        end_line: 1,
        annotation_level: 'failure',
        message,
      })),
    );
  },
  [`POST ${ROOT}/runs/{run_id}/cancel`]: (call) => {
    const run = runOf(call);
    if (run.status === 'completed')
      throw new GithubError(409, 'Cannot cancel a workflow run that is completed.');
    call.repository.actions.cancel(run);
    return { status: 202, body: {} };
  },
  [`GET ${ROOT}/jobs/{job_id}/logs`]: (call) => {
    const id = Number(call.params['job_id']);
    const job = call.repository.actions.runs.flatMap(({ jobs }) => jobs).find((one) => one.id === id);
    if (job?.status !== 'completed') throw new GithubError(404, 'Not Found');
    return { status: 302, headers: { location: `${call.web}/_logs/${call.repository.fullName}/${id}` } };
  },
};

function pathOf(call: Call): string {
  return `.github/workflows/${call.params['workflow_id']}`;
}

function runOf(call: Call): Run {
  const found = call.repository.actions.runs.find(({ id }) => id === Number(call.params['run_id']));
  if (!found) throw new GithubError(404, 'Not Found');
  return found;
}

function attemptOf(call: Call): Run {
  const run = runOf(call);
  const found = [...(run.before ?? []), run][Number(call.params['attempt_number']) - 1];
  if (!found) throw new GithubError(404, 'Not Found');
  return found;
}

/** A number for each workflow file. */
function workflowId(path: string): number {
  return [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
}

/** Every run has a suite of its own. */
export function suiteId({ id }: Pick<Run, 'id'>): number {
  return 1_000_000 + id;
}

function pageOf(call: Call, run: Run): string {
  return `${call.web}/${call.repository.fullName}/actions/runs/${run.id}`;
}

function runBody(call: Call, run: Run) {
  const url = `${urlOf(call)}/actions/runs/${run.id}`;
  return {
    id: run.id,
    node_id: `WFR_${run.id}`,
    name: run.name,
    display_title: run.title,
    head_branch: run.ref,
    head_sha: run.sha,
    path: run.path,
    run_number: run.number,
    run_attempt: 1 + (run.before?.length ?? 0),
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflowId(run.path),
    check_suite_id: suiteId(run),
    url,
    html_url: pageOf(call, run),
    created_at: iso(run.createdAt),
    updated_at: iso(run.updatedAt),
    run_started_at: iso(run.startedAt ?? run.createdAt),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    cancel_url: `${url}/cancel`,
  };
}

function jobBody(call: Call, run: Run, job: Job) {
  const url = `${urlOf(call)}/actions/jobs/${job.id}`;
  return {
    id: job.id,
    run_id: run.id,
    run_url: `${urlOf(call)}/actions/runs/${run.id}`,
    node_id: `J_${job.id}`,
    head_sha: run.sha,
    url,
    html_url: `${pageOf(call, run)}/job/${job.id}`,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    created_at: iso(run.createdAt),
    started_at: iso(run.createdAt),
    completed_at: job.status === 'completed' ? iso(run.updatedAt) : null,
    steps: job.steps.map((step) => ({
      name: step.name,
      number: step.number,
      status: step.status,
      conclusion: step.conclusion,
      started_at: step.startedAt === null ? null : iso(step.startedAt),
      completed_at: step.finishedAt === null ? null : iso(step.finishedAt),
    })),
    check_run_url: url,
    labels: [],
    runner_id: null,
    runner_name: null,
    workflow_name: run.name,
    head_branch: run.ref,
  };
}
