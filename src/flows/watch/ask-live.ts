import { type Deployment, type Live, liveInWords, type Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { asked } from './asked.ts';

/** Whoever waits for the news of a failure waits no longer for what is live, ms. */
const LONGEST_MS = 10_000;

/** What is live now, as a sentence, for those who have to decide; `known` are the releases that it may be. Within a step. */
export async function whatIsLive(run: PromotionRun, known: readonly (Release | null)[]): Promise<string> {
  const answer = await asked(LONGEST_MS, () => run.ports.target.live());
  return answer.kind === 'answer'
    ? liveInWords(answer.value, known)
    : `Nobody can say what is in production: ${answer.why}.`;
}

/** A release as the target would say it while that is live. */
export function asLive(
  { version, commit, build }: Release,
  deployment: Deployment | undefined,
  promotes: boolean,
): Live {
  const id = deployment === undefined ? {} : { deploymentId: deployment.id };
  return { commit: (promotes ? build?.commit : undefined) ?? commit, version, ...id };
}
