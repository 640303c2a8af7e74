import { z } from 'zod';
import type { Sha } from '../../../../domain/release/release.ts';
import type { CommitCheck } from '../../port.ts';
import type { GithubClient } from '../api/client.ts';
import { outcomeOf } from './outcome.ts';

const Run = z.object({
  id: z.number(),
  name: z.string().nullish(),
  display_title: z.string(),
  event: z.string(),
  workflow_id: z.number(),
  head_branch: z.string().nullish(),
  check_suite_id: z.number().optional(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  html_url: z.string(),
  created_at: z.string(),
  /** Of its last attempt. */
  run_started_at: z.string().optional(),
});
type Run = z.infer<typeof Run>;
const RunList = z.object({ workflow_runs: z.array(Run) });
type Begun = Pick<Run, 'id' | 'created_at' | 'run_started_at'>;

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

/** A run of a workflow of Actions at a commit. */
export interface RunAtCommit extends Run {
  /** Whether it says something about the commit: a newer one has not taken its place, and it is no deployment of ours. */
  readonly counts: boolean;
}

/**
 * What Actions ran at a commit. Of runs of one workflow the last that began counts, each event and branch by itself: a
 * pull request that went well says nothing about a push that did not.
 */
export async function runsAt(
  client: GithubClient,
  commit: Sha,
  isOurs: (title: string) => boolean,
): Promise<readonly RunAtCommit[]> {
  const all: Run[] = [];
  const params = { head_sha: commit, per_page: 100 };
  for await (const page of client.pages('GET /repos/{owner}/{repo}/actions/runs', params, RunList)) {
    all.push(...page.workflow_runs);
  }
  const last = new Map<string, Run>();
  for (const run of all.filter(({ display_title: title }) => !isOurs(title))) {
    const key = JSON.stringify([run.workflow_id, run.event, run.head_branch]);
    const known = last.get(key);
    if (known === undefined || isLater(run, known)) last.set(key, run);
  }
  const counting = new Set(last.values());
  return all.map((run) => ({ ...run, counts: counting.has(run) }));
}

/** Whether a run began after another: its last attempt counts, which the lists of GitHub are not sorted by. */
export function isLater(one: Begun, other: Begun): boolean {
  const [a, b] = [one, other].map((run) => Date.parse(run.run_started_at ?? run.created_at));
  return a === b ? one.id > other.id : Number(a) > Number(b);
}

/** Every job of Actions is a check run of the same name. `whole`: also what runs say that none of their jobs does. */
export async function jobsAt(
  client: GithubClient,
  commit: Sha,
  isOurs: (title: string) => boolean,
  whole: boolean,
): Promise<readonly CommitCheck[]> {
  const runs = (await runsAt(client, commit, isOurs)).filter(({ counts }) => counts);
  const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs';
  const found = await Promise.all(
    runs.map(async (run) => {
      const checks: CommitCheck[] = [];
      for await (const { jobs } of client.pages(route, { run_id: run.id, per_page: 100 }, JobList)) {
        for (const { name, status, conclusion, html_url: url } of jobs) {
          checks.push({ name, ...outcomeOf(status, conclusion), ...(url ? { url } : {}) });
        }
      }
      const { state, word } = outcomeOf(run.status, run.conclusion);
      if (!whole || state === 'passed' || checks.some((check) => check.state === state)) return checks;
      return [...checks, { name: nameOf(run), state, word, url: run.html_url }];
    }),
  );
  return found.flat();
}

export function nameOf({ name, display_title: title }: Pick<Run, 'name' | 'display_title'>): string {
  return name || title;
}
