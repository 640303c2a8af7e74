import { FakePlatform, type Route } from '../../../demo/platform/fake-platform.ts';
import { Published, WHOLE_SECONDS } from './described.ts';

/** What comes of a commit: with `ArtifactFailed` it is never attempted. */
export type FluxFailure = 'ArtifactFailed' | 'BuildFailed' | 'HealthCheckFailed';
interface Ready {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly since: number;
}

/**
 * A Kustomization of Flux 2 in the API of its cluster, with the conditions and revisions of its documentation
 * (kustomize-controller docs/spec/v1/kustomizations.md). A commit is fetched some looks after the push, attempted once it is
 * unpacked, and applied once what it made is healthy; another one that comes while it waits for that cancels the wait. What
 * failed is tried again by itself. Times are whole seconds.
 */
export class FakeFlux extends FakePlatform {
  /** Commits that it has attempted. */
  readonly acts: string[] = [];
  /** Looks until it has fetched the branch as it is. */
  staleness = 2;
  suspended = false;
  /** What its spec says about health. Without `wait` and `healthChecks` it is Ready once a commit is applied. */
  health: {
    readonly wait?: boolean;
    readonly healthChecks?: readonly unknown[];
    readonly healthCheckExprs?: readonly unknown[];
  } = { wait: true };
  /** What its source follows, as its revisions say it. */
  followed = 'main';
  /** The same, of what it has attempted last; null: no other. */
  attempts: string | null = null;
  /** Where in the repository it begins. */
  path = './shop';
  /** What it sets beside the files. */
  images: readonly object[] | null = null;
  /** Commits end so, until it is null again. */
  failing: FluxFailure | null = null;
  clock: () => number = () => Date.now();
  onLive: (commit: string) => Promise<void> | void = () => {};
  generation = 3;
  readonly #tip: () => string;
  #looks = 0;
  #phase: 'idle' | 'fetched' | 'attempted' | 'failed' = 'idle';
  #artifact: string;
  #attempted: string;
  #applied: string;
  #ready: Ready;

  constructor(tip: () => string) {
    super();
    this.#tip = tip;
    this.#artifact = this.#attempted = this.#applied = tip();
    this.#ready = { ...this.#succeeded(), since: 0 };
  }

  /** It is where the branch is, without anybody having looked. */
  settle(): void {
    this.#artifact = this.#attempted = this.#applied = this.#tip();
    this.#phase = 'idle';
    this.#is(this.#succeeded());
  }

  override readonly described = new Published('kubernetes', { formats: { 'date-time': WHOLE_SECONDS } });

  override failure(status: number, message: string): unknown {
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: status };
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations/{name}',
      answer: async ({ params: { namespace, name } }) => {
        if (namespace !== 'flux-system' || name !== 'shop') {
          const message = `kustomizations.kustomize.toolkit.fluxcd.io "${name}" not found`;
          return { status: 404, body: this.failure(404, message) };
        }
        if (!this.suspended) await this.#look();
        return { status: 200, body: this.#shown() };
      },
    },
  ];

  async #look(): Promise<void> {
    const isNew = this.#artifact !== this.#tip() && ++this.#looks >= this.staleness;
    if (isNew) {
      this.#looks = 0;
      this.#artifact = this.#tip();
    }
    if (this.#phase === 'attempted' && isNew) {
      const message = 'New reconciliation triggered by GitRepository/flux-system/shop';
      this.#is({ status: 'False', reason: 'HealthCheckCanceled', message });
      this.#phase = 'failed';
    } else if (this.#phase === 'idle' ? isNew : this.#phase === 'failed') {
      this.#phase = 'fetched';
      this.#is({ status: 'Unknown', reason: 'Progressing', message: 'Reconciliation in progress' });
    } else if (this.#phase === 'fetched') await this.#attempt();
    else if (this.#phase === 'attempted') await this.#end();
  }

  async #attempt(): Promise<void> {
    if (this.failing === 'ArtifactFailed') {
      this.#fail('kustomization path not found: ./shop');
      return;
    }
    this.#attempted = this.#artifact;
    this.acts.push(this.#attempted);
    if (this.failing === 'BuildFailed') {
      this.#fail('kustomize build failed: no such resource');
      return;
    }
    if (!this.health.wait && !this.health.healthChecks?.length) {
      await this.#apply();
      return;
    }
    this.#phase = 'attempted';
    this.#is({ status: 'Unknown', reason: 'Progressing', message: 'Running health checks' });
  }

  async #end(): Promise<void> {
    if (this.failing) {
      this.#fail("timeout waiting for: [Deployment/shop/shop status: 'InProgress']");
      return;
    }
    await this.#apply();
  }

  async #apply(): Promise<void> {
    this.#applied = this.#attempted;
    this.#phase = 'idle';
    this.#is(this.#succeeded());
    await this.onLive(this.#applied);
  }

  #fail(message: string): void {
    this.#phase = 'failed';
    this.#is({ status: 'False', reason: this.failing ?? '', message });
  }

  #succeeded(): Omit<Ready, 'since'> {
    const message = `Applied revision: main@sha1:${this.#applied}`;
    return { status: 'True', reason: 'ReconciliationSucceeded', message };
  }

  #is(ready: Omit<Ready, 'since'>): void {
    this.#ready = { ...ready, since: this.clock() };
  }

  #shown(): unknown {
    const { since, ...ready } = this.#ready;
    const lastTransitionTime = new Date(since).toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = { observedGeneration: this.generation, lastTransitionTime };
    return {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'shop', namespace: 'flux-system', generation: this.generation, resourceVersion: '7' },
      spec: {
        interval: '10m0s',
        path: this.path,
        prune: true,
        ...this.health,
        ...(this.images ? { images: this.images } : {}),
        sourceRef: { kind: 'GitRepository', name: 'shop' },
        ...(this.suspended ? { suspend: true } : {}),
      },
      status: {
        observedGeneration: this.generation,
        lastAppliedRevision: `${this.followed}@sha1:${this.#applied}`,
        lastAttemptedRevision: `${this.attempts ?? this.followed}@sha1:${this.#attempted}`,
        conditions: [
          ...(ready.status === 'Unknown'
            ? [{ ...condition, type: 'Reconciling', ...ready, status: 'True' }]
            : []),
          { ...condition, type: 'Ready', ...ready },
        ],
      },
    };
  }
}
