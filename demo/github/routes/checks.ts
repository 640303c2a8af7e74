import { type Call, type Check, GithubError, iso, ok, paged, type Routes } from '../model.ts';
import { suiteId } from './actions.ts';
import { urlOf } from './git.ts';

const ROOT = '/repos/{owner}/{repo}';

/** What continuous integration says of a commit. */
export const checkRoutes: Routes = {
  [`GET ${ROOT}/commits/{ref}/check-runs`]: async (call) => {
    const sha = await commitOf(call);
    const runs = suitesAt(call, sha).flatMap((suite) =>
      suite.checks.map((check) => checkBody(check, sha, suite)),
    );
    return paged(call, runs, (page) => ({ total_count: runs.length, check_runs: page }));
  },
  [`GET ${ROOT}/commits/{ref}/check-suites`]: async (call) => {
    const sha = await commitOf(call);
    const suites = suitesAt(call, sha).map((suite) => suiteBody(call, suite, sha));
    return paged(call, suites, (page) => ({ total_count: suites.length, check_suites: page }));
  },
  [`GET ${ROOT}/commits/{ref}/status`]: async (call) => {
    const sha = await commitOf(call);
    const all = call.repository.statuses.get(sha) ?? [];
    const latest = all.filter(
      (status) => all.findLast(({ context }) => context === status.context) === status,
    );
    const bad = latest.some(({ state }) => state === 'error' || state === 'failure');
    const state = bad
      ? 'failure'
      : latest.length > 0 && latest.every((one) => one.state === 'success')
        ? 'success'
        : 'pending';
    return ok({
      state,
      sha,
      total_count: latest.length,
      statuses: latest.map(({ context, state: each, description, url }, index) => ({
        id: index + 1,
        node_id: context,
        context,
        state: each,
        description,
        target_url: url,
        url: `${urlOf(call)}/statuses/${sha}`,
        avatar_url: null,
        created_at: iso(call.now),
        updated_at: iso(call.now),
      })),
      commit_url: `${urlOf(call)}/commits/${sha}`,
      url: `${urlOf(call)}/commits/${sha}/status`,
    });
  },
};

async function commitOf(call: Call): Promise<string> {
  const sha = await call.repository.store.resolve(call.params['ref'] ?? '');
  if (!sha) throw new GithubError(422, `No commit found for SHA: ${call.params['ref']}`);
  return sha;
}

/** What one app does with one commit; of Actions, what one run of a workflow does. */
interface Suite {
  readonly id: number;
  readonly app: { readonly id: number; readonly slug: string; readonly name: string };
  readonly status: string;
  readonly conclusion: string | null;
  readonly checks: readonly Check[];
}

const ACTIONS = { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' };
const CI = { id: 2, slug: 'acme-ci', name: 'Acme CI' };
/** May write checks and never does: its suite stays as it was made. */
const SILENT = { id: 3, slug: 'acme-notes', name: 'Acme Notes' };

function suitesAt(call: Call, sha: string): readonly Suite[] {
  const { checks: reported, actions } = call.repository;
  const checks = latestOf(reported.get(sha) ?? []);
  const isOver = checks.every(({ status }) => status === 'completed');
  const isBad = checks.some(({ conclusion }) => conclusion === 'failure');
  return [
    { id: 1, app: SILENT, status: 'queued', conclusion: null, checks: [] },
    ...(checks.length === 0
      ? []
      : [
          {
            id: 2,
            app: CI,
            status: isOver ? 'completed' : 'in_progress',
            conclusion: isOver ? (isBad ? 'failure' : 'success') : null,
            checks,
          },
        ]),
    ...actions.runs
      .filter((run) => run.sha === sha)
      .map((run) => ({
        id: suiteId(run),
        app: ACTIONS,
        status: run.status,
        conclusion: run.conclusion,
        // Every job is a check of the commit that it ran on.
        checks: run.jobs.map(({ id, name, status, conclusion }) => ({
          id,
          name,
          status,
          conclusion,
          url: `${call.web}/${call.repository.fullName}/actions/runs/${run.id}/job/${id}`,
          startedAt: run.createdAt,
        })),
      })),
  ];
}

/** The newest of each name. */
function latestOf(checks: readonly Check[]): readonly Check[] {
  return checks.filter((check) => checks.findLast(({ name }) => name === check.name) === check);
}

function appBody({ id, slug, name }: Suite['app']) {
  return { id, slug, node_id: slug, name, owner: { login: 'acme', id: 1 }, permissions: {}, events: [] };
}

function suiteBody(call: Call, { id, app, status, conclusion, checks }: Suite, sha: string) {
  const url = `${urlOf(call)}/check-suites/${id}`;
  return {
    id,
    node_id: `CS_${id}`,
    head_branch: call.repository.defaultBranch,
    head_sha: sha,
    status,
    conclusion,
    url,
    before: null,
    after: sha,
    pull_requests: [],
    app: appBody(app),
    created_at: iso(checks[0]?.startedAt ?? 0),
    updated_at: iso(checks.at(-1)?.startedAt ?? 0),
    latest_check_runs_count: checks.length,
    check_runs_url: `${url}/check-runs`,
  };
}

function checkBody({ id, name, status, conclusion, url, startedAt }: Check, sha: string, suite: Suite) {
  return {
    id,
    node_id: name,
    name,
    head_sha: sha,
    status,
    conclusion,
    details_url: url,
    html_url: url,
    url,
    external_id: '',
    started_at: iso(startedAt),
    completed_at: status === 'completed' ? iso(startedAt) : null,
    pull_requests: [],
    check_suite: { id: suite.id },
    app: appBody(suite.app),
  };
}
