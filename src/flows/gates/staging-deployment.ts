import { stagingDeploymentGate } from '../../domain/gates/staging-deployment.ts';
import type { Gate } from './gate.ts';

export const stagingDeployment: Gate = {
  id: 'staging-deployment',
  title: 'Staging deployment',
  check: async (facts) => stagingDeploymentGate((await facts.feature()).reading, await facts.linkTo()),
};
