import type { DeploymentRecord } from '../../adapters/repositories/port.ts';
import type { DeployOrder } from '../../adapters/targets/port.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Ports } from '../run/ports.ts';

/**
 * Shows a deployment on the host's pages, where it has such pages. A host that refuses or does not answer is no
 * reason to stop or to fail a deployment.
 */
export async function showOnHost(
  { repository }: Pick<Ports, 'repository'>,
  { kind, release }: DeployOrder,
  key: string,
  about: Pick<DeploymentRecord, 'state' | 'description' | 'url' | 'logUrl'>,
): Promise<void> {
  try {
    await repository.recordDeployment?.({ kind, commit: release.commit, tag: release.tag, ...about }, key);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unavailable)) throw error;
  }
}
