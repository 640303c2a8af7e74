import { confirmedByHost, stagingDeploymentGate } from '../../domain/gates/staging-deployment.ts';
import { driftOf } from '../plan/drift.ts';
import type { Gate } from './port.ts';

/** What the state files say, and where the config wants that, what the host shows of exactly that commit. */
export const stagingDeployment: Gate = {
  id: 'staging-deployment',
  title: 'Staging deployment',
  askedAgain: false,
  async check(facts) {
    const { reading } = await facts.feature();
    const said = stagingDeploymentGate(reading, await facts.linkTo());
    const { repository } = facts.ports;
    if (repository.staged === undefined) return said;
    const { resolved } = await driftOf(facts);
    if (resolved === null) return said;
    return confirmedByHost(said, reading, await repository.staged(resolved), resolved);
  },
};
