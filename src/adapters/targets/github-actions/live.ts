import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import { deployedBy } from '../../repositories/correlation.ts';
import type { GithubClientSet } from '../../repositories/github/client-set.ts';
import type { GithubRuns, WorkflowRun } from '../../repositories/github/runs.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { askOnce, type Headers, resolveHeaders } from '../../shared/http.ts';
import { parseLive } from '../shared/live-answer.ts';
import { skippedDeploy } from './run-status.ts';

const TIMEOUT_MS = 10_000;

type Counts = (run: WorkflowRun) => boolean;

/** What production answers with at its address. `target` is its name, for messages. */
export async function liveByAddress(
  { url, headers }: { readonly url: string; readonly headers: Headers },
  context: AdapterContext,
  target: string,
  signal: AbortSignal | undefined,
): Promise<Live | null> {
  const answer = await askOnce({
    url,
    headers: resolveHeaders(headers, context),
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.kind !== 'reply') throw new Unavailable('production', answer.words);
  if (answer.status !== 200) throw new Unavailable('production', `answered ${answer.status} to ${url}`);
  // Which commit a version is, is not for a tag to say that anybody can push: what was shipped is in the ledger.
  const said = parseLive(answer.body, []);
  if (said.kind === 'live') return said.live;
  throw new Refusal('target-live-not-understood', { target, said: answer.body.slice(0, 100) });
}

/** What the last run that went well deployed. `counts`: whether a run is a deployment of the service. */
export async function liveByRuns(
  runs: GithubRuns,
  { history }: GithubClientSet,
  counts: Counts,
  signal: AbortSignal | undefined,
): Promise<Live | null> {
  for await (const run of runs.begun(signal)) {
    if (run.conclusion !== 'success' || !counts(run)) continue;
    if (skippedDeploy(await runs.jobsOf(run)) !== null) continue;
    const digits = deployedBy(run.display_title);
    const deploymentId = String(run.id);
    if (digits !== null) return { commit: (await history.resolve(digits)) ?? digits, deploymentId };
    return { commit: run.head_sha, deploymentId };
  }
  return null;
}

/**
 * The runs since the last one that went well which may have changed production: they failed, or are open. Those that are open
 * and bring the release itself are none.
 */
export async function unsettledRuns(
  runs: GithubRuns,
  release: Release,
  counts: Counts,
): Promise<readonly WorkflowRun[]> {
  const unsettled: WorkflowRun[] = [];
  for await (const run of runs.begun()) {
    if (!counts(run)) continue;
    if (run.conclusion !== 'success') {
      const digits = deployedBy(run.display_title);
      const brings = digits !== null && release.commit.startsWith(digits);
      if (run.status === 'completed' || !brings) unsettled.push(run);
    } else if (skippedDeploy(await runs.jobsOf(run)) === null) break;
  }
  return unsettled;
}
