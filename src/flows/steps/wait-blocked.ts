import { clearAt, type GateResult, letsGoOn } from '../../domain/gates/gate.ts';
import type { RunMessage } from '../run/port.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import type { Inspection } from './verify.ts';

/** While a gate is pending it is asked again this often, in ms. */
const PENDING_PAUSE_MS = 15_000;

/** A freeze or lock that ends is looked at this long after its end, in ms: clocks differ. */
const AFTER_CLEAR_MS = 1_000;

/** It ends before anything was released. */
export interface Closed {
  readonly kind: 'closed';
  readonly state: 'cancelled' | 'expired';
  readonly by: string | null;
  readonly reason: string;
}

/** From one look to the next: what the thread heard, and since when only pending gates are waited for (ms). */
export interface Blocked {
  said: string;
  pendingSince: number | null;
  /** Whose approvals this makes void. */
  voters: readonly string[];
}

/** Shows what is in the way, and waits for people, for pending gates, or for what ends by itself; null: look again. */
export async function waitBlocked(
  run: PromotionRun,
  round: number,
  { gates, plan, lowerBump }: Inspection,
  blocked: Blocked,
): Promise<Closed | Extract<RunMessage, { kind: 'bump' | 'override' }> | null> {
  const open = gates.filter((gate) => !letsGoOn(gate));
  const inTheWay = open.map((gate) => `${gate.id} ${gate.verdict} ${gate.reason}`).join('\n');
  const isNews = inTheWay !== blocked.said;
  blocked.said = inTheWay;
  await run.mark(`blocked-${round}`, {
    from: ['checking', 'blocked', 'awaiting-approval'],
    to: 'blocked',
    digest: null,
    voidApprovals: true,
    data: { gates, plan, decision: lowerBump ? 'lower-bump' : null, expiresAt: null },
    progress: [
      { name: 'verify', status: 'failed', detail: blockedInWords(open.length) },
      { name: 'approve', status: 'waiting' },
    ],
    ...(isNews
      ? {
          notice: {
            kind: 'blocked',
            gates: open,
            ...(blocked.voters.length > 0 ? { voided: blocked.voters } : {}),
          },
          audit: {
            actor: 'slipway',
            action: 'promotion.blocked',
            result: 'done',
            detail: { gates: open.map((gate) => gate.id) },
          },
        }
      : {}),
  });
  const isPending = open.every((gate) => gate.verdict === 'pending');
  const at = await run.journal.now();
  blocked.pendingSince = isPending ? (blocked.pendingSince ?? at) : null;
  const { approvalsExpireMs } = run.ports.service.policy;
  const { ms, otherwise } = patienceWith(open, at, blocked.pendingSince, approvalsExpireMs);
  const answer = await run.inbox.next(['recheck', 'bump', 'cancel', 'override'], ms);
  if (answer?.kind === 'cancel') {
    return { kind: 'closed', state: 'cancelled', by: answer.by, reason: answer.reason };
  }
  if (answer === null && otherwise === 'expire') {
    const reason = isPending ? 'A gate stayed undecided for too long.' : 'It stayed blocked for too long.';
    return { kind: 'closed', state: 'expired', by: null, reason };
  }
  return answer === null || answer.kind === 'recheck' ? null : answer;
}

/** How long a blocked promotion waits for people, and what comes then if nobody does anything. All times in ms. */
function patienceWith(
  open: readonly GateResult[],
  at: number,
  pendingSince: number | null,
  expireMs: number,
): { readonly ms: number; readonly otherwise: 'look' | 'expire' } {
  if (pendingSince !== null) {
    const goesOn = at - pendingSince < expireMs;
    return goesOn ? { ms: PENDING_PAUSE_MS, otherwise: 'look' } : { ms: 0, otherwise: 'expire' };
  }
  const clearsIn = (clearAt(open) ?? Number.POSITIVE_INFINITY) - at;
  if (clearsIn <= expireMs) return { ms: Math.max(0, clearsIn) + AFTER_CLEAR_MS, otherwise: 'look' };
  return { ms: expireMs, otherwise: 'expire' };
}

function blockedInWords(open: number): string {
  return open === 1 ? '1 gate is not passed' : `${open} gates are not passed`;
}
