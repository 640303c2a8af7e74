import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Deployment, Live, Release } from '../../domain/release/release.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

export type LiveLook =
  | { readonly kind: 'seen'; readonly live: Live | null }
  /** Production did not say it, or nothing that can be understood. */
  | { readonly kind: 'unseen'; readonly reason: string };

const TRIES = 2;

/** Asks what is live, twice at most: for those who have to go on with a production that is broken. */
export async function askLive(
  run: PromotionRun,
  name: string,
  work: () => Promise<Live | null> = () => run.ports.target.live(),
): Promise<LiveLook> {
  try {
    return { kind: 'seen', live: await run.patiently(name, work, { tries: TRIES }) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'unseen', reason: explain(error).text };
    if (error instanceof Unavailable) return { kind: 'unseen', reason: error.message };
    throw error;
  }
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
