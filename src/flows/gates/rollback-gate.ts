import { rollbackGate } from '../../domain/gates/rollback-gate.ts';
import type { Gate } from './port.ts';

export const rollbackTested: Gate = {
  id: 'rollback-gate',
  title: 'Rollback tested',
  askedAgain: true,
  check: async (facts) => rollbackGate((await facts.feature()).reading, await facts.linkTo()),
};
