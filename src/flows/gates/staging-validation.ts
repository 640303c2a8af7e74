import { stagingValidationGate } from '../../domain/gates/staging-validation.ts';
import { whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { unapprovedBeside } from '../plan/besides.ts';
import type { Gate } from './port.ts';

export const stagingValidation: Gate = {
  id: 'staging-validation',
  title: 'Staging validation',
  askedAgain: true,
  async check(facts) {
    const gate = stagingValidationGate((await facts.feature()).reading, await facts.linkTo());
    if (gate.verdict !== 'passed') return gate;
    // What cannot be told now is told by other gates.
    const beside = await unapprovedBeside(facts).catch(whenRefusedOrAway(null));
    return beside === null ? gate : { ...gate, reason: `${gate.reason} ${beside}`, notable: true };
  },
};
