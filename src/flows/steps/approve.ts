import type { AskedPlan } from '../../domain/promotion/events/approval.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { type Agreement, decided, type LookAgain } from './agreement.ts';
import type { Verified } from './verify.ts';
import { countVotes } from './votes.ts';

/** Enough people approved exactly this plan, and nobody said anything since. */
export interface Approved {
  readonly kind: 'approved';
  readonly agreement: Agreement & { readonly asked: AskedPlan };
}

/** Votes are also counted without being told, this often, in ms: the teller may have died between vote and word. */
const COUNT_PAUSE_MS = 120_000;

/**
 * Step 2: people approve the plan that they are asked about. Each vote makes another look: an approval counts once a
 * look that came after it has found the same plan.
 */
export async function approve(
  run: PromotionRun,
  { agreement }: Verified,
): Promise<Approved | LookAgain | Closed> {
  const counted = await countVotes(run);
  if (counted.declined) return counted.declined;
  if (counted.missing === 0) {
    // What came while we looked goes first: a vote was given on what the card showed before, and people may have
    // changed their minds.
    const said = await run.inbox.next(['cancel', 'bump', 'recheck', 'vote'], 0);
    return said === null ? { kind: 'approved', agreement } : decided(run, agreement, said);
  }
  return waitForVotes(run, agreement);
}

/** Waits until enough people approved, someone wants a fresh look or another version, or it is over. */
async function waitForVotes(run: PromotionRun, agreement: Agreement): Promise<LookAgain | Closed> {
  const expiresAt = await run.step(
    'expires',
    async () => (await run.ports.ledger.get(run.id)).data.expiresAt ?? 0,
  );
  for (;;) {
    const left = expiresAt - (await run.journal.now());
    if (left <= 0) return { kind: 'closed', state: 'expired', by: null, reason: 'Nobody approved in time.' };
    const message = await run.inbox.next(
      ['vote', 'recheck', 'bump', 'cancel'],
      Math.min(left, COUNT_PAUSE_MS),
    );
    // Every approval is given on a plan that still holds: each one makes the next look.
    if (message && message.kind !== 'vote') return decided(run, agreement, message);
    const counted = await countVotes(run);
    if (counted.declined) return counted.declined;
    if (message !== null || counted.missing === 0) return { kind: 'look-again', agreement };
  }
}
