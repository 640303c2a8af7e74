import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';
import { Published, WHOLE_SECONDS } from './described.ts';
import { pinned } from './pinned.ts';

const JsonPatch = z.array(
  z.strictObject({ op: z.enum(['add', 'replace', 'test', 'remove']), path: z.string(), value: z.unknown() }),
);
const PatchQuery = z.strictObject({
  fieldManager: z.string().max(128).optional(),
  dryRun: z.literal('All').optional(),
});
const StatusPatch = z.strictObject({
  metadata: z.strictObject({ resourceVersion: z.string() }).optional(),
  status: z.strictObject({
    abort: z.boolean().optional(),
    promoteFull: z.boolean().optional(),
    pauseConditions: z.null().optional(),
  }),
});

type Step =
  | { readonly setWeight: number }
  | { readonly pause: { readonly duration?: string } }
  | { readonly analysis: unknown };
interface Template {
  readonly images: Record<string, string>;
}

const hashOf = ({ images }: Template) =>
  createHash('sha256').update(JSON.stringify(images)).digest('hex').slice(0, 10);

/**
 * Argo Rollouts 1.8 as its documentation and its `kubectl` plugin have it: the custom resource, whose status is a subresource
 * that takes merge patches only; a controller that sees a change some looks later and then goes a step with each look. A
 * template that is that of the stable pods is gone back to at once; any other one begins at the first step, with what was
 * aborted or promoted before forgotten. An aborted rollout keeps its template, and production the stable pods.
 */
export class FakeArgoRollouts extends FakePlatform {
  /** Images that it was given, and changes of its status. */
  readonly acts: string[] = [];
  readonly told: string[] = [];
  /** Looks until the controller has seen a change. */
  slowness = 1;
  /** The next canary gets that far and is then given up, by an analysis or its deadline. */
  nextFailure: {
    readonly aborts: boolean;
    readonly message: string;
    /** Of one that does not abort; its deadline where it is left out. */
    readonly reason?: string;
    readonly log?: string;
    /** Only the next one fails. */
    readonly times?: 1;
  } | null = null;
  conflicts = 0;
  /** The time of pauses that have a duration is not over yet. */
  isTimed = false;
  /** Its Role has `patch` on `rollouts/status`. */
  mayChangeStatus = true;
  /** An image that a policy does not let in. */
  denied: string | null = null;
  /** A webhook of its admission gives each image that is set a digest. */
  pins = false;
  /** Another one sets this registry in the place of that of an image. */
  mirror: string | null = null;
  /** Its strategy, in the place of a canary. */
  blueGreen: object | null = null;
  onLive: (image: string) => Promise<void> | void = () => {};
  steps: readonly Step[] = [];
  workloadRef = false;
  replicas = 4;
  trafficRouting: unknown = { nginx: { stableIngress: 'shop' } };
  paused = false;
  annotations: Record<string, string> | null = null;
  template: Template = { images: { web: 'ghcr.io/acme/shop:none', proxy: 'envoy:1' } };
  readonly #sets = new Map<string, Template>();
  #version = 500;
  #generation = 1;
  #looks = 0;
  status = {
    observedGeneration: '1',
    phase: 'Healthy',
    message: '',
    currentPodHash: '',
    stableRS: '',
    currentStepIndex: 0,
    controllerPause: false,
    pauseConditions: [] as { reason: string; startTime: string }[],
    abort: false,
    promoteFull: false,
  };

  /** Share of the requests that the newest template has. */
  get weight(): number {
    const { status } = this;
    if (status.currentPodHash === status.stableRS) return 100;
    if (status.abort) return 0;
    const before = this.steps.slice(0, status.currentStepIndex + (status.controllerPause ? 1 : 0));
    return before.reduce((share, step) => ('setWeight' in step ? step.setWeight : share), 0);
  }

  get stable(): string {
    return this.#sets.get(this.status.stableRS)?.images['web'] ?? '';
  }

  /** As a person does it, and it is through at once. */
  has(image: string): void {
    this.template = { images: { ...this.template.images, web: image } };
    this.#generation++;
    this.#version++;
    const hash = hashOf(this.template);
    this.#sets.set(hash, this.template);
    Object.assign(this.status, {
      observedGeneration: String(this.#generation),
      phase: 'Healthy',
      message: '',
      currentPodHash: hash,
      stableRS: hash,
      currentStepIndex: this.steps.length,
      controllerPause: false,
      pauseConditions: [],
      abort: false,
      promoteFull: false,
    });
  }

  /** `kubectl argo rollouts set image`; the controller has not seen it yet. */
  setImage(image: string): void {
    this.template = { images: { ...this.template.images, web: image } };
    this.#changed();
  }

  override readonly described = new Published('kubernetes', { formats: { 'date-time': WHOLE_SECONDS } });

  override failure(status: number, message: string): unknown {
    const reason = { 404: 'NotFound', 409: 'Conflict', 415: 'UnsupportedMediaType', 422: 'Invalid' }[status];
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      code: status,
    };
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/apis/argoproj.io/v1alpha1/namespaces/{ns}/rollouts/{name}',
      answer: async ({ params }) => {
        if (!this.#isThere(params)) return this.#missing(params['name']);
        await this.#look();
        return { status: 200, body: this.#shown() };
      },
    },
    {
      method: 'PATCH',
      path: '/apis/argoproj.io/v1alpha1/namespaces/{ns}/rollouts/{name}',
      query: PatchQuery,
      body: JsonPatch,
      answer: ({ params, query, body, headers }) => {
        if (!this.#isThere(params)) return this.#missing(params['name']);
        if (headers['content-type'] !== 'application/json-patch+json') return this.#wrongType(headers);
        return this.#patch(body as z.infer<typeof JsonPatch>, query['dryRun'] === 'All');
      },
    },
    {
      method: 'PATCH',
      path: '/apis/argoproj.io/v1alpha1/namespaces/{ns}/rollouts/{name}/status',
      query: PatchQuery,
      body: StatusPatch,
      answer: ({ params, query, body, headers }) => {
        if (!this.#isThere(params)) return this.#missing(params['name']);
        if (headers['content-type'] !== 'application/merge-patch+json') return this.#wrongType(headers);
        if (!this.mayChangeStatus) {
          const message = 'rollouts.argoproj.io "shop" is forbidden: cannot patch resource "rollouts/status"';
          return { status: 403, body: this.failure(403, message) };
        }
        if (query['dryRun'] === 'All') return { status: 200, body: this.#shown() };
        return this.#patchStatus(body as z.infer<typeof StatusPatch>);
      },
    },
    {
      method: 'GET',
      path: '/apis/apps/v1/namespaces/{ns}/replicasets',
      query: z.strictObject({ labelSelector: z.string(), limit: z.string().optional() }),
      answer: ({ query }) => {
        const hash = /^rollouts-pod-template-hash=([0-9a-f]+)$/.exec(query['labelSelector'] ?? '')?.[1] ?? '';
        const set = this.#sets.get(hash);
        const items = set
          ? [replicaSet('other', hash, { images: { web: 'other:1' } }), replicaSet('shop', hash, set)]
          : [];
        return { status: 200, body: { kind: 'ReplicaSetList', items } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/namespaces/{ns}/pods',
      query: z.strictObject({ labelSelector: z.string(), limit: z.string().optional() }),
      answer: ({ query }) => {
        const isNew = query['labelSelector']?.includes(
          `rollouts-pod-template-hash=${this.status.currentPodHash}`,
        );
        const { nextFailure: failure } = this;
        const state = failure && { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
        const web = { name: 'web', image: this.template.images['web'], imageID: '' };
        const container = { ...web, ready: !failure, restartCount: 3, ...(state ? { state } : {}) };
        const items = isNew
          ? [{ metadata: { name: 'shop-new' }, status: { phase: 'Running', containerStatuses: [container] } }]
          : [];
        return { status: 200, body: { kind: 'PodList', items } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/namespaces/{ns}/events',
      query: z.strictObject({ fieldSelector: z.string(), limit: z.string().optional() }),
      answer: () => ({ status: 200, body: { kind: 'EventList', items: [] } }),
    },
    {
      method: 'GET',
      path: '/api/v1/namespaces/{ns}/pods/{name}/log',
      query: z.strictObject({
        container: z.string(),
        tailLines: z.string().optional(),
        limitBytes: z.string().optional(),
        previous: z.literal('true').optional(),
      }),
      answer: () => ({ status: 200, text: this.nextFailure?.log ?? '' }),
    },
  ];

  #isThere(params: Readonly<Record<string, string>>): boolean {
    return params['ns'] === 'shop' && params['name'] === 'shop';
  }

  #missing(name = ''): Reply {
    return { status: 404, body: this.failure(404, `rollouts.argoproj.io "${name}" not found`) };
  }

  #wrongType(headers: Readonly<Record<string, unknown>>): Reply {
    this.violations.push(`a patch of ${headers['content-type']}`);
    return { status: 415, body: this.failure(415, 'the body of the request was in an unknown format') };
  }

  #conflict(): Reply {
    const message =
      'Operation cannot be fulfilled on rollouts.argoproj.io "shop": the object has been modified';
    return { status: 409, body: this.failure(409, message) };
  }

  #isStale(version: unknown): boolean {
    if (this.conflicts > 0) {
      this.conflicts--;
      this.#version++;
    }
    return version !== undefined && version !== String(this.#version);
  }

  #patch(operations: z.infer<typeof JsonPatch>, isDry: boolean): Reply {
    const images = { ...this.template.images };
    let notes = this.annotations;
    const invalid = (path: string): Reply => ({
      status: 422,
      body: this.failure(422, `the server rejected our request: doc is missing path: ${path}`),
    });
    for (const { op, path, value } of operations) {
      const [, annotation] = /^\/metadata\/annotations\/([\w.~-]+)$/.exec(path) ?? [];
      const [, index] = /^\/spec\/template\/spec\/containers\/(\d+)\/image$/.exec(path) ?? [];
      const name = Object.keys(images)[Number(index)];
      if (path === '/metadata/resourceVersion' && op === 'replace') {
        if (this.#isStale(value)) return this.#conflict();
      } else if (path === '/metadata/annotations' && op === 'add') notes = { ...(value as object) };
      else if (annotation !== undefined && op === 'add' && notes)
        notes = { ...notes, [annotation.replaceAll('~1', '/').replaceAll('~0', '~')]: String(value) };
      else if (index !== undefined && name !== undefined && typeof value === 'string')
        images[name] = this.#admitted(value);
      else return invalid(path);
    }
    if (this.denied !== null && images['web'] === this.denied) {
      const message = `admission webhook "validate.kyverno.svc-fail" denied the request: ${this.denied} has to be signed`;
      return { status: 400, body: this.failure(400, message) };
    }
    if (isDry) return { status: 200, body: this.#shown({ images }) };
    this.annotations = notes;
    this.#version++;
    if (JSON.stringify(images) !== JSON.stringify(this.template.images)) {
      this.template = { images };
      this.acts.push(images['web'] ?? '');
      this.#changed();
    }
    return { status: 200, body: this.#shown() };
  }

  #changed(): void {
    this.#generation++;
    this.#version++;
    this.#looks = 0;
  }

  #patchStatus({ metadata, status }: z.infer<typeof StatusPatch>): Reply {
    if (this.#isStale(metadata?.resourceVersion)) return this.#conflict();
    this.#version++;
    if (status.pauseConditions === null) this.status.pauseConditions = [];
    if (status.abort !== undefined) this.status.abort = status.abort;
    if (status.promoteFull !== undefined) this.status.promoteFull = status.promoteFull;
    this.told.push(Object.keys(status).join(' '));
    this.#looks = 0;
    return { status: 200, body: this.#shown() };
  }

  async #look(): Promise<void> {
    this.#looks++;
    if (this.#looks <= this.slowness || this.workloadRef) return;
    const { status } = this;
    const hash = hashOf(this.template);
    if (status.observedGeneration !== String(this.#generation)) {
      this.#version++;
      status.observedGeneration = String(this.#generation);
      if (hash === status.currentPodHash) return;
      this.#sets.set(hash, this.template);
      Object.assign(status, { currentPodHash: hash, abort: false, promoteFull: false, pauseConditions: [] });
      Object.assign(status, {
        controllerPause: false,
        currentStepIndex: 0,
        phase: 'Progressing',
        message: '',
      });
      return;
    }
    if (status.currentPodHash === status.stableRS) {
      if (status.phase !== 'Healthy') await this.#isWhole();
      return;
    }
    if (this.paused) return;
    this.#version++;
    await this.#step();
  }

  async #step(): Promise<void> {
    const { status, nextFailure: failure } = this;
    const step = this.steps[status.currentStepIndex];
    if (status.abort) {
      Object.assign(status, { phase: 'Degraded', pauseConditions: [], controllerPause: false });
      status.currentStepIndex = 0;
      status.message = status.message || 'RolloutAborted: Rollout aborted update';
    } else if (failure && !status.controllerPause) {
      status.phase = 'Degraded';
      status.message = `${failure.aborts ? 'RolloutAborted' : (failure.reason ?? 'ProgressDeadlineExceeded')}: ${failure.message}`;
      if (failure.aborts) status.abort = true;
      if (failure.times === 1) this.nextFailure = null;
    } else if (status.promoteFull || step === undefined) await this.#isWhole();
    else if ('pause' in step && !status.controllerPause) {
      status.controllerPause = true;
      status.pauseConditions = [{ reason: 'CanaryPauseStep', startTime: '2030-01-01T00:00:00Z' }];
      Object.assign(status, { phase: 'Paused', message: 'CanaryPauseStep' });
    } else if (
      'pause' in step &&
      status.pauseConditions.length > 0 &&
      (step.pause.duration === undefined || this.isTimed)
    )
      return;
    else {
      Object.assign(status, { controllerPause: false, pauseConditions: [], phase: 'Progressing' });
      status.message = 'more replicas need to be updated';
      status.currentStepIndex++;
    }
  }

  async #isWhole(): Promise<void> {
    const { status } = this;
    Object.assign(status, { stableRS: status.currentPodHash, phase: 'Healthy', message: '' });
    Object.assign(status, { promoteFull: false, controllerPause: false, pauseConditions: [] });
    status.currentStepIndex = this.steps.length;
    this.#version++;
    await this.onLive(this.stable);
  }

  #admitted(image: string): string {
    const there = this.mirror === null ? image : image.replace(/^[^/]+/, this.mirror);
    return this.pins ? pinned(there) : there;
  }

  #shown(template = this.template): unknown {
    const { status } = this;
    return {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: {
        name: 'shop',
        namespace: 'shop',
        resourceVersion: String(this.#version),
        generation: this.#generation,
        ...(this.annotations ? { annotations: this.annotations } : {}),
      },
      spec: {
        replicas: this.replicas,
        ...(this.paused ? { paused: true } : {}),
        strategy: this.blueGreen
          ? { blueGreen: this.blueGreen }
          : {
              canary: {
                steps: this.steps,
                ...(this.trafficRouting ? { trafficRouting: this.trafficRouting } : {}),
              },
            },
        ...(this.workloadRef
          ? { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' } }
          : { selector: { matchLabels: { app: 'shop' } }, template: pods(template) }),
      },
      status: Object.fromEntries(
        Object.entries(status).filter(([, value]) => value !== '' && value !== false && String(value) !== ''),
      ),
    };
  }
}

function pods({ images }: Template): unknown {
  const containers = Object.entries(images).map(([name, image]) => ({ name, image }));
  return { metadata: { labels: { app: 'shop' } }, spec: { containers } };
}

/** Of the ReplicaSets in a namespace, those of several rollouts may have the same hash. */
function replicaSet(rollout: string, hash: string, template: Template): unknown {
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: rollout, uid: `uid-${rollout}` };
  const selector = { matchLabels: { app: rollout, 'rollouts-pod-template-hash': hash } };
  return {
    metadata: { name: `${rollout}-${hash}`, namespace: 'shop', ownerReferences: [owner] },
    spec: { selector, template: pods(template) },
  };
}
