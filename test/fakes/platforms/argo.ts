import { z } from 'zod';
import { FakePlatform, type Route } from './fake-platform.ts';

interface Step {
  readonly sync: 'OutOfSync' | 'Synced';
  readonly health: string;
  readonly phase: 'Running' | 'Succeeded' | 'Failed';
  /** Whether its health is that of after the sync. */
  readonly isFresh?: boolean;
}

const SYNCING: readonly Step[] = [
  { sync: 'OutOfSync', health: 'Healthy', phase: 'Succeeded' },
  { sync: 'Synced', health: 'Healthy', phase: 'Running' },
  { sync: 'Synced', health: 'Healthy', phase: 'Succeeded', isFresh: false },
  { sync: 'Synced', health: 'Progressing', phase: 'Succeeded' },
  { sync: 'Synced', health: 'Healthy', phase: 'Succeeded' },
];

/**
 * Argo CD's API, as far as a deployment uses it: Get and Sync of ApplicationService, in the form of its published Swagger
 * (assets/swagger.json of 3.0). It sees a push only when it is asked to refresh, is Synced and Healthy at the old commit
 * until then, and shows the health of before the sync for a moment after it.
 */
export class FakeArgo extends FakePlatform {
  /** Revisions that were synced. */
  readonly acts: string[] = [];
  /** How often it is asked to refresh until it sees the branch as it is. */
  staleness = 1;
  automated: boolean | null = true;
  followed = 'main';
  /** The next sync ends so. */
  nextSync: 'Failed' | 'Degraded' | null = null;
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
  #ended = 0;
  #refreshes = 0;
  #steps: Step[] = [{ sync: 'Synced', health: 'Healthy', phase: 'Succeeded' }];

  constructor(tip: () => string) {
    super();
    this.#tip = tip;
    this.#seen = tip();
    this.#applied = tip();
  }

  /** It is where the branch is, without anybody having looked. */
  settle(): void {
    this.#seen = this.#tip();
    this.#applied = this.#seen;
    this.#steps = [{ sync: 'Synced', health: 'Healthy', phase: 'Succeeded' }];
  }

  override failure(status: number, message: string): unknown {
    return { error: message, code: status === 401 ? 16 : 7, message };
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
        if (query['refresh']) this.#refresh();
        else await this.#step();
        return { status: 200, body: this.#shown() };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/applications/{name}/sync',
      body: z.strictObject({
        revision: z.string().optional(),
        appNamespace: z.string().optional(),
        prune: z.boolean().optional(),
      }),
      answer: () => {
        if (this.#steps[0]?.phase === 'Running')
          return { status: 400, body: this.failure(400, 'another operation is already in progress') };
        this.#begin();
        this.#steps.shift();
        return { status: 200, body: this.#shown() };
      },
    },
  ];

  #refresh(): void {
    if (this.#seen === this.#tip() || ++this.#refreshes < this.staleness) return;
    this.#refreshes = 0;
    this.#seen = this.#tip();
    if (this.automated) this.#begin();
    else this.#steps = [{ sync: 'OutOfSync', health: 'Healthy', phase: 'Succeeded' }];
  }

  #begin(): void {
    this.acts.push(this.#seen);
    const health = this.nextSync === 'Degraded' ? 'Degraded' : 'Healthy';
    this.#steps =
      this.nextSync === 'Failed'
        ? [SYNCING[0] as Step, { sync: 'OutOfSync', health: 'Healthy', phase: 'Failed' }]
        : [...SYNCING.slice(0, -1), { sync: 'Synced', health, phase: 'Succeeded' }];
    this.nextSync = null;
  }

  async #step(): Promise<void> {
    if (this.#steps.length <= 1) return;
    this.#steps.shift();
    const [now] = this.#steps;
    if (now?.phase !== 'Running') this.#applied = this.#seen;
    if (now?.isFresh === false || now?.phase === 'Failed') this.#ended = this.clock();
    if (this.#steps.length === 1 && now?.sync === 'Synced') await this.onLive(this.#seen);
  }

  #shown(): unknown {
    const [now] = this.#steps as [Step];
    const isBad = now.health === 'Degraded';
    const at = (ms: number) => new Date(ms).toISOString();
    return {
      metadata: { name: 'shop', namespace: 'argocd' },
      spec: {
        source: { repoURL: 'https://git.test/deploy.git', path: 'shop', targetRevision: this.followed },
        syncPolicy: this.automated ? { automated: { prune: true } } : {},
      },
      status: {
        reconciledAt: at(now.isFresh === false ? this.#ended - 1_000 : this.#ended + 1_000),
        sync: { status: now.sync, revision: this.#seen },
        health: { status: now.health },
        ...(this.condition ? { conditions: [this.condition] } : {}),
        operationState: {
          phase: now.phase,
          message: now.phase === 'Failed' ? 'one or more objects failed to apply' : 'successfully synced',
          ...(now.phase === 'Running' ? {} : { finishedAt: at(this.#ended) }),
          syncResult: {
            revision: this.#applied,
            ...(now.phase === 'Failed'
              ? {
                  revision: this.#seen,
                  resources: [
                    { kind: 'Service', name: 'shop', status: 'SyncFailed', message: 'port is taken' },
                  ],
                }
              : {}),
          },
        },
        resources: [
          { kind: 'ConfigMap', name: 'shop', status: 'Synced' },
          {
            kind: 'Deployment',
            name: 'shop',
            status: 'Synced',
            health: isBad
              ? { status: 'Degraded', message: 'Deployment "shop" exceeded its progress deadline' }
              : { status: now.health },
          },
        ],
        history: [{ revision: this.#applied }],
      },
    };
  }
}
