import type { Release } from '../../domain/release/release.ts';

export interface Attempt {
  readonly ok: boolean;
  /** What was seen, in plain words; on failure also what was expected. */
  readonly detail: string;
  /** ms */
  readonly latencyMs?: number;
}

/** One look at production. Failure is an answer, not an exception: network errors become `ok: false`. */
export interface Check {
  /** Shown on the card: `/health`, `version`, `database`. */
  readonly name: string;
  readonly kind: string;
  readonly critical: boolean;
  attempt(expected: Release, signal: AbortSignal): Promise<Attempt>;
}
