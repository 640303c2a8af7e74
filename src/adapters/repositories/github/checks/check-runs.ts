import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import type { CommitCheck } from '../../port.ts';
import type { GithubClient } from '../api/client.ts';
import { outcomeOf } from './outcome.ts';
import { nameOf, type RunAtCommit, runsAt } from './workflow-runs.ts';

/** Null for an app that is gone. */
const App = z.object({ id: z.number(), slug: z.string().optional(), name: z.string() }).nullish();
const CheckRun = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  html_url: z.string().nullable().optional(),
  details_url: z.string().nullable().optional(),
  check_suite: z.object({ id: z.number() }).nullish(),
  app: App,
});
type CheckRun = z.infer<typeof CheckRun>;
const CheckRuns = z.object({ check_runs: z.array(CheckRun) });

const Suite = z.object({
  id: z.number(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  latest_check_runs_count: z.number(),
  app: App,
});
type Suite = z.infer<typeof Suite>;
const Suites = z.object({ check_suites: z.array(Suite) });

/**
 * Check runs of a commit, of each app and name the newest, of Actions those of the runs that count. `whole`: also what
 * suites say that none of their check runs does. A job has no check run before those that it needs are done, and a
 * workflow that cannot begin never has any.
 */
export async function checkRunsAt(
  client: GithubClient,
  commit: Sha,
  isOurs: (title: string) => boolean,
  whole: boolean,
): Promise<readonly CommitCheck[]> {
  const [all, suites] = await Promise.all([listed(client, commit), whole ? suitesAt(client, commit) : []]);
  const checks = newest(all);
  const isGood = [...checks, ...suites].every(
    (one) => !isOfActions(one) || outcomeOf(one.status, one.conclusion).state === 'passed',
  );
  const runs = isGood ? [] : await readableRuns(client, commit, isOurs);
  const counted = checks.filter((check) => runs.find(({ id }) => id === runOf(check))?.counts !== false);
  return [
    ...counted.map((check) => checkOf(check)),
    ...suites.flatMap((suite) => suiteCheck(suite, counted, runs)),
  ];
}

async function listed(client: GithubClient, commit: Sha): Promise<readonly CheckRun[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
  const found: CheckRun[] = [];
  for await (const page of client.pages(route, { ref: commit, per_page: 100 }, CheckRuns)) {
    found.push(...page.check_runs);
  }
  return found;
}

/** Those that say something: every app that may has one, which stays queued for ever where it never reports. */
async function suitesAt(client: GithubClient, commit: Sha): Promise<readonly Suite[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-suites';
  const found: Suite[] = [];
  for await (const page of client.pages(route, { ref: commit, per_page: 100 }, Suites)) {
    found.push(...page.check_suites);
  }
  return found.filter((suite) => isOfActions(suite) || suite.latest_check_runs_count > 0);
}

/** Where they cannot be read, every check of Actions counts. */
async function readableRuns(
  client: GithubClient,
  commit: Sha,
  isOurs: (title: string) => boolean,
): Promise<readonly RunAtCommit[]> {
  try {
    return await runsAt(client, commit, isOurs);
  } catch (error) {
    const isUnreadable = ['github-permission', 'github-not-found'];
    if (error instanceof Refusal && isUnreadable.includes(error.code)) return [];
    throw error;
  }
}

/** GitHub lists the newest of each suite; jobs are told apart by their workflow runs. */
function newest(all: readonly CheckRun[]): readonly CheckRun[] {
  const last = new Map<string, CheckRun>();
  for (const check of all) {
    const key = JSON.stringify([check.app?.id, check.name, runOf(check)]);
    if (check.id > (last.get(key)?.id ?? 0)) last.set(key, check);
  }
  return [...last.values()];
}

/** The workflow run that a job belongs to; null for what is no job. */
function runOf({ details_url: details, html_url: html }: CheckRun): number | null {
  const [, id] = /\/actions\/runs\/(\d+)/.exec(details ?? html ?? '') ?? [];
  return id === undefined ? null : Number(id);
}

function isOfActions({ app }: Pick<Suite, 'app'>): boolean {
  return app?.slug === 'github-actions';
}

function checkOf(check: CheckRun): CommitCheck {
  const { name, status, conclusion, html_url: html, details_url: details } = check;
  const url = html ?? details ?? undefined;
  return { name, ...outcomeOf(status, conclusion), ...(url === undefined ? {} : { url }) };
}

/** What a suite says beyond its check runs. */
function suiteCheck(
  suite: Suite,
  checks: readonly CheckRun[],
  runs: readonly RunAtCommit[],
): readonly CommitCheck[] {
  const run = runs.find(({ check_suite_id: id }) => id === suite.id);
  const { state, word } = outcomeOf(suite.status, suite.conclusion);
  if (run?.counts === false || state === 'passed') return [];
  // What others' suites come to is what their check runs say.
  if (state === 'failed' && !isOfActions(suite)) return [];
  const own = checks.filter(({ check_suite: of }) => of?.id === suite.id);
  if (own.some((check) => outcomeOf(check.status, check.conclusion).state === state)) return [];
  const name = run ? nameOf(run) : (suite.app?.name ?? 'a suite of checks');
  return [{ name, state, word, ...(run ? { url: run.html_url } : {}) }];
}
