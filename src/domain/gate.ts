export type Verdict = 'passed' | 'failed' | 'pending' | 'unknown';

/** The answer of one gate. Only `passed` lets a promotion go on; missing or contradictory data is `unknown`. */
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
  /** How long the gate took, in ms. */
  readonly tookMs?: number;
}

export function allPassed(gates: readonly GateResult[]): boolean {
  return gates.length > 0 && gates.every((gate) => gate.verdict === 'passed');
}
