import { z } from 'zod';
import { path } from '../../shared/platform/api.ts';
import { patched, tried } from '../kubernetes/api.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { PodTemplate } from '../kubernetes/workload.ts';
import { ArgoRollout } from './rollout.ts';

/** What may be set in the status; the controller acts on it. */
export interface StatusChange {
  readonly abort?: boolean;
  readonly promoteFull?: boolean;
  /** Ends a pause. */
  readonly pauseConditions?: null;
}

/** One change of a JSON patch (RFC 6902). */
export interface PatchOperation {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

const READ = 'the verb get on rollouts (argoproj.io) of the namespace';
const WRITE = 'the verb patch on rollouts and rollouts/status (argoproj.io) of the namespace';
const LOOK = 'the verb list on replicasets (apps) of the namespace';

/** The calls that a rollout takes: the custom resource of Argo Rollouts and its status, and ReplicaSets of apps/v1. */
export class RolloutsApi {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #name: string;

  constructor(cluster: Cluster, namespace: string, name: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#name = name;
  }

  async read(signal?: AbortSignal): Promise<ArgoRollout> {
    const api = await this.#cluster.api();
    const { value } = await api.call({
      path: this.#path(),
      reply: ArgoRollout,
      doing: `read the rollout ${this.#name}`,
      needs: READ,
      what: `the rollout ${this.#name} in the namespace ${this.#namespace}, or Argo Rollouts itself`,
      signal,
    });
    return value;
  }

  /**
   * Applies to what was read only; `conflict` when it was changed since then. Custom resources take no strategic merge, and a
   * plain one replaces whole lists.
   */
  change({ metadata }: ArgoRollout, operations: readonly PatchOperation[]): Promise<'patched' | 'conflict'> {
    const same = { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion };
    return this.#patch(this.#path(), 'application/json-patch+json', [same, ...operations]);
  }

  changeStatus({ metadata }: ArgoRollout, status: StatusChange): Promise<'patched' | 'conflict'> {
    const body = { metadata: { resourceVersion: metadata.resourceVersion }, status };
    return this.#patch(`${this.#path()}/status`, 'application/merge-patch+json', body);
  }

  /**
   * Asks whether it could be changed so, and its status too, by permissions and policies; changes nothing. What it would be, or
   * null where nobody can say.
   */
  async mustTake(
    { metadata }: ArgoRollout,
    operations: readonly PatchOperation[],
    signal?: AbortSignal,
  ): Promise<ArgoRollout | null> {
    const { resourceVersion } = metadata;
    const same = { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion };
    const whole = this.#patchOf(this.#path(), 'application/json-patch+json', [same, ...operations]);
    const api = await this.#cluster.api();
    const made = await tried(api, { ...whole, signal }, ArgoRollout);
    const body = { metadata: { resourceVersion }, status: {} };
    const status = this.#patchOf(`${this.#path()}/status`, 'application/merge-patch+json', body);
    await tried(api, { ...status, signal }, z.object({}));
    return made;
  }

  /** The template of the ReplicaSet with this hash; null where it is gone. */
  async template(hash: string, signal?: AbortSignal): Promise<z.infer<typeof PodTemplate> | null> {
    const api = await this.#cluster.api();
    const { value } = await api.call({
      path: path`/apis/apps/v1/namespaces/${this.#namespace}/replicasets`,
      query: { labelSelector: `rollouts-pod-template-hash=${hash}`, limit: '10' },
      reply: z.object({
        items: z.array(
          z.object({
            metadata: z.object({
              ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).nullish(),
            }),
            spec: z.object({ template: PodTemplate }),
          }),
        ),
      }),
      doing: `read the replica sets of the rollout ${this.#name}`,
      needs: LOOK,
      what: `replica sets in the namespace ${this.#namespace}`,
      signal,
    });
    const own = value.items.find(({ metadata }) =>
      metadata.ownerReferences?.some(({ kind, name }) => kind === 'Rollout' && name === this.#name),
    );
    return own?.spec.template ?? null;
  }

  #path(): string {
    return path`/apis/argoproj.io/v1alpha1/namespaces/${this.#namespace}/rollouts/${this.#name}`;
  }

  async #patch(to: string, type: string, body: unknown): Promise<'patched' | 'conflict'> {
    return patched(await this.#cluster.api(), this.#patchOf(to, type, body));
  }

  #patchOf(to: string, type: string, body: unknown) {
    return {
      path: to,
      headers: { 'content-type': type },
      body,
      doing: `change the rollout ${this.#name}`,
      needs: WRITE,
      what: `the rollout ${this.#name} in the namespace ${this.#namespace}`,
    };
  }
}
