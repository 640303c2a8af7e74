import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import { deployedBy, isOrderLike } from '../../repositories/correlation.ts';
import type { GithubClientSet } from '../../repositories/github/client-set.ts';
import type { GithubRuns, WorkflowRun } from '../../repositories/github/runs.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { askOnce, type Headers, resolveHeaders } from '../../shared/http.ts';
import { parseLive } from '../shared/live-answer.ts';
import { skippedDeploy } from './run-status.ts';

const TIMEOUT_MS = 10_000;

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

/** What the last run that went well deployed. `byHand`: whether runs that people started count. */
export async function liveByRuns(
  runs: GithubRuns,
  { history }: GithubClientSet,
  byHand: 'counts' | 'ignored',
  signal: AbortSignal | undefined,
): Promise<Live | null> {
  for await (const run of runs.successful(signal)) {
    const digits = deployedBy(run.display_title);
    if (digits === null && byHand !== 'counts') continue;
    if (skippedDeploy(await runs.jobs(run.id)) !== null) continue;
    const deploymentId = String(run.id);
    if (digits !== null) return { commit: (await history.resolve(digits)) ?? digits, deploymentId };
    return { commit: run.head_sha, deploymentId };
  }
  return null;
}

/**
 * The runs since the last one that went well which may have changed production: they failed, or are open. Those that are open
 * and bring the release itself are none. `byHand`: whether runs that people started count.
 */
export async function unsettledRuns(
  runs: GithubRuns,
  release: Release,
  byHand: 'counts' | 'ignored',
): Promise<readonly WorkflowRun[]> {
  const unsettled: WorkflowRun[] = [];
  for (const run of await runs.list()) {
    const digits = deployedBy(run.display_title);
    if (digits === null ? byHand !== 'counts' : !isOrderLike(release, run.display_title)) continue;
    if (run.conclusion !== 'success') {
      const brings = digits !== null && release.commit.startsWith(digits);
      if (run.status === 'completed' || !brings) unsettled.push(run);
    } else if (skippedDeploy(await runs.jobs(run.id)) === null) break;
  }
  return unsettled;
}
