import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { CommitCheck } from '../port.ts';
import type { GithubClient } from './api/client.ts';

const CheckRuns = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      html_url: z.string().nullable().optional(),
      details_url: z.string().nullable().optional(),
    }),
  ),
});
const Combined = z.object({
  statuses: z.array(
    z.object({ context: z.string(), state: z.string(), target_url: z.string().nullable().optional() }),
  ),
});
const RunTitle = z.object({ display_title: z.string() });
const RunList = z.object({ workflow_runs: z.array(z.object({ id: z.number(), display_title: z.string() })) });
const JobList = z.object({
  jobs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      html_url: z.string().nullable().optional(),
    }),
  ),
});

const GOOD = new Set(['success', 'neutral', 'skipped']);

/** All checks, none of them, or those with these names. */
type WantedChecks = 'all' | readonly string[];

/**
 * Check runs and commit statuses of a commit, the newest of each name. `isOurs` tells by the name of a workflow run
 * that it is a deployment of ours: those say nothing about the commit. Fine-grained tokens see no check runs of
 * private repositories; they see the jobs of Actions, which is enough where checks are named, or where GitHub itself
 * looks at the rest (`hostDecides`). Else Refusal `github-permission`: nothing must pass for want of being seen.
 */
export async function checksOf(
  client: GithubClient,
  commit: Sha,
  wanted: WantedChecks,
  isOurs: (title: string) => boolean,
  hostDecides = false,
): Promise<readonly CommitCheck[]> {
  const mayMiss = client.login.kind === 'token' && (hostDecides || wanted !== 'all');
  const [runs, statuses] = await Promise.all([
    checkRuns(client, commit, isOurs).catch((error: unknown) => {
      const unseen = error instanceof Refusal && error.code === 'github-permission';
      if (unseen && mayMiss) return jobRuns(client, commit, isOurs);
      throw error;
    }),
    commitStatuses(client, commit),
  ]);
  const found = [...runs, ...statuses];
  if (wanted === 'all') return found;
  return wanted.flatMap((name): CommitCheck[] => {
    const named = found.filter((check) => check.name === name);
    return named.length > 0 ? named : [{ name, state: 'missing', word: 'not reported' }];
  });
}

async function checkRuns(
  client: GithubClient,
  commit: Sha,
  isOurs: (title: string) => boolean,
): Promise<readonly CommitCheck[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
  const found: CommitCheck[] = [];
  for await (const { check_runs: page } of client.pages(route, { ref: commit, per_page: 100 }, CheckRuns)) {
    for (const { name, status, conclusion, html_url: html, details_url: details } of page) {
      const { word, state } = outcomeOf(status, conclusion);
      const url = html ?? details ?? undefined;
      if (state !== 'passed' && (await isDeployment(client, details ?? html ?? '', isOurs))) continue;
      found.push({ name, state, word, ...(url === undefined ? {} : { url }) });
    }
  }
  return found;
}

/** Every job of Actions is a check run of the same name. */
async function jobRuns(
  client: GithubClient,
  commit: Sha,
  isOurs: (title: string) => boolean,
): Promise<readonly CommitCheck[]> {
  const runs: z.infer<typeof RunList>['workflow_runs'] = [];
  const all = { head_sha: commit, per_page: 100 };
  for await (const page of client.pages('GET /repos/{owner}/{repo}/actions/runs', all, RunList)) {
    runs.push(...page.workflow_runs.filter((run) => !isOurs(run.display_title)));
  }
  const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs';
  const found = await Promise.all(
    runs.map(async ({ id }) => {
      const checks: CommitCheck[] = [];
      for await (const { jobs } of client.pages(route, { run_id: id, per_page: 100 }, JobList)) {
        for (const { name, status, conclusion, html_url: url } of jobs) {
          checks.push({ name, ...outcomeOf(status, conclusion), ...(url ? { url } : {}) });
        }
      }
      return checks;
    }),
  );
  return found.flat();
}

function outcomeOf(status: string, conclusion: string | null): Pick<CommitCheck, 'word' | 'state'> {
  const word = (status === 'completed' ? (conclusion ?? 'no conclusion') : status).replaceAll('_', ' ');
  if (status !== 'completed') return { word, state: 'pending' };
  return { word, state: GOOD.has(conclusion ?? '') ? 'passed' : 'failed' };
}

/** Checks of Actions lead to their workflow run. Where that cannot be read, the check counts. */
async function isDeployment(
  client: GithubClient,
  url: string,
  isOurs: (title: string) => boolean,
): Promise<boolean> {
  const [, id] = /\/actions\/runs\/(\d+)/.exec(url) ?? [];
  if (id === undefined) return false;
  const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}';
  const reply = await client.ask(route, { run_id: Number(id) }, RunTitle, { expect: [403, 404] });
  return reply.kind === 'ok' && isOurs(reply.data.display_title);
}

async function commitStatuses(client: GithubClient, commit: Sha): Promise<readonly CommitCheck[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
  const found: CommitCheck[] = [];
  for await (const { statuses } of client.pages(route, { ref: commit, per_page: 100 }, Combined)) {
    for (const { context, state, target_url: url } of statuses) {
      const verdict = state === 'success' ? 'passed' : state === 'pending' ? 'pending' : 'failed';
      found.push({ name: context, state: verdict, word: state, ...(url ? { url } : {}) });
    }
  }
  return found;
}
