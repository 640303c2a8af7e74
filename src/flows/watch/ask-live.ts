import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { type Deployment, type Live, liveInWords, type Release } from '../../domain/release/release.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** What a source answered, or why it did not, in words. */
export type Answered<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'silence'; readonly why: string };

/** Asks a source, and waits no longer than that, also where it does not heed the signal. */
export async function asked<T>(
  withinMs: number,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<Answered<T>> {
  const signal = AbortSignal.timeout(withinMs);
  const tooLate = new Promise<Answered<T>>((resolve) => {
    const why = `no answer within ${durationInWords(withinMs)}`;
    signal.addEventListener('abort', () => resolve({ kind: 'silence', why }), { once: true });
  });
  return Promise.race([answerOf(() => ask(signal)), tooLate]);
}

async function answerOf<T>(ask: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { kind: 'answer', value: await ask() };
  } catch (error) {
    // A source that lets nobody in shows as little as one that is away.
    if (error instanceof Unavailable) return { kind: 'silence', why: error.reason };
    if (error instanceof Refusal) return { kind: 'silence', why: withoutTrailing(explain(error).text, '.') };
    throw error;
  }
}

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
