import {
  type AskedPlan,
  bumpChosen,
  overridden,
  unprovenOverride,
} from '../../domain/promotion/events/approval.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { RunMessage } from '../run/port.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** What is known of what people want and have agreed to, from one look at everything to the next. */
export interface Agreement {
  /** What was asked for, with the version chosen and the gates overridden since. */
  readonly request: PromotionRequest;
  /** The plan that people are asked about now: their votes on it stand. Null when they are asked nothing. */
  readonly asked: AskedPlan | null;
  /** What they agreed on last, when that came to nothing: the next plan is compared with it. */
  readonly agreedBefore: AskedPlan | null;
  /** Present while gates are in the way. */
  readonly blocked?: {
    /** What the thread was told is in the way. */
    readonly said: string;
    /** Since when undecided gates are asked again, in ms since the epoch. */
    readonly pendingSince: number | null;
    /** Nothing but time led to the next look. */
    readonly byItself?: true;
  };
}

/** Everything is looked at again: people decided something, or what they approved no longer holds. */
export interface LookAgain {
  readonly kind: 'look-again';
  readonly agreement: Agreement;
}

/** A promotion that has just been asked for; what was overridden to start it at all is recorded. */
export async function beginning(run: PromotionRun, request: PromotionRequest): Promise<Agreement> {
  for (const override of request.overrides ?? [])
    await run.record(overridden(override, run.ports.service.policy));
  return { request, asked: null, agreedBefore: null };
}

/** What people agreed on came to nothing: they are asked anew. */
export function askAnew({ request, asked, agreedBefore }: Agreement): LookAgain {
  return { kind: 'look-again', agreement: { request, asked: null, agreedBefore: asked ?? agreedBefore } };
}

/** What somebody decided about a promotion that is blocked or waits for approval. */
export async function decided(
  run: PromotionRun,
  agreement: Agreement,
  message: Extract<RunMessage, { kind: 'vote' | 'recheck' | 'bump' | 'cancel' | 'override' }>,
): Promise<LookAgain | Closed> {
  const { request } = agreement;
  switch (message.kind) {
    case 'vote':
    case 'recheck':
      return { kind: 'look-again', agreement };
    case 'cancel':
      return { kind: 'closed', state: 'cancelled', by: message.by, reason: message.reason };
    case 'bump': {
      const { bump, lowerConfirmed } = message;
      await run.record(bumpChosen({ bump, lowerConfirmed, by: message.by }));
      return {
        kind: 'look-again',
        agreement: { ...agreement, request: { ...request, bump, lowerConfirmed } },
      };
    }
    case 'override': {
      const { override } = message;
      const { ledger, service } = run.ports;
      // Whoever owns the database can write a message: only what the audit proves is told as done, and counts.
      const event = overridden(override, service.policy);
      const isProven = await run.recordFrom(event.name, async () => {
        const proven = (await ledger.overrides(run.id, [override])).length > 0;
        return { event: proven ? event : unprovenOverride(override), answer: proven };
      });
      // A journal from before there was a proof has no answer here.
      if (isProven === false) return { kind: 'look-again', agreement };
      const overrides = [...(request.overrides ?? []), override];
      return { kind: 'look-again', agreement: { ...agreement, request: { ...request, overrides } } };
    }
  }
}
