import { allPassed, type GateResult } from '../../domain/gates/gate.ts';
import {
  type AskedPlan,
  approvalsVoided,
  planReady,
  planUnchanged,
} from '../../domain/promotion/events/approval.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import { lookingAgain } from '../../domain/promotion/events/verification.ts';
import { changesBetween, digestOf } from '../../domain/promotion/plan.ts';
import { standingOverrides } from '../gates/overrides.ts';
import { forDetails } from '../plan/preview.ts';
import { releasedBefore, releasedBeforeInWords } from '../plan/released-before.ts';
import { riskOf } from '../plan/risk.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import type { Agreement, LookAgain } from './agreement.ts';
import { type Inspection, inspectOrWait } from './inspect.ts';
import { waitBlocked } from './wait-blocked.ts';

/** All gates passed, and people are asked about this plan. */
export interface Verified {
  readonly kind: 'verified';
  readonly agreement: Agreement & { readonly asked: AskedPlan };
}

/**
 * Step 1: gates and plan. When the plan is not the one that people are asked about, their approvals are void and they
 * are asked about the new one. When gates are in the way it waits for what takes them away.
 */
export async function verify(
  run: PromotionRun,
  agreement: Agreement,
): Promise<Verified | LookAgain | Closed> {
  const { gates, plan, lowerBump, released } = await look(run, agreement);
  if (released) return { kind: 'closed', state: 'cancelled', by: null, reason: released };
  if (plan === null || !allPassed(gates)) return waitBlocked(run, agreement, { gates, plan, lowerBump });

  const { request, asked: before, agreedBefore } = agreement;
  const asked = { plan, digest: digestOf(plan) };
  if (before?.digest === asked.digest) await run.record(planUnchanged(gates));
  else await ask(run, asked, agreement, gates);
  return { kind: 'verified', agreement: { request, asked, agreedBefore } };
}

type Seen = Inspection & {
  /** Why it is over: its release is there already. Absent when it is not. */
  readonly released?: string;
};

/** One look at everything; gates show on the card as they are decided. */
async function look(run: PromotionRun, { request, asked, blocked }: Agreement): Promise<Seen> {
  if (run.count('look') > 1) {
    // All votes so far are covered by the look that comes: many at once ask for one look, not for one each.
    while ((await run.inbox.next(['vote'], 0)) !== null);
    // What gates ask stays asked until they are decided.
    await run.record(lookingAgain(blocked === undefined));
  }
  return run.patiently(
    'inspect',
    async () => {
      // Asked for each look: what the run remembers of them is not signed.
      const overrides = await standingOverrides(run.ports, run.id, request.overrides ?? []);
      const proven = { ...request, overrides };
      const onGates = (gates: readonly GateResult[]) => run.show({ gates });
      const { preview, ...seen } = await inspectOrWait(run.ports, proven, onGates, asked?.plan ?? null);
      const shown = await preview();
      const risk = seen.plan && (await riskOf(run.ports, run.id, seen.plan));
      const { commitTimes = null } = seen;
      await run.show({ preview: shown && forDetails(shown), commitTimes, risk });
      run.lookedAt = run.ports.clock.now();
      const released = await releasedBefore(run.ports, await run.ports.ledger.get(run.id));
      return released ? { ...seen, released: await releasedBeforeInWords(run.ports, released) } : seen;
    },
    { cancellable: true, obeys: true },
  );
}

async function ask(
  run: PromotionRun,
  asked: AskedPlan,
  { asked: standing, agreedBefore }: Agreement,
  gates: readonly GateResult[],
): Promise<void> {
  const before = standing ?? agreedBefore;
  const changes = before && before.digest !== asked.digest ? changesBetween(before.plan, asked.plan) : null;
  if (changes && standing) await run.record(approvalsVoided(changes));
  const { policy } = run.ports.service;
  await run.record(planReady({ asked, gates, before, changes, policy, at: await run.journal.now() }));
}
