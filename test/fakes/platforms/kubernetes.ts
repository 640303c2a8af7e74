import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';
import { Published, WHOLE_SECONDS } from './described.ts';
import { pinned } from './pinned.ts';

const Image = z.strictObject({ name: z.string(), image: z.string().min(1) });
const Notes = z.record(z.string().regex(/^(?:[a-z0-9.-]+\/)?[A-Za-z0-9._-]+$/), z.string());
const Patch = z.strictObject({
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
}

/**
 * The part of the Kubernetes API that a rollout takes. Requests and answers are those of its described OpenAPI
 * description (api/openapi-spec/v3, apis__apps__v1 and api__v1, 1.31): strategic merge patches, a Status for each failure,
 * zero and empty fields left out. Its controller sees a change only some looks later.
 */
export class FakeKubernetes extends FakePlatform {
  readonly workloads: FakeWorkload[] = [];
  readonly acts: string[] = [];
  /** Looks until the controller has seen a change; as many until the pods are there. */
  slowness = 1;
  /** New pods end up so, and the rollout with them. */
  nextRollout: { readonly waiting: string; readonly message: string; readonly log?: string } | null = null;
  #failing: FakeKubernetes['nextRollout'] = null;
  #looks = 0;
  /** Somebody changes a workload right before the next patches. */
  conflicts = 0;
  /** What authorization or a policy has against a change, also against one that is only tried. */
  denies: (
    name: string,
    images: Readonly<Record<string, string>>,
  ) => { status: number; message: string } | null = () => null;
  /** A webhook of its admission has effects elsewhere, and so is not called for what is only tried (`sideEffects: Some`). */
  webhookActs = false;
  /** What was only tried. */
  readonly tried: string[] = [];
  /** A webhook of its admission gives each image that is set a digest. */
  pins = false;
  onLive: (sha: string) => Promise<void> | void = () => {};
  /** What `onLive` is told for an image. */
  commitOf: (image: string) => string = () => '';

  add(name: string, image: string, more: Partial<FakeWorkload> = {}): FakeWorkload {
    const workload: FakeWorkload = {
      kind: 'deployment',
      name,
      generation: 1,
      observed: 1,
      version: 100,
      annotations: {},
      podNotes: {},
      images: { web: image, proxy: 'envoy:1' },
      replicas: 2,
      updated: 2,
      paused: false,
      strategy: undefined,
      late: false,
      ...more,
    };
    this.workloads.push(workload);
    return workload;
  }

  /** As `kubectl set image` does it. */
  setImage(name: string, image: string): void {
    const workload = this.workloads.find((one) => one.name === name);
    if (!workload) throw new Error(`there is no ${name}`);
    workload.images['web'] = image;
    workload.generation++;
    workload.observed = workload.generation;
    workload.version++;
  }

  override readonly described = new Published('kubernetes', { formats: { 'date-time': WHOLE_SECONDS } });

  override failure(status: number, message: string): unknown {
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: status };
  }

  override readonly routes: readonly Route[] = (['deployment', 'statefulset'] as const)
    .flatMap((kind): Route[] => [
      {
        method: 'GET',
        path: `/apis/apps/v1/namespaces/{ns}/${kind}s/{name}`,
        answer: async ({ params }) => {
          const found = this.#find(kind, params);
          if (!found) return this.#missing(kind, params['name']);
          await this.#look(found);
          return { status: 200, body: shown(found) };
        },
      },
      {
        method: 'PATCH',
        path: `/apis/apps/v1/namespaces/{ns}/${kind}s/{name}`,
        query: z.strictObject({
          fieldManager: z.string().max(128).optional(),
          dryRun: z.literal('All').optional(),
        }),
        body: Patch,
        answer: ({ params, query, body, headers }) => {
          if (headers['content-type'] !== 'application/strategic-merge-patch+json') {
            this.violations.push(`a patch of ${headers['content-type']}`);
            return {
              status: 415,
              body: this.failure(415, 'the body of the request was in an unknown format'),
            };
          }
          const found = this.#find(kind, params);
          return found
            ? this.#patch(found, body as z.infer<typeof Patch>, query['dryRun'] === 'All')
            : this.#missing(kind, params['name']);
        },
      },
    ])
    .concat([
      {
        method: 'GET',
        path: '/api/v1/namespaces/{ns}/pods',
        query: z.strictObject({
          labelSelector: z.string().optional(),
          limit: z.string().regex(/^\d+$/).optional(),
        }),
        answer: ({ query }) => {
          const found = this.workloads.find(({ name }) => query['labelSelector'] === `app=${name}`);
          return { status: 200, body: { kind: 'PodList', items: found ? this.#pods(found) : [] } };
        },
      },
      {
        method: 'GET',
        path: '/api/v1/namespaces/{ns}/events',
        query: z.strictObject({
          fieldSelector: z.string().regex(/^involvedObject\.name=[a-z0-9-]+,type=Warning$/),
          limit: z.string().optional(),
        }),
        answer: ({ query }) => {
          const name = /=([a-z0-9-]+),/.exec(query['fieldSelector'] ?? '')?.[1];
          const event = {
            metadata: { name: `${name}.17d2a8c4b1f09e3a`, namespace: 'shop' },
            involvedObject: { kind: 'Pod', name, namespace: 'shop' },
            type: 'Warning',
            reason: 'Failed',
            message: this.#failing?.message,
          };
          return { status: 200, body: { kind: 'EventList', items: [event] } };
        },
      },
      {
        method: 'GET',
        path: '/api/v1/namespaces/{ns}/pods/{name}/log',
        query: z.strictObject({
          container: z.string(),
          tailLines: z.string().regex(/^\d+$/).optional(),
          limitBytes: z.string().regex(/^\d+$/).optional(),
          previous: z.literal('true').optional(),
        }),
        answer: () => ({ status: 200, text: this.#failing?.log ?? '' }),
      },
    ]);

  #find(kind: string, params: Readonly<Record<string, string>>): FakeWorkload | undefined {
    return params['ns'] === 'shop'
      ? this.workloads.find((one) => one.kind === kind && one.name === params['name'])
      : undefined;
  }

  #missing(kind: string, name = ''): Reply {
    return { status: 404, body: this.failure(404, `${kind}s.apps "${name}" not found`) };
  }

  #patch(workload: FakeWorkload, patch: z.infer<typeof Patch>, isDry: boolean): Reply {
    if (isDry && this.webhookActs) {
      const message = 'admission webhook "notes.acme.io" does not support dry run';
      return { status: 400, body: this.failure(400, message) };
    }
    if (this.conflicts > 0 && !isDry) {
      this.conflicts--;
      workload.version++;
    }
    const { resourceVersion, annotations } = patch.metadata;
    if (resourceVersion !== undefined && resourceVersion !== String(workload.version)) {
      const message = `Operation cannot be fulfilled on ${workload.kind}s.apps "${workload.name}": the object has been modified`;
      return { status: 409, body: this.failure(409, message) };
    }
    const { containers = [], initContainers = [] } = patch.spec.template.spec;
    const set = Object.fromEntries(
      [...initContainers, ...containers].map(({ name, image }) => [name, image]),
    );
    const denied = this.denies(workload.name, { ...workload.images, ...set });
    if (denied !== null) return { status: denied.status, body: this.failure(denied.status, denied.message) };
    if (isDry) {
      this.tried.push(`${workload.name} ${set['web'] ?? 'as it is'}`);
      return { status: 200, body: shown(workload) };
    }
    const before = JSON.stringify([workload.images, workload.podNotes]);
    for (const { name, image } of [...initContainers, ...containers])
      workload.images[name] = this.pins ? pinned(image) : image;
    Object.assign(workload.annotations, annotations);
    Object.assign(workload.podNotes, patch.spec.template.metadata?.annotations);
    workload.version++;
    if (JSON.stringify([workload.images, workload.podNotes]) !== before) {
      workload.generation++;
      workload.late = false;
      this.#looks = 0;
      this.#failing = this.nextRollout;
      this.nextRollout = null;
      this.acts.push(`${workload.name} ${workload.images['web']}`);
    }
    return { status: 200, body: shown(workload) };
  }

  async #look(workload: FakeWorkload): Promise<void> {
    if (
      workload.observed === workload.generation &&
      (workload.updated === workload.replicas || workload.late)
    )
      return;
    this.#looks++;
    if (this.#looks <= this.slowness) return;
    if (workload.observed < workload.generation) {
      workload.observed = workload.generation;
      workload.updated = 0;
    }
    if (workload.paused || this.#looks <= 2 * this.slowness) return;
    workload.version++;
    if (this.#failing) workload.late = true;
    else {
      workload.updated = workload.replicas;
      await this.onLive(this.commitOf(workload.images['web'] ?? ''));
    }
  }

  #pods({ name, podNotes }: FakeWorkload): readonly unknown[] {
    const state = this.#failing && {
      waiting: { reason: this.#failing.waiting, message: this.#failing.message },
    };
    const web = { name: 'web', image: 'ghcr.io/acme/shop:new', imageID: '' };
    const broken = {
      ...web,
      ready: false,
      restartCount: this.#failing?.log ? 3 : 0,
      ...(state ? { state } : {}),
    };
    return [
      {
        metadata: { name: `${name}-old`, annotations: { 'slipway/order': 'an older one' } },
        status: {
          phase: 'Running',
          containerStatuses: [
            { ...web, ready: false, restartCount: 0, state: { waiting: { reason: 'Old' } } },
          ],
        },
      },
      {
        metadata: { name: `${name}-new`, annotations: podNotes },
        status: { phase: 'Pending', containerStatuses: [broken] },
      },
    ];
  }
}

function shown(one: FakeWorkload): unknown {
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
      ...(isDeployment ? {} : { serviceName: one.name }),
      selector: { matchLabels: { app: one.name } },
      template: {
        metadata: { labels: { app: one.name }, annotations: one.podNotes },
        spec: { containers: Object.entries(one.images).map(([name, image]) => ({ name, image })) },
      },
    },
    status: {
      observedGeneration: one.observed,
      replicas: isNew ? one.replicas : one.replicas + 1,
      ...(one.updated > 0 ? { updatedReplicas: one.updated } : {}),
      readyReplicas: one.replicas,
      availableReplicas: one.replicas,
      ...(isDeployment
        ? { conditions: [condition] }
        : {
            currentRevision: isNew ? `r${one.generation}` : `r${one.generation - 1}`,
            updateRevision: `r${one.generation}`,
          }),
    },
  };
}
