import { type Call, type Check, GithubError, iso, ok, paged, type Routes } from '../model.ts';
import { urlOf } from './git.ts';

const ROOT = '/repos/{owner}/{repo}';

/** What continuous integration says of a commit. */
export const checkRoutes: Routes = {
  [`GET ${ROOT}/commits/{ref}/check-runs`]: async (call) => {
    const sha = await call.repository.store.resolve(call.params['ref'] ?? '');
    if (!sha) throw new GithubError(422, `No commit found for SHA: ${call.params['ref']}`);
    const all = [...(call.repository.checks.get(sha) ?? []), ...jobsAt(call, sha)];
    const latest = all.filter((check) => all.findLast(({ name }) => name === check.name) === check);
    const runs = latest.map((check, index) => checkBody(check, sha, index + 1));
    return paged(call, runs, (page) => ({ total_count: runs.length, check_runs: page }));
  },
  [`GET ${ROOT}/commits/{ref}/status`]: async (call) => {
    const sha = await call.repository.store.resolve(call.params['ref'] ?? '');
    if (!sha) throw new GithubError(422, `No commit found for SHA: ${call.params['ref']}`);
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

/** Every job of Actions is a check of the commit that it ran on. */
function jobsAt(call: Call, sha: string): readonly Check[] {
  const runs = call.repository.actions.runs.filter((run) => run.sha === sha);
  return runs.flatMap((run) =>
    run.jobs.map(({ id, name, status, conclusion }) => ({
      name,
      status,
      conclusion,
      url: `${call.web}/${call.repository.fullName}/actions/runs/${run.id}/job/${id}`,
      startedAt: run.createdAt,
    })),
  );
}

function checkBody({ name, status, conclusion, url, startedAt }: Check, sha: string, id: number) {
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
  };
}
