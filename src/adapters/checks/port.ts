import type { Release } from '../../domain/release/release.ts';

export interface Attempt {
  readonly ok: boolean;
  /** What was seen, in plain words; on failure also what was expected. */
  readonly detail: string;
  /** ms */
  readonly latencyMs?: number;
  /** Not ok, but production still works, such as a certificate that expires soon: never critical. */
  readonly warning?: true;
  /** Not ok, because the question could not be put for a reason of our own: it says nothing of production. */
  readonly unasked?: true;
}

/** One look at production. Failure is an answer, not an exception: network errors become `ok: false`. */
export interface Check {
  /** Shown on the card: `/health`, `version`, `database`. */
  readonly name: string;
  readonly kind: string;
  readonly critical: boolean;
  /** Absent: it is asked again at every tick of the watch, too. */
  readonly watch?: false;
  /** How long an attempt takes at most, ms; absent: 10 s. */
  readonly timeoutMs?: number;
  /** It proves which release is live. Another one, once production was healthy, is news but no outage. */
  readonly provesRelease?: true;
  /** The version or commit that production tells now, as it is written there; null when it does not tell one. */
  told?(signal: AbortSignal): Promise<string | null>;
  /** Ends within its own timeout, and soon after the signal. */
  attempt(expected: Release, signal: AbortSignal): Promise<Attempt>;
}
