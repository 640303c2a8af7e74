import type { Gate } from './gate.ts';

export const targetConfigured: Gate = {
  id: 'target-configured',
  title: 'Production target',
  check: async ({ ports }) => ({ verdict: 'passed', reason: await ports.target.preflight() }),
};
