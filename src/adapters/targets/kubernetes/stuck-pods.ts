import { Refusal } from '../../../domain/refusals/refusal.ts';
import { orNothing } from '../shared/noted.ts';
import type { KubernetesApi, Pod, WorkloadRef } from './api.ts';
import { ORDER } from './notes.ts';
import { troubleOf } from './pod-trouble.ts';
import type { Workload } from './workload.ts';
import type { FoundWorkload } from './workloads.ts';

/** A StatefulSet waits until each pod is ready before it replaces the next one, also for one that never gets ready. */
export function waitsForEach({ ref, workload }: FoundWorkload): boolean {
  return ref.kind === 'statefulset' && workload.spec.podManagementPolicy !== 'Parallel';
}

export function hasSeen({ metadata, status }: Workload): boolean {
  return (status?.observedGeneration ?? 0) >= metadata.generation;
}

export function isAllReady({ spec, status }: Workload): boolean {
  return (status?.readyReplicas ?? 0) >= (spec.replicas ?? 1);
}

/**
 * The pod that a StatefulSet waits for although it is of a revision before the one that it is to have: it is replaced once
 * somebody deletes it (Kubernetes calls that a forced rollback). Null where there is none, where pods cannot be read, and
 * before the controller has seen what was ordered last.
 */
export async function podInTheWay(api: KubernetesApi, found: FoundWorkload): Promise<Pod | null> {
  const { ref, workload } = found;
  const revision = workload.status?.updateRevision;
  const labels = workload.spec.selector.matchLabels ?? {};
  if (!revision || !waitsForEach(found) || !hasSeen(workload) || Object.keys(labels).length === 0)
    return null;
  const pods = (await orNothing(() => api.pods(labels))).filter((pod) => isOf(ref, pod));
  const [first] = pods.filter((pod) => !isReady(pod)).sort((a, b) => ordinalOf(a) - ordinalOf(b));
  const its = first?.metadata.labels?.['controller-revision-hash'];
  return !first || !its || its === revision || first.metadata.deletionTimestamp ? null : first;
}

/**
 * Has the pod deleted that a StatefulSet waits for in vain, where an order before this one made it; half a sentence about
 * it, also where Slipway may not. Null where none is in the way.
 */
export async function madeAnew(
  api: KubernetesApi,
  found: FoundWorkload,
  now: number,
): Promise<string | null> {
  const pod = await podInTheWay(api, found);
  const words = pod && troubleOf(pod, now)?.words;
  if (!pod || !words) return null;
  const { annotations } = pod.metadata;
  if (annotations?.[ORDER] !== undefined) {
    try {
      await api.deletePod(pod);
      return `${words}; it is of before, and made anew`;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return `${words}; it is of before and not ready, and no StatefulSet replaces such a pod by itself: ${api.toDelete(pod)}`;
}

function isOf({ name }: WorkloadRef, { metadata }: Pod): boolean {
  return metadata.ownerReferences?.some((one) => one.kind === 'StatefulSet' && one.name === name) ?? false;
}

function ordinalOf({ metadata }: Pod): number {
  return Number(/-(\d+)$/.exec(metadata.name.slice(-20))?.[1] ?? 0);
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
