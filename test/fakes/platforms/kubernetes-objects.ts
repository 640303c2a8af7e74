import { z } from 'zod';
import type { FakeStatefulSet } from './stateful-set.ts';

const Image = z.strictObject({ name: z.string(), image: z.string().min(1) });
const Notes = z.record(z.string().regex(/^(?:[a-z0-9.-]+\/)?[A-Za-z0-9._-]+$/), z.string());
export const Deletion = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('DeleteOptions'),
  preconditions: z.strictObject({ uid: z.string() }),
});
export const Review = z.strictObject({
  apiVersion: z.literal('authorization.k8s.io/v1'),
  kind: z.literal('SelfSubjectAccessReview'),
  spec: z.strictObject({
    resourceAttributes: z.strictObject({ namespace: z.string(), verb: z.string(), resource: z.string() }),
  }),
});
/** What is not in the description that the double is held against, with the page that documents it. */
export const ELSEWHERE = {
  'DELETE /api/v1/namespaces/{ns}/pods/{name}':
    'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#delete-delete-a-pod',
  'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews':
    'https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/',
};

export const Patch = z.strictObject({
  metadata: z.strictObject({ resourceVersion: z.string().optional(), annotations: Notes.optional() }),
  spec: z.strictObject({
    template: z.strictObject({
      metadata: z.strictObject({ annotations: Notes }).optional(),
      spec: z.strictObject({
        containers: z.array(Image).optional(),
        initContainers: z.array(Image).optional(),
      }),
    }),
  }),
});

export interface FakeWorkload {
  readonly kind: 'deployment' | 'statefulset';
  readonly name: string;
  generation: number;
  observed: number;
  version: number;
  annotations: Record<string, string>;
  podNotes: Record<string, string>;
  images: Record<string, string>;
  replicas: number;
  updated: number;
  paused: boolean;
  strategy: unknown;
  late: boolean;
  /** Why no pods can be made. */
  quota?: string;
  /** Of a StatefulSet. */
  readonly set: FakeStatefulSet;
}

/** What is wrong with new pods, and what they print. */
export type PodFailure = {
  /** Null: it runs, and its readiness probe fails. */
  readonly waiting: string | null;
  readonly message: string;
  readonly log?: string;
};

/** A workload as the API shows it. */
export function shown(one: FakeWorkload): unknown {
  const isNew = one.updated === one.replicas;
  const condition = one.late
    ? { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }
    : { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' };
  const isDeployment = one.kind === 'deployment';
  return {
    kind: isDeployment ? 'Deployment' : 'StatefulSet',
    apiVersion: 'apps/v1',
    metadata: {
      name: one.name,
      namespace: 'shop',
      resourceVersion: String(one.version),
      generation: one.generation,
      ...(Object.keys(one.annotations).length > 0 ? { annotations: one.annotations } : {}),
    },
    spec: {
      replicas: one.replicas,
      ...(one.paused ? { paused: true } : {}),
      ...(one.strategy ? { updateStrategy: one.strategy } : {}),
      ...(isDeployment
        ? {}
        : { serviceName: one.name, ...(one.set.policy ? { podManagementPolicy: one.set.policy } : {}) }),
      selector: { matchLabels: { app: one.name } },
      template: {
        metadata: { labels: { app: one.name }, annotations: one.podNotes },
        spec: { containers: Object.entries(one.images).map(([name, image]) => ({ name, image })) },
      },
    },
    status: {
      observedGeneration: one.observed,
      ...(isDeployment
        ? {
            replicas: isNew ? one.replicas : one.replicas + 1,
            ...(one.updated > 0 ? { updatedReplicas: one.updated } : {}),
            readyReplicas: one.replicas,
            availableReplicas: one.replicas,
            conditions: [
              condition,
              ...(one.quota === undefined
                ? []
                : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: one.quota }]),
            ],
          }
        : one.set.status(one)),
    },
  };
}

/** Its pods as the API shows them; of a Deployment an old and a new one. */
export function podsOf(
  { kind, name, podNotes, set }: FakeWorkload,
  failing: PodFailure | null,
): readonly unknown[] {
  if (kind === 'statefulset') {
    const { waiting, message = '' } = failing ?? {};
    return set.shown(name, { reason: waiting ?? '', message });
  }
  const { waiting: reason, message } = failing ?? {};
  const isRunning = reason === null;
  const running = { running: { startedAt: '2030-01-01T00:00:00Z' } };
  const state = failing && (isRunning ? running : { waiting: { reason, message } });
  const web = { name: 'web', image: 'ghcr.io/acme/shop:new', imageID: '' };
  const broken = {
    ...web,
    ready: false,
    restartCount: failing?.log ? 3 : 0,
    ...(state ? { state } : {}),
  };
  return [
    {
      metadata: { name: `${name}-old`, annotations: { 'slipway/order': 'an older one' } },
      status: {
        phase: 'Running',
        containerStatuses: [{ ...web, ready: false, restartCount: 0, state: { waiting: { reason: 'Old' } } }],
      },
    },
    {
      metadata: { name: `${name}-new`, annotations: podNotes },
      status: {
        phase: isRunning ? 'Running' : 'Pending',
        ...(isRunning
          ? { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2030-01-01T00:00:00Z' }] }
          : {}),
        containerStatuses: [broken],
      },
    },
  ];
}
