import { ciGate } from '../../domain/gates/ci.ts';
import { driftOf } from '../plan/drift.ts';
import type { Gate } from './port.ts';

/**
 * Continuous integration of the candidate. Commits of state and report files often run no checks: where the tip has
 * none at all, those of the validated commit count; another gate sees to it that nothing else lies in between.
 */
export const ci: Gate = {
  id: 'ci',
  title: 'CI',
  askedAgain: false,
  applies: ({ repository }) => repository.checks !== undefined,
  async check(facts) {
    const { repository } = facts.ports;
    const base = await facts.base();
    const own = (await repository.checks?.(base)) ?? [];
    const short = base.slice(0, 7);
    if (own.some(({ state }) => state !== 'missing')) return ciGate(own, base, short);
    const { resolved } = await driftOf(facts);
    if (resolved === null || resolved === base) return ciGate(own, base, short);
    const validated = (await repository.checks?.(resolved)) ?? [];
    if (!validated.some(({ state }) => state !== 'missing')) return ciGate(own, base, short);
    return ciGate(validated, resolved, `${resolved.slice(0, 7)}, which was validated`);
  },
};
