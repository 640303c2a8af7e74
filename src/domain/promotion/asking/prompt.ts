import { isOpen, type Promotion, type PromotionRequest } from '../promotion.ts';

/** A message outside of the thread of a promotion that asks people something, with buttons. Outside text is raw. */
export type Prompt =
  /** A feature, or the newest one that is ready, could be shipped. */
  | {
      readonly kind: 'offer';
      readonly service: string;
      readonly feature?: string;
      /** Why it is offered. */
      readonly because?: string;
      /** The release that it mends, which was rolled back. */
      readonly mends?: { readonly version: string; readonly incident?: string; readonly url?: string };
    }
  /** A service is free, and this person is the next of those who wait for it. */
  | {
      readonly kind: 'turn';
      readonly service: string;
      readonly user: string;
      /** What they wanted to ship when they joined the queue. */
      readonly wish?: Pick<PromotionRequest, 'feature' | 'bump' | 'note'>;
    };

/** What became of it. Times are ms since the epoch. */
export type PromptOutcome =
  | { readonly kind: 'started'; readonly by: string; readonly at: number }
  /** It comes back then, when it is still ready. */
  | { readonly kind: 'snoozed'; readonly by: string; readonly at: number; readonly until: number }
  /** Staging was validated again: that is offered by a newer message. */
  | { readonly kind: 'offered-anew'; readonly at: number }
  /** What was offered is not ready any more, or has shipped. */
  | { readonly kind: 'not-ready'; readonly at: number }
  /** Its service is not configured any more. */
  | { readonly kind: 'no-service'; readonly at: number };

interface PromptPlace {
  /** A channel by id or name, or a person. */
  readonly channel: string;
  readonly thread?: string;
}

export interface StoredPrompt {
  readonly key: string;
  readonly place: PromptPlace;
  readonly prompt: Prompt;
  /** When it was stored, ms since the epoch. */
  readonly at: number;
  /** When a process may have posted it: the last time, ms since the epoch. */
  readonly attemptedAt: number | null;
  /** Null until it is posted. */
  readonly posted: { readonly channel: string; readonly ts: string } | null;
  readonly outcome: PromptOutcome | null;
  /** It is held back at least until then, ms since the epoch; absent: it is posted as soon as may be. */
  readonly snoozedUntil?: number;
}

/** One that is to be posted. */
export type NewPrompt = Pick<StoredPrompt, 'key' | 'place' | 'prompt' | 'snoozedUntil'>;

/** The key of what is offered, also when it was snoozed. */
export function offerKey(key: string): string {
  return key.replace(/:again:\d+$/, '');
}

/**
 * What the promotions of its service, newest first, say became of it: the first one since then, or the one that is under
 * way, unless it is of another feature.
 */
export function startedSince(
  { prompt, at }: Pick<StoredPrompt, 'prompt' | 'at'>,
  promotions: readonly Promotion[],
): PromptOutcome | null {
  const asked = prompt.kind === 'offer' ? prompt.feature : undefined;
  const answer = promotions.findLast((one) => (one.createdAt >= at || isOpen(one.state)) && isOf(one, asked));
  return answer ? { kind: 'started', by: answer.request.by, at: answer.createdAt } : null;
}

function isOf({ request, data }: Promotion, feature: string | undefined): boolean {
  const shipped = data.plan?.candidate.feature?.slug ?? request.feature;
  return feature === undefined || shipped === undefined || shipped === feature;
}
