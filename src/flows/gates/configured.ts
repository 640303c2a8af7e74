import type { ConfiguredGate, GateQuestion } from '../../adapters/gates/port.ts';
import { actorWord } from '../../domain/operations/api-scopes.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import type { Facts } from '../plan/facts.ts';
import type { Gate } from './port.ts';

/** A gate of the config as a gate of a promotion. What is not known of the candidate is left out of its question. */
export function asGate(gate: ConfiguredGate): Gate {
  const { id, title } = gate;
  return {
    id,
    title,
    askedAgain: true,
    async check(facts) {
      const answer = await gate.check(await questionOf(facts));
      if (answer.verdict === 'passed' || !gate.breakable) return answer;
      // By its verdict: an override of `unknown` does not cover a `failed` that comes later.
      return { ...answer, barriers: [`${id}:${answer.verdict}`] };
    },
  };
}

async function questionOf(facts: Facts): Promise<GateQuestion> {
  const { service } = facts.ports;
  const commit = await facts.base();
  const [feature, release] = await Promise.all([
    facts.feature().catch(whenRefused(null)),
    facts.release().catch(whenRefused(null)),
  ]);
  const validated = feature?.reading.validatedCommit;
  return {
    service: service.name,
    commit,
    branch: service.branch,
    by: actorWord(facts.request.by),
    ...given({
      validated: validated?.kind === 'value' ? validated.value : undefined,
      feature: feature?.folder.slug,
      version: release?.version.next,
    }),
  };
}
