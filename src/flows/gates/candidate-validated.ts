import { candidateValidatedGate } from '../../domain/gates/candidate-validated.ts';
import { driftOf } from '../plan/drift.ts';
import type { Gate } from './port.ts';

export const candidateValidated: Gate = {
  id: 'candidate-validated',
  title: 'Candidate is what was validated',
  askedAgain: false,
  check: async (facts) => candidateValidatedGate(await driftOf(facts), await facts.linkTo()),
};
