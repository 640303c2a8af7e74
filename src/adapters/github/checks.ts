import { z } from 'zod';
import type { Sha } from '../../domain/release.ts';
import type { CommitCheck } from '../forge/port.ts';
import type { GithubClient } from './client.ts';

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

const GOOD = new Set(['success', 'neutral', 'skipped']);

/** All checks, none of them, or those with these names. */
export type WantedChecks = 'all' | readonly string[];

/**
 * Check runs and commit statuses of a commit, the newest of each name. `isOurs` tells by the name of a workflow run
 * that it is a deployment of ours: those say nothing about the commit.
 */
export async function checksOf(
  client: GithubClient,
  commit: Sha,
  wanted: WantedChecks,
  isOurs: (title: string) => boolean,
): Promise<readonly CommitCheck[]> {
  const [runs, statuses] = await Promise.all([
    checkRuns(client, commit, isOurs),
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
      const word = (status === 'completed' ? (conclusion ?? 'no conclusion') : status).replaceAll('_', ' ');
      const state =
        status !== 'completed' ? 'pending' : GOOD.has(conclusion ?? '') ? 'passed' : ('failed' as const);
      const url = html ?? details ?? undefined;
      if (state !== 'passed' && (await isDeployment(client, details ?? html ?? '', isOurs))) continue;
      found.push({ name, state, word, ...(url === undefined ? {} : { url }) });
    }
  }
  return found;
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
