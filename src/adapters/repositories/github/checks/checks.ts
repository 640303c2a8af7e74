import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import type { CommitCheck } from '../../port.ts';
import type { GithubClient } from '../api/client.ts';
import { checkRunsAt } from './check-runs.ts';
import { jobsAt } from './workflow-runs.ts';

const Combined = z.object({
  statuses: z.array(
    z.object({ context: z.string(), state: z.string(), target_url: z.string().nullable().optional() }),
  ),
});

/** All checks, none of them, or those with these names. */
type WantedChecks = 'all' | readonly string[];

/**
 * Check runs and commit statuses of a commit, the newest of each, and what is still to come of workflows under way.
 * `isOurs` tells by the name of a workflow run that it is a deployment of ours: those say nothing about the commit.
 * Fine-grained tokens see no check runs of private repositories; they see the jobs of Actions, which is enough where
 * checks are named, or where GitHub itself looks at the rest (`hostDecides`). Else Refusal `github-permission`:
 * nothing must pass for want of being seen.
 */
export async function checksOf(
  client: GithubClient,
  commit: Sha,
  wanted: WantedChecks,
  isOurs: (title: string) => boolean,
  hostDecides = false,
): Promise<readonly CommitCheck[]> {
  const whole = wanted === 'all';
  const mayMiss = client.login.kind === 'token' && (hostDecides || !whole);
  const [runs, statuses] = await Promise.all([
    checkRunsAt(client, commit, isOurs, whole).catch((error: unknown) => {
      const unseen = error instanceof Refusal && error.code === 'github-permission';
      if (unseen && mayMiss) return jobsAt(client, commit, isOurs, whole);
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
