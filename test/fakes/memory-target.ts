import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../../src/adapters/targets/port.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import type { Live, Release } from '../../src/domain/release/release.ts';

type Method = 'preflight' | 'live' | 'deployable' | 'start' | 'follow';

/** A production in memory that keeps the promises of the target port; `test/contracts/target.ts` proves it. */
export class MemoryTarget implements Target {
  readonly kind: string = 'memory';
  readonly name: string = 'memory';
  readonly url: string = 'https://production.test';
  readonly notUndone: readonly string[] = [];
  readonly splits = true;
  /** What production serves; in stages, most of it. */
  current: Live | null = null;
  /** How many of the requests the newest order got, in percent. */
  percent = 100;
  /** Orders that really began, in order. */
  readonly started: { order: DeployOrder; key: string }[] = [];
  /** How often `follow` says "running" before it says how it ended. */
  rounds = 0;
  /** Releases that the platform refuses to deploy. */
  readonly undeployable = new Set<string>();
  readonly #handles = new Map<string, DeployHandle>();
  readonly #followed = new Map<string, number>();
  readonly #failures = new Map<Method, { error: Error; when: 'before' | 'after' }[]>();
  #failing: string[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => 1_700_000_000_000) {
    this.#now = now;
  }

  /** The next call of the method throws: before it does anything, or after it has done everything. */
  failNext(
    method: Method,
    error: Error = new Unavailable('production', 'cut off'),
    when: 'before' | 'after' = 'before',
  ): void {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), { error, when }]);
  }

  /** The next deployment that begins ends badly. */
  breakNextDeployment(reason = 'the build failed'): void {
    this.#failing.push(reason);
  }

  async preflight(): Promise<string> {
    return this.#guarded('preflight', () => 'Production answers.');
  }

  async live(): Promise<Live | null> {
    return this.#guarded('live', () => this.current);
  }

  async deployable(release: Release): Promise<string> {
    return this.#guarded('deployable', () => {
      if (this.undeployable.has(release.commit)) {
        throw new Refusal('release-not-deployable', { tag: release.tag, reason: 'it is gone' });
      }
      return `${release.tag} can be deployed.`;
    });
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    return this.#guarded('start', () => {
      const known = this.#handles.get(key);
      if (known) return known;
      const { commit } = order.release;
      if (this.current?.commit !== commit && this.current?.commit !== order.from?.commit) {
        throw new Refusal('target-diverged', {
          target: this.name,
          expected: order.from?.commit ?? 'nothing',
          found: this.current?.commit ?? 'nothing',
        });
      }
      this.started.push({ order, key });
      const reason = this.#failing.shift() ?? null;
      const handle: DeployHandle = {
        id: `deployment-${this.started.length}`,
        startedAt: this.#now(),
        state: { reason },
      };
      this.#handles.set(key, handle);
      return handle;
    });
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    return this.#guarded('follow', () => {
      const round = (this.#followed.get(handle.id) ?? 0) + 1;
      this.#followed.set(handle.id, round);
      if (round <= this.rounds)
        return { kind: 'running', detail: `round ${round} of ${this.rounds}`, askAgainMs: 1_000 };
      const { reason } = handle.state;
      if (typeof reason === 'string') return { kind: 'failed', reason, log: [reason] };
      const { commit, version } = order.release;
      this.percent = order.percent ?? 100;
      if (this.percent > 50) this.current = { commit, version, deploymentId: handle.id };
      return {
        kind: 'succeeded',
        deployment: { id: handle.id, url: this.url, startedAt: handle.startedAt, finishedAt: this.#now() },
      };
    });
  }

  #guarded<T>(method: Method, work: () => T): T {
    const failure = this.#failures.get(method)?.shift();
    if (failure?.when === 'before') throw failure.error;
    const answer = work();
    if (failure) throw failure.error;
    return answer;
  }
}
