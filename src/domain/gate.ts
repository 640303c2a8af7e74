/** `overridden`: it did not pass, and somebody broke the glass over it. */
export type Verdict = 'passed' | 'failed' | 'pending' | 'unknown' | 'overridden';

/** The answer of one gate. Only `passed` and `overridden` let a promotion go on; missing or contradictory data is `unknown`. */
export interface GateResult {
  /** Stable id: `staging-validation`, `rollback-gate`, … */
  readonly id: string;
  /** A few words for the card: "Staging validation". */
  readonly title: string;
  readonly verdict: Verdict;
  /** Why, in plain words; outside text in it is raw (the renderer escapes it). */
  readonly reason: string;
  /** What to do next, when the verdict is not `passed`. */
  readonly remedy?: string;
  readonly link?: string;
  /** A time that belongs to the reason, with the words before it: "until", ms since the epoch. */
  readonly moment?: { readonly words: string; readonly at: number };
  /**
   * What stands in the way, when people may break the glass over it: keys that name exactly this freeze, this
   * lock. Absent when they may not.
   */
  readonly barriers?: readonly string[];
  /** How long the gate took, in ms. */
  readonly tookMs?: number;
}

export function allPassed(gates: readonly GateResult[]): boolean {
  return gates.length > 0 && gates.every(letsGoOn);
}

export function letsGoOn({ verdict }: Pick<GateResult, 'verdict'>): boolean {
  return verdict === 'passed' || verdict === 'overridden';
}
