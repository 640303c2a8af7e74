import { letsGoOn } from '../../domain/gates/gate.ts';
import { policyHash } from '../../domain/policy/policy.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { type Release, runs } from '../../domain/release/release.ts';
import { given } from '../../domain/text/given.ts';
import { standingOverrides } from '../gates/overrides.ts';
import { gatesBeforeDeploy } from '../gates/registry.ts';
import { runGates } from '../gates/run-gates.ts';
import { Facts } from '../plan/facts.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { onlyUnavailable } from '../run/unavailable.ts';
import { countApprovals, hasPlanOfDigest, isDecline } from './votes.ts';

export type Recheck =
  | { readonly kind: 'good'; readonly digest: string | null }
  | { readonly kind: 'withdrawn'; readonly reasons: readonly string[] };

/** How long a look at everything may be ago when something is done that rests on it, in ms. */
const FRESH_MS = 30_000;

/**
 * Asked within the step that acts: why what people approved no longer holds; nothing when it does, or when this process
 * has just seen it. A run that was resumed, and one that tries again, looks anew.
 */
export async function goneSince(run: PromotionRun, isAgain: boolean): Promise<readonly string[]> {
  const { ports, id } = run;
  if (!isAgain && ports.clock.now() - run.lookedAt <= FRESH_MS) return [];
  const good = await stillGood(ports, id);
  return good.kind === 'withdrawn' ? good.reasons : [];
}

/**
 * Whether what people approved still holds right before it is deployed: the gates that people can withdraw, the
 * state file, the policy, the target, what is live, and the approvals themselves.
 */
export async function stillGood(ports: Ports, promotionId: string): Promise<Recheck> {
  const promotion = await ports.ledger.get(promotionId);
  const { request, data, digest } = promotion;
  const { plan } = data;
  const overrides = await standingOverrides(ports, promotionId, data.overrides ?? []);
  const asked = { ...request, overrides, ...given({ feature: plan?.candidate.feature?.slug }) };
  const facts = new Facts(ports, asked, plan);
  const gates = await runGates(gatesBeforeDeploy(ports), facts);
  const outage = onlyUnavailable(gates, facts.unavailable);
  if (outage) throw outage;
  const reasons = gates.filter((gate) => !letsGoOn(gate)).map((gate) => `${gate.title}: ${gate.reason}`);
  try {
    if (plan) reasons.push(...(await changedSince(facts, plan, data.release)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reasons.push(explain(error).text);
  }
  const approvals = await ports.ledger.approvals(promotionId);
  const { missing } = await countApprovals(ports, promotion, approvals);
  if (approvals.some(({ unproven }) => unproven)) {
    reasons.push('Approvals: one is in the database that Slipway did not write.');
  }
  if (!hasPlanOfDigest(promotion)) reasons.push('Plan: the stored one is not what people approved.');
  if ((await ports.ledger.deciders(promotionId)) === null) {
    reasons.push('Request: the audit does not say that this person asked for it.');
  }
  if (approvals.some(isDecline)) reasons.push('Approvals: somebody declined.');
  if (missing > 0) reasons.push('Approvals: not everybody who approved may still approve.');
  // Once a part of the requests has it, the rest follows however long the stages take.
  const oldest = data.stage
    ? Number.NEGATIVE_INFINITY
    : ports.clock.now() - ports.service.policy.approvalsExpireMs;
  if (approvals.some(({ valid, decision, at }) => valid && decision === 'approve' && at < oldest)) {
    reasons.push('Approvals: they have expired.');
  }
  return reasons.length === 0 ? { kind: 'good', digest } : { kind: 'withdrawn', reasons };
}

async function changedSince(facts: Facts, plan: Plan, released: Release | undefined): Promise<string[]> {
  const { service, target } = facts.ports;
  const reasons: string[] = [];
  const [live, now] = await Promise.all([facts.live(), facts.rollbackTo()]);
  const isDone = released !== undefined && (now?.commit === released.commit || runs(live, released));
  if (now?.commit !== plan.rollbackTo?.commit && !isDone) {
    reasons.push('Production: something else was deployed since people approved.');
  }
  const { stateFile } = await facts.feature();
  if (stateFile.path !== plan.candidate.stateFile?.path || stateFile.blob !== plan.candidate.stateFile.blob) {
    reasons.push(`State file: ${stateFile.path} changed since people approved.`);
  }
  if (policyHash(service.policy) !== plan.policy.hash)
    reasons.push('Policy: it changed since people approved.');
  if (target.kind !== plan.target.kind || target.name !== plan.target.name) {
    reasons.push('Target: the configuration names another one since people approved.');
  }
  return reasons;
}
