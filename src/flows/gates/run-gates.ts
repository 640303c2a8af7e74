import { withOverrides } from '../../domain/break-glass.ts';
import type { GateResult } from '../../domain/gate.ts';
import { Refusal } from '../../domain/refusal.ts';
import { explain } from '../../domain/refusals.ts';
import { awayOf } from '../away.ts';
import type { Facts } from '../facts.ts';
import { asPolicyHas } from './break-glass.ts';
import type { Gate } from './gate.ts';

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
  const results: GateResult[] = gates.map(({ id, title }) => ({
    id,
    title,
    verdict: 'pending',
    reason: 'Checking …',
  }));
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

async function answerOf(gate: Gate, facts: Facts): Promise<Omit<GateResult, 'id' | 'title' | 'tookMs'>> {
  try {
    return await gate.check(facts);
  } catch (error) {
    const away = awayOf(error, facts.wasThere);
    if (away) {
      facts.away.set(gate.id, away);
      return {
        verdict: 'unknown',
        reason: away.message,
        remedy: 'Wait until it answers again, then re-check.',
      };
    }
    if (!(error instanceof Refusal)) throw error;
    const { text, hint } = explain(error);
    return { verdict: 'failed', reason: text, ...(hint === undefined ? {} : { remedy: hint }) };
  }
}
