import type { Override } from '../../domain/policy/override.ts';
import type { Bump } from '../../domain/release/version.ts';

/** What people, buttons and other flows tell a running promotion. `by` is a Slack user id. */
export type RunMessage =
  | { readonly kind: 'vote' }
  | { readonly kind: 'recheck'; readonly by: string }
  | { readonly kind: 'cancel'; readonly by: string; readonly reason: string }
  | {
      readonly kind: 'bump';
      readonly by: string;
      readonly bump: 'auto' | Bump;
      readonly lowerConfirmed: boolean;
    }
  | { readonly kind: 'retry'; readonly by: string }
  | { readonly kind: 'rollback'; readonly by: string; readonly reason: string; readonly to?: string }
  | { readonly kind: 'extend'; readonly by: string; readonly ms: number }
  | { readonly kind: 'hold'; readonly by: string }
  | { readonly kind: 'release-hold'; readonly by: string }
  | { readonly kind: 'accept'; readonly by: string }
  | { readonly kind: 'report'; readonly by: string; readonly text: string }
  | { readonly kind: 'override'; readonly by: string; readonly override: Override };

/**
 * One durable run of a flow. What a step returned is journaled: after a crash the flow runs again from its
 * start, finished steps answer from the journal, and the first unfinished one is done again. A flow's calls
 * must therefore come in the same order each time: no clock, no randomness, no reading of stores outside steps.
 */
export interface Run {
  readonly id: string;
  /**
   * Does the work once and remembers its JSON answer. A Refusal or Unavailable that the work throws is
   * journaled and thrown again as itself; any other error likewise, as an Error with the same message.
   * Step names are persisted API.
   */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The next message, or null when none came within that many ms. */
  wait(timeoutMs: number): Promise<RunMessage | null>;
  /** Time in ms since the epoch, journaled. */
  now(): Promise<number>;
}

export type FlowName = 'promote' | 'rollback';

/** Starts flows and talks to them, from any process. */
export interface Runs {
  /** Starting the same id twice starts nothing. Input is plain JSON. */
  start(
    flow: FlowName,
    id: string,
    input: { readonly promotionId: string; readonly [key: string]: unknown },
  ): Promise<void>;
  /**
   * Delivered once per key, also when the run is on another machine or not yet resumed. Refusal `run-unknown`
   * when no run of that id was ever started.
   */
  send(id: string, message: RunMessage, key: string): Promise<void>;
}
