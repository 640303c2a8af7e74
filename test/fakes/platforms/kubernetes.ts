import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';
import { Published, WHOLE_SECONDS } from './described.ts';
import {
  Deletion,
  ELSEWHERE,
  type FakeWorkload,
  Patch,
  type PodFailure,
  podsOf,
  Review,
  shown,
} from './kubernetes-objects.ts';
import { pinned } from './pinned.ts';
import { FakeStatefulSet } from './stateful-set.ts';

/**
 * The part of the Kubernetes API that a rollout takes. Requests and answers are those of its described OpenAPI
 * description (api/openapi-spec/v3, apis__apps__v1 and api__v1, 1.31): strategic merge patches, a Status for each failure,
 * zero and empty fields left out. Its controller sees a change only some looks later.
 */
export class FakeKubernetes extends FakePlatform {
  readonly workloads: FakeWorkload[] = [];
  readonly acts: string[] = [];
  /** Pods of other orders, which are listed before those of the newest. */
  otherPods = 0;
  /** Looks until the controller has seen a change; as many until the pods are there. */
  slowness = 1;
  /** New pods end up so, and the rollout with them. */
  nextRollout: PodFailure | null = null;
  #failing: PodFailure | null = null;
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
  /** Its Role has `delete` on pods. */
  mayDelete = true;
  /** Pods that somebody had deleted. */
  readonly deleted: string[] = [];
  /** What was only tried. */
  readonly tried: string[] = [];
  /** A webhook of its admission gives each image that is set a digest. */
  pins = false;
  /** Another one sets this registry in the place of that of an image. */
  mirror: string | null = null;
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
      set: new FakeStatefulSet(),
      ...more,
    };
    workload.set.settle(workload);
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
    workload.set.settle(workload);
  }

  override readonly described = new Published('kubernetes', {
    formats: { 'date-time': WHOLE_SECONDS },
    elsewhere: ELSEWHERE,
  });

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
          continue: z.string().optional(),
        }),
        answer: ({ query }) => {
          const found = this.workloads.find(({ name }) => query['labelSelector'] === `app=${name}`);
          const others = Array.from({ length: this.otherPods }, (_, nth) => ({
            metadata: { name: `shop-${nth}`, annotations: {} },
            status: { phase: 'Running' },
          }));
          const all = found ? [...others, ...podsOf(found, this.#failing)] : [];
          const from = Number(query['continue'] ?? 0);
          const to = from + Number(query['limit'] ?? all.length);
          const metadata =
            to < all.length ? { continue: String(to), remainingItemCount: all.length - to } : {};
          return { status: 200, body: { kind: 'PodList', metadata, items: all.slice(from, to) } };
        },
      },
      {
        method: 'DELETE',
        path: '/api/v1/namespaces/{ns}/pods/{name}',
        body: Deletion,
        answer: ({ params: { name = '' }, body }) => this.#deletePod(name, body as z.infer<typeof Deletion>),
      },
      {
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: Review,
        answer: ({ body }) => {
          const review = body as z.infer<typeof Review>;
          return { status: 201, body: { ...review, metadata: {}, status: { allowed: this.mayDelete } } };
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
            reason: this.#failing?.waiting === null ? 'Unhealthy' : 'Failed',
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

  #admitted(image: string): string {
    const there = this.mirror === null ? image : image.replace(/^[^/]+/, this.mirror);
    return this.pins ? pinned(there) : there;
  }

  #deletePod(name: string, { preconditions }: z.infer<typeof Deletion>): Reply {
    if (!this.mayDelete) {
      const message = `pods "${name}" is forbidden: User "system:serviceaccount:slipway" cannot delete resource "pods"`;
      return { status: 403, body: this.failure(403, message) };
    }
    const owner = this.workloads.find(({ set }) => set.pods.some((pod) => pod?.name === name));
    const pod = owner?.set.pods.find((one) => one?.name === name);
    if (!owner || !pod) return { status: 404, body: this.failure(404, `pods "${name}" not found`) };
    if (pod.uid !== preconditions.uid) {
      const message = `Operation cannot be fulfilled on Pod "${name}": the UID in the precondition does not match the UID in record`;
      return { status: 409, body: this.failure(409, message) };
    }
    owner.set.delete(name);
    this.deleted.push(name);
    return { status: 200, body: { kind: 'Pod', apiVersion: 'v1', metadata: { name, uid: pod.uid } } };
  }

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
      const images = Object.entries(set).map(([name, image]) => [name, this.#admitted(image)]);
      const made = { ...workload, images: { ...workload.images, ...Object.fromEntries(images) } };
      return { status: 200, body: shown(made) };
    }
    const before = JSON.stringify([workload.images, workload.podNotes]);
    for (const { name, image } of [...initContainers, ...containers])
      workload.images[name] = this.#admitted(image);
    Object.assign(workload.annotations, annotations);
    Object.assign(workload.podNotes, patch.spec.template.metadata?.annotations);
    workload.version++;
    if (JSON.stringify([workload.images, workload.podNotes]) !== before) {
      workload.generation++;
      workload.late = false;
      this.#looks = 0;
      this.#failing = this.nextRollout ?? (workload.kind === 'statefulset' ? this.#failing : null);
      if (this.nextRollout) workload.set.breaks(workload);
      this.nextRollout = null;
      this.acts.push(`${workload.name} ${workload.images['web']}`);
    }
    return { status: 200, body: shown(workload) };
  }

  async #look(workload: FakeWorkload): Promise<void> {
    if (workload.kind === 'statefulset') return this.#lookAtSet(workload);
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

  async #lookAtSet(workload: FakeWorkload): Promise<void> {
    if (workload.observed < workload.generation) {
      if (++this.#looks > this.slowness) workload.observed = workload.generation;
      return;
    }
    if (workload.set.step(workload)) await this.onLive(this.commitOf(workload.images['web'] ?? ''));
  }
}
