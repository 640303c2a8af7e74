import type { GateResult } from '../../domain/gates/gate.ts';

/** What a team's own gate is asked about. What is not known, or cannot be decided yet, is absent. */
export interface GateQuestion {
  readonly service: string;
  /** The proposed commit, 40 hex digits. */
  readonly commit: string;
  readonly branch: string;
  /** The commit that was validated on staging, 40 hex digits. */
  readonly validated?: string;
  /** Feature folder: `014-checkout`. */
  readonly feature?: string;
  /** The version that would be released. */
  readonly version?: string;
  /** Slack user id of the person who asked for the promotion. */
  readonly by: string;
}

export type GateReply = Pick<GateResult, 'verdict' | 'reason' | 'remedy' | 'link'>;

/**
 * A precondition that a team asks for itself. Silence, nonsense and trouble are answers (`unknown`), never a pass
 * and never an exception; only what a person has to mend in the config is a Refusal. It changes nothing.
 */
export interface ConfiguredGate {
  readonly kind: string;
  /** From the config, stable: it is in the audit. Never that of a built-in gate, because it begins with `gates/`. */
  readonly id: string;
  readonly title: string;
  /** Whether people may break the glass when it does not pass. */
  readonly breakable: boolean;
  /** Answers within its timeout, whatever happens. */
  check(question: GateQuestion, signal?: AbortSignal): Promise<GateReply>;
}
