import { z } from 'zod';
import { Override } from '../../domain/policy/override.ts';

/** Slack user id. */
const by = z.string();

/** What people, buttons and other flows tell a running promotion. */
export const RunMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('vote') }).readonly(),
  z.object({ kind: z.literal('recheck'), by }).readonly(),
  z.object({ kind: z.literal('cancel'), by, reason: z.string() }).readonly(),
  z
    .object({
      kind: z.literal('bump'),
      by,
      bump: z.enum(['auto', 'major', 'minor', 'patch']),
      lowerConfirmed: z.boolean(),
    })
    .readonly(),
  z.object({ kind: z.literal('retry'), by }).readonly(),
  z
    .object({
      kind: z.literal('rollback'),
      by,
      reason: z.string(),
      to: z.string().exactOptional(),
      commit: z.string().exactOptional(),
    })
    .readonly(),
  z.object({ kind: z.literal('extend'), by, ms: z.number() }).readonly(),
  z.object({ kind: z.literal('hold'), by }).readonly(),
  z.object({ kind: z.literal('release-hold'), by }).readonly(),
  /** `about`: what was asked when somebody pressed; absent: nothing, or it is from before this was told. */
  z.object({ kind: z.literal('accept'), by, about: z.string().exactOptional() }).readonly(),
  z.object({ kind: z.literal('take'), by }).readonly(),
  z.object({ kind: z.literal('stop'), by }).readonly(),
  /** With `next` the watch ends and that promotion begins; without it the hotfix is only announced. */
  z
    .object({
      kind: z.literal('hotfix'),
      by,
      fix: z.object({ commit: z.string(), name: z.string() }).readonly().exactOptional(),
      next: z.string().exactOptional(),
    })
    .readonly(),
  z
    .object({
      kind: z.literal('report'),
      by,
      text: z.string(),
      place: z.enum(['channel', 'issue']).exactOptional(),
      link: z.string().exactOptional(),
    })
    .readonly(),
  z.object({ kind: z.literal('override'), by, override: Override }).readonly(),
]);
export type RunMessage = z.infer<typeof RunMessage>;

/** What each flow is started with, as plain JSON. */
export const FlowInput = {
  promote: z.object({ promotionId: z.string() }).readonly(),
  /** `by`: null when Slipway itself rolls back. `to`: a version, of that commit; absent: what was live before the
   * promotion. */
  rollback: z
    .object({
      promotionId: z.string(),
      by: by.nullable(),
      reason: z.string(),
      to: z.string().exactOptional(),
      commit: z.string().exactOptional(),
    })
    .readonly(),
};
export type FlowName = keyof typeof FlowInput;
export type FlowInput<Flow extends FlowName> = z.infer<(typeof FlowInput)[Flow]>;

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

/** Starts flows and talks to them, from any process. */
export interface Runs {
  /** Starting the same id twice starts nothing. */
  start<Flow extends FlowName>(flow: Flow, id: string, input: FlowInput<Flow>): Promise<void>;
  /**
   * Delivered once per key, also when the run is on another machine or not yet resumed. Refusal `run-unknown`
   * when no run of that id was ever started.
   */
  send(id: string, message: RunMessage, key: string): Promise<void>;
  /** Those of the ids that will never go on by themselves: never started, ended, or given up after an error. */
  standing(ids: readonly string[]): Promise<ReadonlyMap<string, 'not-started' | 'over'>>;
}
