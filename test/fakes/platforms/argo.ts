import { z } from 'zod';
import { FakePlatform, type Route } from '../../../demo/platform/fake-platform.ts';
import { Published, WHOLE_SECONDS } from './described.ts';

interface Step {
  readonly sync: 'OutOfSync' | 'Synced';
  readonly health: string;
  /** `asked`: its `operation` is there, and what it tells of one is that of before. */
  readonly phase: 'asked' | 'Running' | 'Succeeded' | 'Failed';
  /** False: it has looked at its health in the second in which the sync ended, and before that. */
  readonly isFresh?: false;
}

interface Operation {
  readonly phase: 'Running' | 'Succeeded' | 'Failed';
  readonly revision: string;
  readonly endedAt: number;
  /** What it was asked for besides: a dry run, or single resources. */
  readonly part?: object;
}

const ASKED: Step = { sync: 'OutOfSync', health: 'Healthy', phase: 'asked' };
const SYNCING: readonly Step[] = [
  ASKED,
  ASKED,
  { sync: 'Synced', health: 'Healthy', phase: 'Running' },
  { sync: 'Synced', health: 'Healthy', phase: 'Succeeded', isFresh: false },
  { sync: 'Synced', health: 'Progressing', phase: 'Succeeded' },
  { sync: 'Synced', health: 'Healthy', phase: 'Succeeded' },
];
const FAILING: readonly Step[] = [
  ASKED,
  ASKED,
  { sync: 'OutOfSync', health: 'Healthy', phase: 'Running' },
  { sync: 'OutOfSync', health: 'Healthy', phase: 'Failed' },
];

/**
 * Argo CD's API, as far as a deployment uses it: Get and Sync of ApplicationService, in the form of its published Swagger and
 * of its custom resource. It sees a push only when it is asked to refresh, is Synced and Healthy at the old commit until
 * then, tells of the operation before until it takes up the one that was asked for, and shows the health of before the sync
 * until it is asked to look once more. Its times are whole seconds.
 */
export class FakeArgo extends FakePlatform {
  /** Revisions that were synced. */
  readonly acts: string[] = [];
  /** How often it is asked to refresh until it sees the branch as it is. */
  staleness = 1;
  automated: boolean | null = true;
  followed = 'main';
  /** Whether the account of the token has the policy `applications, sync`. */
  maySync = true;
  /** The next sync ends so. */
  nextSync: 'Failed' | 'Degraded' | 'OutOfSync' | null = null;
  /** It has several sources, with these revisions, or these settings: `spec.sources` in the place of `spec.source`. */
  sources: readonly (string | object)[] | null = null;
  /** What is set in its source besides. */
  source: object = {};
  /** What its spec has besides. */
  spec: object = {};
  namespace = 'argocd';
  /** What it answers about sync windows; null: nothing is there. */
  windows: { readonly canSync: boolean; readonly [list: string]: unknown } | null = { canSync: true };
  /** Somebody else has it do something at the moment. */
  isBusyElsewhere = false;
  /** Resources besides, which its state is made of, too. */
  others: readonly {
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly requiresPruning?: boolean;
    readonly health?: { readonly status: string };
  }[] = [];
  /** Since when its health is what it is. */
  healthSince: string | null = null;
  /** The images of its pods. */
  images: readonly string[] | null = null;
  condition: {
    readonly type: string;
    readonly message: string;
    readonly lastTransitionTime?: string;
  } | null = null;
  clock: () => number = () => Date.now();
  onLive: (revision: string) => Promise<void> | void = () => {};
  readonly #tip: () => string;
  #seen: string;
  #applied: string;
  #last: Operation;
  #refreshes = 0;
  #steps: Step[] = [{ sync: 'Synced', health: 'Healthy', phase: 'Succeeded' }];

  constructor(tip: () => string) {
    super();
    this.#tip = tip;
    this.#seen = tip();
    this.#applied = tip();
    this.#last = { phase: 'Succeeded', revision: tip(), endedAt: 0 };
  }

  /** It is where the branch is, without anybody having looked. */
  settle(): void {
    this.#seen = this.#tip();
    this.#applied = this.#seen;
    this.#steps = [{ sync: 'Synced', health: 'Healthy', phase: 'Succeeded' }];
    this.#last = { ...this.#last, phase: 'Succeeded', revision: this.#seen };
  }

  /** Somebody tries the sync, or syncs a part of it: what the branch says is not there. */
  syncPartly(part: object): void {
    this.#seen = this.#tip();
    this.#steps = [{ sync: 'OutOfSync', health: 'Healthy', phase: 'Succeeded' }];
    this.#last = { phase: 'Succeeded', revision: this.#seen, endedAt: this.clock(), part };
  }

  override readonly described = new Published('argo-cd', { formats: { 'date-time': WHOLE_SECONDS } });

  /** The codes of gRPC, and what its gateway makes of them. */
  override failure(status: number, message: string): unknown {
    const code = { 400: 9, 401: 16, 403: 7, 404: 5 }[status] ?? 2;
    return { error: message, code, message };
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/api/v1/applications/{name}',
      query: z.strictObject({
        refresh: z.enum(['normal', 'hard']).optional(),
        appNamespace: z.string().optional(),
        project: z.string().optional(),
      }),
      answer: async ({ params, query }) => {
        if (params['name'] !== 'shop') return { status: 403, body: this.failure(403, 'permission denied') };
        const isStale = this.#steps[0]?.isFresh === false;
        if (query['refresh']) await this.#refresh(isStale);
        else if (!isStale) await this.#step();
        return { status: 200, body: this.#shown() };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/applications/{name}/syncwindows',
      query: z.strictObject({ appNamespace: z.string().optional(), project: z.string().optional() }),
      answer: () =>
        this.windows
          ? { status: 200, body: this.windows }
          : { status: 404, body: this.failure(404, 'Not Found') },
    },
    {
      method: 'POST',
      path: '/api/v1/applications/{name}/sync',
      body: z.strictObject({
        revision: z.string().optional(),
        appNamespace: z.string().optional(),
        prune: z.boolean().optional(),
      }),
      answer: ({ body }) => {
        const { revision } = body as { readonly revision?: string };
        if (this.windows?.canSync === false)
          return { status: 403, body: this.failure(403, 'cannot sync: blocked by sync window') };
        if (!this.maySync) return { status: 403, body: this.failure(403, 'permission denied') };
        // `server/application`, resolveSourceRevisions.
        if (this.automated && revision && revision !== (this.followed || 'HEAD')) {
          const said = `Cannot sync to ${revision}: auto-sync currently set to ${this.followed}`;
          return { status: 400, body: this.failure(400, said) };
        }
        if (this.#isBusy() || this.isBusyElsewhere)
          return { status: 400, body: this.failure(400, 'another operation is already in progress') };
        this.#begin();
        return { status: 200, body: this.#shown() };
      },
    },
  ];

  #isBusy(): boolean {
    return /^(?:asked|Running)$/.test(this.#steps[0]?.phase ?? '');
  }

  /** The first look after a sync is in its last second. */
  async #refresh(isStale: boolean): Promise<void> {
    if (++this.#refreshes < (isStale ? 2 : this.staleness)) return;
    if (!isStale && this.#seen === this.#tip()) return;
    this.#refreshes = 0;
    if (isStale) return this.#step();
    this.#seen = this.#tip();
    if (this.automated && !this.condition) this.#begin();
    else this.#steps = [{ sync: 'OutOfSync', health: 'Healthy', phase: 'Succeeded' }];
  }

  #begin(): void {
    this.acts.push(this.#seen);
    const health = this.nextSync === 'Degraded' ? 'Degraded' : 'Healthy';
    this.#steps =
      this.nextSync === 'Failed'
        ? [...FAILING]
        : [...SYNCING.slice(0, -1), { sync: 'Synced', health, phase: 'Succeeded' }];
    // Something that the sync does not change, such as what would have to be pruned.
    if (this.nextSync === 'OutOfSync')
      this.#steps = this.#steps.map((one) => ({ ...one, sync: 'OutOfSync' }));
    this.nextSync = null;
  }

  async #step(): Promise<void> {
    if (this.#steps.length <= 1) return;
    const [before, now] = this.#steps.splice(0, 1).concat(this.#steps);
    this.#refreshes = 0;
    if (before?.phase === 'Running' && now && now.phase !== 'asked') {
      this.#last = { phase: now.phase, revision: this.#seen, endedAt: this.clock() };
      if (now.phase === 'Succeeded') this.#applied = this.#seen;
    }
    if (this.#steps.length === 1 && now?.sync === 'Synced') await this.onLive(this.#seen);
  }

  #shown(): unknown {
    const [now] = this.#steps as [Step];
    const isBad = now.health === 'Degraded';
    const sync = this.others.some(({ status }) => status === 'OutOfSync') ? 'OutOfSync' : now.sync;
    const health = this.others.find((one) => one.health)?.health ?? { status: now.health };
    const source = {
      repoURL: 'https://git.test/deploy.git',
      path: 'shop',
      targetRevision: this.followed,
      ...this.source,
    };
    return {
      metadata: { name: 'shop', namespace: this.namespace },
      spec: {
        project: 'default',
        ...this.spec,
        ...(this.sources
          ? {
              sources: this.sources.map((one) => ({
                ...source,
                ...(typeof one === 'string' ? { targetRevision: one } : one),
              })),
            }
          : { source }),
        destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
        syncPolicy: this.automated ? { automated: { prune: true } } : {},
      },
      ...(this.#isBusy() ? { operation: { sync: { revision: this.#seen } } } : {}),
      status: {
        reconciledAt: at(this.#last.endedAt + (now.isFresh === false ? 0 : 1_000)),
        sync: { status: sync, revision: this.#seen },
        health: { ...health, ...(this.healthSince ? { lastTransitionTime: this.healthSince } : {}) },
        ...(this.images ? { summary: { images: this.images } } : {}),
        ...(this.condition ? { conditions: [this.condition] } : {}),
        operationState: this.#operation(now),
        resources: [
          ...this.others,
          { kind: 'ConfigMap', name: 'shop', status: now.sync },
          {
            kind: 'Deployment',
            name: 'shop',
            status: 'Synced',
            health: isBad
              ? { status: 'Degraded', message: 'Deployment "shop" exceeded its progress deadline' }
              : { status: now.health },
          },
        ],
        history: [{ id: 0, source, revision: this.#applied, deployedAt: at(this.#last.endedAt) }],
      },
    };
  }

  #operation(now: Step): unknown {
    const { phase, revision, endedAt, part }: Operation =
      now.phase === 'Running' ? { ...this.#last, phase: 'Running', revision: this.#seen } : this.#last;
    const failed = { group: '', version: 'v1', kind: 'Service', namespace: 'shop', name: 'shop' };
    return {
      operation: { sync: { revision, ...part } },
      phase,
      message: phase === 'Failed' ? 'one or more objects failed to apply' : 'successfully synced',
      startedAt: at(endedAt - 5_000),
      ...(phase === 'Running' ? {} : { finishedAt: at(endedAt) }),
      syncResult: {
        revision,
        ...(phase === 'Failed'
          ? { resources: [{ ...failed, status: 'SyncFailed', message: 'port is taken' }] }
          : {}),
      },
    };
  }
}

function at(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
