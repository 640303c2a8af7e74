/** The outcome of one check after its retries. */
export interface HealthResult {
  readonly name: string;
  readonly kind: string;
  readonly critical: boolean;
  readonly ok: boolean;
  /** What was seen, in plain words: "200 in 34 ms", "answered 1.2.0, expected 1.3.0". */
  readonly detail: string;
  /** How often it was asked; not the times that it could not be. */
  readonly attempts: number;
  /** Not ok because it could not be asked, which says nothing of production; older builds kept none. */
  readonly unasked?: true;
  /** Of the last attempt, in ms. */
  readonly latencyMs?: number;
}

export type HealthVerdict = 'healthy' | 'degraded' | 'critical';

/** A failed critical check makes production critical; any other failed check makes it degraded. */
export function healthVerdict(results: readonly HealthResult[]): HealthVerdict {
  if (results.some((result) => !result.ok && result.critical)) return 'critical';
  return results.every((result) => result.ok) ? 'healthy' : 'degraded';
}

/** How many have failed, and how many could not be asked, which is no failure. */
export function notPassed(results: readonly HealthResult[]) {
  const bad = results.filter(({ ok }) => !ok);
  const unasked = bad.filter((result) => result.unasked).length;
  return { failed: bad.length - unasked, unasked };
}
