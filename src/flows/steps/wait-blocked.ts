import { clearAt, type GateResult, isUndecided, letsGoOn } from '../../domain/gates/gate.ts';
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
  const inTheWay = open.map(inWords).join('\n');
  const isNews = inTheWay !== (agreement.blocked?.said ?? '');
  const voters = agreement.asked === null ? [] : await votersOf(run);
  const byItself = agreement.blocked?.byItself ?? false;
  await run.record(blocked({ gates, plan, lowerBump, isNews, byItself, voters }));

  const isPending = open.every((gate) => gate.verdict === 'pending');
  const isBesideOthers = !isPending && open.some(isUndecided);
  const at = await run.journal.now();
  const isAskedAgain = isPending || (isBesideOthers && run.does('asksMore'));
  const pendingSince = isAskedAgain ? (agreement.blocked?.pendingSince ?? at) : null;
  const clears = isBesideOthers && !run.does('asksMore') ? null : clearAt(open);
  const { approvalsExpireMs: expireMs } = run.ports.service.policy;
  const { ms, otherwise } = patienceWith({ at, pendingSince, clears, expireMs });
  const answer = await run.inbox.next(['recheck', 'bump', 'cancel', 'override'], ms);
  const waited = { said: inTheWay, pendingSince };
  const next = { ...agreement, asked: null, blocked: waited };
  if (answer !== null) return decided(run, next, answer);
  if (otherwise === 'look')
    return { kind: 'look-again', agreement: { ...next, blocked: { ...waited, byItself: true } } };
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

/** What the thread hears of a gate once; how far something is that runs is for the card. */
function inWords(gate: GateResult): string {
  return `${gate.id} ${gate.verdict} ${gate.verdict === 'pending' ? '' : gate.reason}`;
}

interface Waiting {
  /** Now. */
  readonly at: number;
  /** Since when something undecided is asked again; null when nothing is. */
  readonly pendingSince: number | null;
  /** When what else is in the way is over by itself; null when that is not known. */
  readonly clears: number | null;
  readonly expireMs: number;
}

/** How long a blocked promotion waits for people, and what comes then if nobody does anything. All times in ms. */
function patienceWith({ at, pendingSince, clears, expireMs }: Waiting): {
  readonly ms: number;
  readonly otherwise: 'look' | 'expire';
} {
  const clearsIn = Math.max(0, (clears ?? Number.POSITIVE_INFINITY) - at) + AFTER_CLEAR_MS;
  if (pendingSince !== null) {
    const pendingFor = at - pendingSince;
    if (pendingFor >= expireMs) return { ms: 0, otherwise: 'expire' };
    const { least, most } = PENDING_PAUSE_MS;
    return { ms: Math.min(most, Math.max(least, pendingFor / 4), clearsIn), otherwise: 'look' };
  }
  if (clearsIn <= expireMs + AFTER_CLEAR_MS) return { ms: clearsIn, otherwise: 'look' };
  return { ms: expireMs, otherwise: 'expire' };
}
