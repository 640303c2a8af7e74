import { stagingValidationGate } from '../../domain/gates/staging-validation.ts';
import type { Gate } from './port.ts';

export const stagingValidation: Gate = {
  id: 'staging-validation',
  title: 'Staging validation',
  askedAgain: true,
  check: async (facts) => stagingValidationGate((await facts.feature()).reading, await facts.linkTo()),
};
