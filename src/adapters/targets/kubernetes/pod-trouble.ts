import { orNothing } from '../shared/noted.ts';
import type { ContainerStatus, KubernetesApi, Pod } from './api.ts';
import { ORDER } from './notes.ts';
import { cut, type Workload } from './workload.ts';

/** Words for containers that are only on their way. */
const ON_ITS_WAY = new Set(['ContainerCreating', 'PodInitializing']);
/** What does not become better by waiting. */
const FOR_GOOD = new Set(['InvalidImageName', 'ErrImageNeverPull']);
/** What is not ready for so long does not get so by itself, in ms. */
const LONG_MS = 60_000;
const MOST_PODS = 2;

export interface PodTrouble {
  /** "pod shop-1: container web: ImagePullBackOff (…)" */
  readonly words: string;
  readonly pod: string;
  readonly container: string;
  readonly isForGood: boolean;
  readonly hasRestarted: boolean;
}

/** What ails the pods of an order; nothing where they cannot be read: a rollout is followed without that. */
export async function podTrouble(
  api: KubernetesApi,
  workloads: readonly Workload[],
  key: string,
  now: number,
): Promise<readonly PodTrouble[]> {
  const found: PodTrouble[] = [];
  for (const { spec } of workloads) {
    const isOurs = ({ metadata }: Pod) => metadata.annotations?.[ORDER] === key;
    found.push(...(await troubleOfPods(api, spec.selector.matchLabels ?? {}, isOurs, now)));
  }
  return found;
}

/** What ails the pods with these labels that are meant; as above. */
export async function troubleOfPods(
  api: KubernetesApi,
  labels: Readonly<Record<string, string>>,
  isMeant: (pod: Pod) => boolean,
  now: number,
): Promise<readonly PodTrouble[]> {
  if (Object.keys(labels).length === 0) return [];
  const pods = await orNothing(() => api.pods(labels));
  const meant = pods.filter((pod) => !pod.metadata.deletionTimestamp && isMeant(pod));
  return meant.flatMap((pod) => troubleOf(pod, now) ?? []);
}

/** Warnings about the pods and the last lines that the first of them printed. */
export async function reportOf(
  api: KubernetesApi,
  trouble: readonly PodTrouble[],
): Promise<{ readonly words: readonly string[]; readonly log: readonly string[] }> {
  const shown = trouble.slice(0, MOST_PODS);
  const words = shown.map((one) => one.words);
  for (const { pod } of shown) {
    const warnings = await orNothing(() => api.warnings(pod));
    words.push(...warnings.slice(-MOST_PODS).map((one) => cut(one)));
  }
  const [first] = shown;
  const log = first ? await orNothing(() => api.log(first.pod, first.container, first.hasRestarted)) : [];
  return { words: [...new Set(words)], log };
}

/** What ails a pod; null for one that is well, or only on its way. */
export function troubleOf(pod: Pod, now: number): PodTrouble | null {
  const { metadata, status } = pod;
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const about = (words: string, one?: ContainerStatus): PodTrouble => ({
    words: cut(`pod ${metadata.name}${one ? `: container ${one.name}: ` : ' '}${words}`),
    pod: metadata.name,
    container: one?.name ?? '',
    isForGood: FOR_GOOD.has(one?.state?.waiting?.reason ?? ''),
    hasRestarted: (one?.restartCount ?? 0) > 0,
  });
  const unready = all.filter(({ ready }) => !ready);
  for (const container of unready) {
    const words = wordsOf(container);
    if (words !== null) return about(words, container);
  }
  if (all.length === 0 && status?.phase === 'Pending') return about('has found no node yet');
  const [waited] = (status?.containerStatuses ?? []).filter(({ ready }) => !ready);
  return isLate(pod, now) ? about('does not get ready', waited) : null;
}

/** It has not ended, and is not ready for long. */
function isLate({ status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  const ready = status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is !== 'True');
  return Date.parse(ready?.lastTransitionTime ?? '') < now - LONG_MS;
}

function wordsOf({ state, lastState }: ContainerStatus): string | null {
  const ended = state?.terminated ?? lastState?.terminated;
  const exit = ended?.exitCode ? `exited with ${ended.exitCode} (${ended.reason ?? 'Error'})` : null;
  const { reason, message } = state?.waiting ?? {};
  if (!reason || ON_ITS_WAY.has(reason)) return exit;
  return [`${reason}${message ? ` (${message})` : ''}`, ...(exit === null ? [] : [`it ${exit}`])].join(', ');
}
