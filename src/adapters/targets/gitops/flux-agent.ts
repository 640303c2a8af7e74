import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { path } from '../../shared/platform/api.ts';
import { Cluster, ClusterSettings } from '../kubernetes/cluster.ts';
import { KubeName } from '../kubernetes/kubernetes.ts';
import { type Agent, type AgentStatus, type FollowedOrder, oursOf, type WatchedBranch } from './agent.ts';
import {
  appliedCommit,
  appliedRevision,
  attemptedCommit,
  FluxKustomization,
  fluxStatus,
  followedRef,
  provesHealth,
  standsInTheWay,
} from './flux-status.ts';
import type { WrittenPlace } from './overrides.ts';

export const FluxSettings = z
  .strictObject({
    cluster: ClusterSettings.prefault({}),
    namespace: KubeName.default('flux-system'),
    kustomization: KubeName.meta({ description: 'The Kustomization that has the file.' }),
  })
  .meta({ description: 'Waits until Flux says that this commit is applied and Ready.' });

const NO_HEALTH =
  'It has neither `wait: true` nor `healthChecks`, so Ready says that a commit is applied, and not that its pods are well.';

export class FluxAgent implements Agent {
  readonly name: string;
  readonly #settings: z.infer<typeof FluxSettings>;
  readonly #written: WrittenPlace;
  readonly #cluster: Cluster;

  constructor(settings: z.infer<typeof FluxSettings>, written: WrittenPlace, context: AdapterContext) {
    this.name = `Flux kustomization ${settings.kustomization}`;
    this.#settings = settings;
    this.#written = written;
    this.#cluster = new Cluster(settings.cluster, context);
  }

  async preflight(branch: WatchedBranch, signal?: AbortSignal): Promise<string> {
    const kustomization = await this.#kustomization(signal);
    const followed = followedRef(kustomization);
    const isOther = followed !== null && followed !== branch.name && (await branch.hasBranch(followed));
    const elsewhere = isOther ? `it follows ${followed}, and not the branch ${branch.name}` : null;
    const reason = standsInTheWay(kustomization, this.#written) ?? elsewhere;
    if (reason !== null) throw new Refusal('target-misconfigured', { target: this.name, reason });
    const applied = `${this.name} has applied ${appliedRevision(kustomization) ?? 'nothing yet'}.`;
    return provesHealth(kustomization) ? applied : `${applied} ${NO_HEALTH}`;
  }

  async deployed(signal?: AbortSignal): Promise<readonly string[]> {
    const commit = appliedCommit(await this.#kustomization(signal));
    return commit === null ? [] : [commit];
  }

  async follow({ isOurs, since }: FollowedOrder): Promise<AgentStatus> {
    const kustomization = await this.#kustomization();
    const detail = standsInTheWay(kustomization, this.#written);
    if (detail !== null) return { state: 'failed', detail };
    const commits = [appliedCommit(kustomization), attemptedCommit(kustomization)];
    const revisions = commits.filter((one) => one !== null);
    const ours = await oursOf(revisions, isOurs);
    return fluxStatus(kustomization, (revision) => ours.has(revision), since);
  }

  async #kustomization(signal?: AbortSignal): Promise<FluxKustomization> {
    const { namespace, kustomization } = this.#settings;
    const api = await this.#cluster.api();
    const { value } = await api.call({
      path: path`/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${kustomization}`,
      reply: FluxKustomization,
      doing: `read the Kustomization ${kustomization}`,
      needs: 'the verb get on kustomizations (kustomize.toolkit.fluxcd.io) of the namespace',
      what: `the Kustomization ${kustomization} in the namespace ${namespace}`,
      signal,
    });
    return value;
  }
}
