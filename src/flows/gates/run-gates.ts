import type { GateAnswer, GateResult } from '../../domain/gates/gate.ts';
import { withOverrides } from '../../domain/policy/override.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Facts } from '../plan/facts.ts';
import { unavailableOf } from '../run/unavailable.ts';
import { asPolicyHas } from './overrides.ts';
import type { Gate } from './port.ts';

/**
 * All gates side by side, answered in their order. `onResult` hears after each decision of all that are decided;
 * an undecided gate is `pending` there.
 */
export async function runGates(
  gates: readonly Gate[],
  facts: Facts,
  onResult: (gates: readonly GateResult[]) => void = () => {},
): Promise<readonly GateResult[]> {
  const { clock, service } = facts.ports;
  const checking = { verdict: 'pending', reason: 'Checking …' } as const;
  const results: GateResult[] = gates.map(({ id, title }) => ({ id, title, ...checking }));
  await Promise.all(
    gates.map(async (gate, index) => {
      const startedAt = clock.now();
      const given = asPolicyHas(await answerOf(gate, facts), service.policy);
      const answer = withOverrides(given, facts.request.overrides ?? []);
      results[index] = { ...answer, id: gate.id, title: gate.title, tookMs: clock.now() - startedAt };
      onResult([...results]);
    }),
  );
  return results;
}

async function answerOf(gate: Gate, facts: Facts): Promise<GateAnswer> {
  try {
    return await gate.check(facts);
  } catch (error) {
    const outage = unavailableOf(error, facts.wasThere);
    if (outage) {
      facts.unavailable.set(gate.id, outage);
      const remedy = outage.remedy ?? 'Wait until it answers again, then re-check.';
      return { verdict: 'unknown', isAway: true, reason: outage.message, remedy };
    }
    if (!(error instanceof Refusal)) throw error;
    const { text, hint } = explain(error);
    return { verdict: 'failed', reason: text, ...(hint === undefined ? {} : { remedy: hint }) };
  }
}
