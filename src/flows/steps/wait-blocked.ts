import { clearAt, type GateResult, letsGoOn } from '../../domain/gates/gate.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import { blocked } from '../../domain/promotion/events/verification.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { type Agreement, decided, type LookAgain } from './agreement.ts';
import type { Inspection } from './inspect.ts';

/** A pending gate is asked again after a quarter of the time that it has been pending, within these bounds in ms. */
const PENDING_PAUSE_MS = { least: 2_000, most: 15_000 };

/** A freeze or lock that ends is looked at this long after its end, in ms: clocks differ. */
const AFTER_CLEAR_MS = 1_000;

/** Shows what is in the way, and waits for people, for pending gates, or for what ends by itself. */
export async function waitBlocked(
  run: PromotionRun,
  agreement: Agreement,
  { gates, plan, lowerBump }: Inspection,
): Promise<LookAgain | Closed> {
  const open = gates.filter((gate) => !letsGoOn(gate));
  const inTheWay = open.map((gate) => `${gate.id} ${gate.verdict} ${gate.reason}`).join('\n');
  const isNews = inTheWay !== (agreement.blocked?.said ?? '');
  const voters = agreement.asked === null ? [] : await votersOf(run);
  await run.record(blocked({ gates, plan, lowerBump, isNews, voters }));

  const isPending = open.every((gate) => gate.verdict === 'pending');
  const at = await run.journal.now();
  const pendingSince = isPending ? (agreement.blocked?.pendingSince ?? at) : null;
  const { ms, otherwise } = patienceWith(open, at, pendingSince, run.ports.service.policy.approvalsExpireMs);
  const answer = await run.inbox.next(['recheck', 'bump', 'cancel', 'override'], ms);
  const waited = { ...agreement, asked: null, blocked: { said: inTheWay, pendingSince } };
  if (answer !== null) return decided(run, waited, answer);
  if (otherwise === 'look') return { kind: 'look-again', agreement: waited };
  const reason = isPending ? 'A gate stayed undecided for too long.' : 'It stayed blocked for too long.';
  return { kind: 'closed', state: 'expired', by: null, reason };
}

/** Whose approvals stand, and are about to be void. */
function votersOf(run: PromotionRun): Promise<readonly string[]> {
  return run.step('voters', async () => {
    const votes = await run.ports.ledger.approvals(run.id);
    return votes.filter((vote) => vote.valid && vote.decision === 'approve').map((vote) => vote.by);
  });
}

/** How long a blocked promotion waits for people, and what comes then if nobody does anything. All times in ms. */
function patienceWith(
  open: readonly GateResult[],
  at: number,
  pendingSince: number | null,
  expireMs: number,
): { readonly ms: number; readonly otherwise: 'look' | 'expire' } {
  if (pendingSince !== null) {
    const pendingFor = at - pendingSince;
    if (pendingFor >= expireMs) return { ms: 0, otherwise: 'expire' };
    const { least, most } = PENDING_PAUSE_MS;
    return { ms: Math.min(most, Math.max(least, pendingFor / 4)), otherwise: 'look' };
  }
  const clearsIn = (clearAt(open) ?? Number.POSITIVE_INFINITY) - at;
  if (clearsIn <= expireMs) return { ms: Math.max(0, clearsIn) + AFTER_CLEAR_MS, otherwise: 'look' };
  return { ms: expireMs, otherwise: 'expire' };
}
