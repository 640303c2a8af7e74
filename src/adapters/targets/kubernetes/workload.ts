import { z } from 'zod';

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
});
const Container = z.object({ name: z.string(), image: z.string().nullish() });
export const Notes = z.record(z.string(), z.string()).nullish();

/** What an object says of itself. */
export const ObjectMeta = z.object({
  name: z.string(),
  resourceVersion: z.string(),
  generation: z.int().default(0),
  annotations: Notes,
});

/** The pods of a workload, as far as they are read. */
export const PodTemplate = z.object({
  metadata: z.object({ annotations: Notes }).nullish(),
  spec: z.object({ containers: z.array(Container), initContainers: z.array(Container).nullish() }),
});

/** A Deployment or StatefulSet of apps/v1, as far as a rollout takes it; the server leaves out what is zero or empty. */
export const Workload = z.object({
  metadata: ObjectMeta,
  spec: z.object({
    replicas: z.int().nullish(),
    paused: z.boolean().nullish(),
    /** Of a StatefulSet; OrderedReady where it is left out. */
    podManagementPolicy: z.string().nullish(),
    selector: z.object({ matchLabels: Notes }),
    updateStrategy: z
      .object({
        type: z.string().nullish(),
        rollingUpdate: z.object({ partition: z.int().nullish() }).nullish(),
      })
      .nullish(),
    template: PodTemplate,
  }),
  status: z
    .object({
      observedGeneration: z.int().nullish(),
      replicas: z.int().nullish(),
      updatedReplicas: z.int().nullish(),
      readyReplicas: z.int().nullish(),
      availableReplicas: z.int().nullish(),
      currentRevision: z.string().nullish(),
      updateRevision: z.string().nullish(),
      conditions: z.array(Condition).nullish(),
    })
    .nullish(),
});
export type Workload = z.infer<typeof Workload>;

export type WorkloadKind = 'deployment' | 'statefulset';

export type Rollout = {
  /** `failed`: it does not go on by itself. */
  readonly state: 'running' | 'done' | 'failed';
  /** Half a sentence: "2 of 3 replicas of deployment shop are new". */
  readonly detail: string;
};

const MOST_CHARS = 300;

/** Words of Kubernetes on one line, and not all of many. */
export function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST_CHARS ? `${line.slice(0, MOST_CHARS)}…` : line;
}

/** Why no pods can be made at all, such as a quota: half a sentence to be added; empty where they can. */
function notMade({ status }: Workload): string {
  const failure = status?.conditions?.find((one) => one.type === 'ReplicaFailure' && one.status === 'True');
  const words = failure?.message || failure?.reason;
  return words ? `; ${cut(words)}` : '';
}

/** How far a rollout is. Before the controller has seen the newest generation its numbers are those of the one before. */
export function rolloutOf(kind: WorkloadKind, workload: Workload): Rollout {
  const { metadata, spec, status } = workload;
  const name = `${kind} ${metadata.name}`;
  const wanted = spec.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  if ((status?.observedGeneration ?? 0) < metadata.generation) {
    return { state: 'running', detail: `the controller has not seen the change of ${name} yet` };
  }
  if (spec.paused) return { state: 'failed', detail: `${name} is paused, so nothing is rolled out` };
  const late = status?.conditions?.find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  if (late)
    return { state: 'failed', detail: `${name} made no progress within its deadline${notMade(workload)}` };
  if (updated < wanted)
    return {
      state: 'running',
      detail: `${updated} of ${wanted} replicas of ${name} are new${notMade(workload)}`,
    };
  if (kind === 'deployment' && (status?.replicas ?? 0) > updated) {
    return {
      state: 'running',
      detail: `${(status?.replicas ?? 0) - updated} old replicas of ${name} still end`,
    };
  }
  const ready = (kind === 'deployment' ? status?.availableReplicas : status?.readyReplicas) ?? 0;
  if (ready < wanted)
    return {
      state: 'running',
      detail: `${ready} of ${wanted} replicas of ${name} are ready${notMade(workload)}`,
    };
  if (kind === 'statefulset' && wanted > 0 && status?.currentRevision !== status?.updateRevision) {
    return { state: 'running', detail: `${name} has not finished its update` };
  }
  return { state: 'done', detail: `${name} is rolled out` };
}

/** Why a new image would not be rolled out to all replicas; null when nothing stands in the way. */
export function standsInTheWay(kind: WorkloadKind, { metadata, spec }: Workload): string | null {
  const name = `${kind} ${metadata.name}`;
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (spec.paused) return `${name} is paused; \`kubectl rollout resume\` it`;
  if (kind !== 'statefulset') return null;
  if (type === 'OnDelete') return `${name} has the update strategy OnDelete, which replaces no pod by itself`;
  const partition = rollingUpdate?.partition ?? 0;
  return partition > 0 ? `${name} has a partition of ${partition}, which keeps pods on the old image` : null;
}

/** The images of containers and init containers by name. */
export function imagesOf(
  template: z.infer<typeof PodTemplate> | null | undefined,
): ReadonlyMap<string, string> {
  const { containers = [], initContainers } = template?.spec ?? {};
  return new Map([...(initContainers ?? []), ...containers].map(({ name, image }) => [name, image ?? '']));
}
