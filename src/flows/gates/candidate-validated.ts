import { candidateValidatedGate } from '../../domain/gates/candidate-validated.ts';
import { driftOf } from '../drift.ts';
import type { Gate } from './gate.ts';

export const candidateValidated: Gate = {
  id: 'candidate-validated',
  title: 'Candidate is what was validated',
  check: async (facts) => candidateValidatedGate(await driftOf(facts), await facts.linkTo()),
};
