import type { State } from './state.ts';

export type Args = Readonly<Record<string, unknown>>;
export type Answer = Readonly<Record<string, unknown>>;

/** One method of the Web API: what it must be given, and what it does. */
export interface Method {
  readonly needs: readonly string[];
  readonly run: (state: State, args: Args) => Answer;
}
