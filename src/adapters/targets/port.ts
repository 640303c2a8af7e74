import type { Build, Deployment, Live, Release } from '../../domain/release/release.ts';

export interface DeployOrder {
  readonly kind: 'deploy' | 'rollback';
  readonly service: string;
  readonly release: Release;
  /** What was live when the order was made; a rollback only moves away from this. */
  readonly from: Live | null;
  /** How many of the requests go to the release, in percent, the rest to what is live; absent: all. */
  readonly percent?: number;
}

/** What `start` returns: all that `follow` needs, as plain JSON, so that another process can go on. */
export interface DeployHandle {
  readonly id: string;
  readonly startedAt: number;
  readonly state: Readonly<Record<string, string | number | boolean | null>>;
}

export type DeployStatus =
  | {
      readonly kind: 'running';
      readonly detail: string;
      readonly logUrl?: string;
      readonly askAgainMs: number;
    }
  | { readonly kind: 'succeeded'; readonly deployment: Deployment }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /**
       * The platform may still be at it, or still has what was ordered and takes it up again by itself: whoever gives up has
       * it cancelled.
       */
      readonly goesOn?: true;
      readonly log?: readonly string[];
      readonly logUrl?: string;
    };

/**
 * Where a service runs. Every method throws Unavailable when the platform does not answer now, and
 * Refusal for what a person can fix (`target-misconfigured`, `target-diverged`, …).
 */
export interface Target {
  readonly kind: string;
  /** For the card: "branch production", "workflow deploy.yml". */
  readonly name: string;
  readonly url?: string;
  /** Says what a rollback does not undo on this platform, besides migrations: "environment variables". */
  readonly notUndone: readonly string[];
  /** True when only a commit that descends from what is live can be deployed. */
  readonly forwardOnly?: boolean;
  /** True when an order may be for a part of the requests only. */
  readonly splits?: boolean;
  /** Where it splits: true when a share is a whole number of percent. */
  readonly wholePercents?: true;
  /** Where shares have to be set up first: proves that they are, all of them, before a release is cut; else a Refusal. */
  mustSplit?(shares: readonly number[], signal?: AbortSignal): Promise<void>;
  /**
   * True when a deployment promotes what was built and validated before, instead of building the release commit:
   * then releases come with their `build`, and `Live.commit` is the commit that was built.
   */
  readonly promotes?: boolean;
  /** True when a deployment succeeds only once checks of the target's own have passed. */
  readonly verifies?: true;
  /** Shell commands that go back to a release by hand from a clone, for the ship report; where there are any. */
  rollbackCommands?(to: Release): readonly string[];
  /** Configured, reachable, credentials accepted. Answers with a sentence for the gate. */
  preflight(signal?: AbortSignal): Promise<string>;
  /** What is live now; null when nothing was ever deployed. */
  live(signal?: AbortSignal): Promise<Live | null>;
  /** True when `live` knows only what was deployed from here: its null does not say that nothing is live. */
  readonly livesByRecord?: true;
  /** Proves that this release could be deployed now; a sentence for the gate, or a Refusal. */
  deployable(release: Release, signal?: AbortSignal): Promise<string>;
  /** Where it promotes: proves, before a release is cut, that this build is there to be promoted; else a Refusal. */
  promotable?(build: Build, signal?: AbortSignal): Promise<string>;
  /**
   * Starts a deployment. With a key it has seen before it returns the same handle and starts nothing. A rollback
   * begins also when production cannot say what is live: that is often why it is rolled back.
   */
  start(order: DeployOrder, key: string): Promise<DeployHandle>;
  /** How it goes. Never waits longer than a few seconds. */
  follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus>;
  /** True when a second order for the same release takes up a first one that is not over: it need not be stopped before. */
  readonly resumes?: true;
  /**
   * Stops a running deployment where the platform can, and waits a moment until it has; absent where it cannot. Refusal
   * `already-live` where all requests have it by now: that is left.
   */
  cancel?(handle: DeployHandle): Promise<void>;
}
