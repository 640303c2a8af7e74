import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour, Behaviours } from './behaviour.ts';
import { type LiveCommit, readCommit, tipOf } from './production.ts';

interface Production {
  /** Folder of the bare repository. */
  readonly remote: string;
  readonly branch: string;
  /** How long the old version stays live after the branch moved, in ms. */
  readonly rolloutMs: number;
  /** ms since the epoch */
  readonly now: () => number;
  /** Ends a rollout that is under way. */
  readonly signal: AbortSignal;
}

/** Follows the production branch: whatever it holds goes live. */
export class Deployments {
  live: LiveCommit | null = null;
  readonly #production: Production;
  readonly #behaviours: Behaviours;
  #looking: Promise<void> | null = null;

  constructor(production: Production, behaviours: Behaviours) {
    this.#production = production;
    this.#behaviours = behaviours;
  }

  /** How the shop behaves at this moment. */
  behaviour(): Behaviour {
    const { live } = this;
    if (live === null) return this.#behaviours.always;
    return this.#behaviours.now(live.version, this.#production.now() - live.since);
  }

  /** Looks at the branch. A commit that cannot be read leaves the shop as it was, as a failed rollout would. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look()
      .catch(() => {})
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  /** Resolves when nobody is looking at the branch. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { remote, branch, rolloutMs, now, signal } = this.#production;
    const tip = await tipOf(remote, branch);
    if (tip === (this.live?.commit ?? null)) return;
    if (tip === null) {
      this.live = null;
      return;
    }
    const first = this.live === null;
    const next = await readCommit(remote, tip, now());
    if (!first && rolloutMs > 0) await sleep(rolloutMs, undefined, { signal });
    if (!first && next.version !== this.live?.version) this.#behaviours.deployed(next.version);
    this.live = { ...next, since: now() };
  }
}
