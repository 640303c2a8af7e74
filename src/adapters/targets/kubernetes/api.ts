import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { type Call, type PlatformApi, path } from '../../shared/platform/api.ts';
import { quoted } from '../shared/words.ts';
import type { Cluster } from './cluster.ts';
import { Notes, Workload, type WorkloadKind } from './workload.ts';

const State = z
  .object({
    waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
    terminated: z.object({ reason: z.string().nullish(), exitCode: z.int().nullish() }).nullish(),
  })
  .nullish();
const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean().nullish(),
  restartCount: z.int().nullish(),
  state: State,
  lastState: State,
});
const Pod = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string().nullish(),
    labels: Notes,
    annotations: Notes,
    deletionTimestamp: z.string().nullish(),
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).nullish(),
  }),
  status: z
    .object({
      phase: z.string().nullish(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.string().nullish() }))
        .nullish(),
      initContainerStatuses: z.array(ContainerStatus).nullish(),
      containerStatuses: z.array(ContainerStatus).nullish(),
    })
    .nullish(),
});
export type Pod = z.infer<typeof Pod>;
const PodList = z.object({
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(Pod),
});
export type ContainerStatus = z.infer<typeof ContainerStatus>;

const Event = z.object({
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
});

export interface WorkloadRef {
  readonly kind: WorkloadKind;
  readonly name: string;
}

const PODS_A_PAGE = '100';
const MOST_PAGES = 10;
const MOST_EVENTS = '20';
const READ = 'the verb get on deployments and statefulsets (apps) of the namespace';
const WRITE = 'the verbs get and patch on deployments and statefulsets (apps) of the namespace';
const DELETE = 'the verb delete on pods of the namespace';
const LOOK = 'the verb list on pods and events, and get on pods/log, of the namespace';

/**
 * The calls that a rollout takes, as the published OpenAPI of Kubernetes 1.31 has them: apps/v1 read and patch of
 * Deployments and StatefulSets, core/v1 list of pods and events, read of a pod's log,
 * delete of a pod.
 */
export class KubernetesApi {
  readonly #cluster: Cluster;
  readonly #namespace: string;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  async workload({ kind, name }: WorkloadRef, signal?: AbortSignal): Promise<Workload> {
    const api = await this.#cluster.api();
    const { value } = await api.call({
      path: path`/apis/apps/v1/namespaces/${this.#namespace}/${kind}s/${name}`,
      reply: Workload,
      doing: `read the ${kind} ${name}`,
      needs: READ,
      what: `the ${kind} ${name} in the namespace ${this.#namespace}`,
      signal,
    });
    return value;
  }

  /** A strategic merge patch; `conflict` when it was changed since its resource version was read. */
  async patch(ref: WorkloadRef, body: unknown): Promise<'patched' | 'conflict'> {
    return patched(await this.#cluster.api(), this.#patchOf(ref, body));
  }

  /** What such a patch would make of it, permissions and policies included; null where nobody can say. */
  async tried(ref: WorkloadRef, body: unknown, signal?: AbortSignal): Promise<Workload | null> {
    return tried(await this.#cluster.api(), { ...this.#patchOf(ref, body), signal }, Workload);
  }

  #patchOf({ kind, name }: WorkloadRef, body: unknown): PatchCall {
    return {
      path: path`/apis/apps/v1/namespaces/${this.#namespace}/${kind}s/${name}`,
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body,
      doing: `set the image of the ${kind} ${name}`,
      needs: WRITE,
      what: `the ${kind} ${name} in the namespace ${this.#namespace}`,
    };
  }

  async pods(labels: Readonly<Record<string, string>>): Promise<readonly Pod[]> {
    const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const api = await this.#cluster.api();
    const all: Pod[] = [];
    let next: string | null | undefined;
    for (let page = 0; page < MOST_PAGES && (page === 0 || next); page++) {
      const query = { labelSelector: selector.join(','), limit: PODS_A_PAGE };
      const { value } = await api.call({
        path: path`/api/v1/namespaces/${this.#namespace}/pods`,
        query: { ...query, ...(next ? { continue: next } : {}) },
        reply: PodList,
        ...this.#looking('pods'),
      });
      all.push(...value.items);
      next = value.metadata?.continue;
    }
    return all;
  }

  /** Has a pod deleted, which what made it makes anew; another one of that name is left alone. */
  async deletePod(pod: Pod): Promise<void> {
    const { name, uid } = pod.metadata;
    const api = await this.#cluster.api();
    try {
      await api.call({
        method: 'DELETE',
        path: path`/api/v1/namespaces/${this.#namespace}/pods/${name}`,
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
        reply: z.object({}),
        doing: `delete the pod ${name}, which no StatefulSet replaces by itself while it is not ready (${this.toDelete(pod)})`,
        needs: DELETE,
        what: `the pod ${name} in the namespace ${this.#namespace}`,
      });
    } catch (error) {
      const isGone =
        error instanceof Refusal && (error.code === 'platform-not-found' || error.facts['status'] === 409);
      if (!isGone) throw error;
    }
  }

  /** The command by which a person deletes a pod. */
  toDelete({ metadata }: Pod): string {
    return `\`kubectl --namespace ${quoted(this.#namespace)} delete pod ${quoted(metadata.name)}\``;
  }

  /** Whether it may delete pods; true where nobody says. */
  async mayDeletePods(signal?: AbortSignal): Promise<boolean> {
    const api = await this.#cluster.api();
    const resourceAttributes = { namespace: this.#namespace, verb: 'delete', resource: 'pods' };
    try {
      const { value } = await api.call({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        },
        reply: z.object({ status: z.object({ allowed: z.boolean() }) }),
        doing: 'ask what it may do',
        needs: 'the verb create on selfsubjectaccessreviews (authorization.k8s.io)',
        what: 'the review of its own access',
        signal,
      });
      return value.status.allowed;
    } catch (error) {
      if (error instanceof Refusal) return true;
      throw error;
    }
  }

  /** Warnings about a pod. */
  async warnings(pod: string): Promise<readonly string[]> {
    const api = await this.#cluster.api();
    const { value } = await api.call({
      path: path`/api/v1/namespaces/${this.#namespace}/events`,
      query: { fieldSelector: `involvedObject.name=${pod},type=Warning`, limit: MOST_EVENTS },
      reply: z.object({ items: z.array(Event) }),
      ...this.#looking('events'),
    });
    return value.items.map(({ reason, message }) => `${reason ?? 'Warning'}: ${message ?? ''}`);
  }

  /** The last lines of a container; of the one before it when that has been restarted. */
  async log(pod: string, container: string, previous: boolean): Promise<readonly string[]> {
    const api = await this.#cluster.api();
    const text = await api.text({
      path: path`/api/v1/namespaces/${this.#namespace}/pods/${pod}/log`,
      query: { container, tailLines: '15', limitBytes: '20000', ...(previous ? { previous: 'true' } : {}) },
      ...this.#looking('logs'),
    });
    return text.split(/\r?\n/).filter((line) => line.trim() !== '');
  }

  #looking(what: string) {
    return { doing: `read ${what}`, needs: LOOK, what: `${what} in the namespace ${this.#namespace}` };
  }
}

type PatchCall = Pick<Call<unknown>, 'path' | 'headers' | 'body' | 'doing' | 'needs' | 'what' | 'signal'>;
const PATCH = { method: 'PATCH', query: { fieldManager: 'slipway' } } as const;

/** Changes an object; `conflict` when it was changed since the resource version in the patch was read. */
export async function patched(api: PlatformApi, call: PatchCall): Promise<'patched' | 'conflict'> {
  try {
    await api.call({ ...call, ...PATCH, reply: z.object({}) });
    return 'patched';
  } catch (error) {
    if (error instanceof Refusal && error.facts['status'] === 409) return 'conflict';
    throw error;
  }
}

/** Changes nothing: what the object would be, as policies leave it. Null where it was changed since, or nobody can say. */
export async function tried<T>(api: PlatformApi, call: PatchCall, reply: z.ZodType<T>): Promise<T | null> {
  const query = { ...PATCH.query, dryRun: 'All' };
  try {
    return (await api.call({ ...call, ...PATCH, query, reply })).value;
  } catch (error) {
    const { status, said } = error instanceof Refusal ? error.facts : {};
    // A webhook that acts elsewhere is not asked.
    if (status === 409 || /does not support dry run/.test(String(said))) return null;
    throw error;
  }
}
