import { Refusal } from '../domain/refusal.ts';
import { explain } from '../domain/refusals.ts';
import { Facts } from './facts.ts';
import { GATES_BEFORE_DEPLOY } from './gates/all.ts';
import { runGates } from './gates/run-gates.ts';
import type { Ports } from './ports.ts';

export type Recheck = { readonly kind: 'good' } | { readonly kind: 'withdrawn'; readonly reason: string };

/** Whether what people approved still holds right before it is deployed. */
export async function stillGood(ports: Ports, promotionId: string): Promise<Recheck> {
  const { request, data } = await ports.ledger.get(promotionId);
  const slug = data.plan?.candidate.feature?.slug;
  const facts = new Facts(ports, slug === undefined ? request : { ...request, feature: slug });
  const gates = await runGates(GATES_BEFORE_DEPLOY, facts);
  const open = gates.filter((gate) => gate.verdict !== 'passed');
  const reasons = open.map((gate) => `${gate.title}: ${gate.reason}`);
  const plannedBack = data.plan?.rollbackTo?.commit;
  try {
    const live = await facts.live();
    if (live?.commit !== plannedBack && live?.commit !== data.release?.commit) {
      reasons.push('Production changed since people approved: something else was deployed meanwhile.');
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reasons.push(explain(error).text);
  }
  return reasons.length === 0 ? { kind: 'good' } : { kind: 'withdrawn', reason: reasons.join(' ') };
}
