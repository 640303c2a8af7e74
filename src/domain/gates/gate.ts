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
  /** The reason is worth reading before one approves, although the gate passed: where a rollback returns to. */
  readonly notable?: boolean;
  /** Slack user id of whoever stands behind the reason: the owner of a lock. */
  readonly by?: string;
  /** A time that belongs to the reason, with the words before it: "until", ms since the epoch. */
  readonly moment?: { readonly words: string; readonly at: number };
  /** When it passes without anybody doing anything, ms since the epoch: a freeze that ends, a lock that runs out. */
  readonly clearsAt?: number;
  /** It is `unknown` because what it asks did not answer: it is worth asking again. */
  readonly isAway?: true;
  /**
   * What stands in the way, when people may break the glass over it: keys that name exactly this freeze, this
   * lock. Absent when they may not.
   */
  readonly barriers?: readonly string[];
  /** How long the gate took, in ms. */
  readonly tookMs?: number;
}

/** What a gate finds; whoever asks it knows which one it is. */
export type GateAnswer = Omit<GateResult, 'id' | 'title' | 'tookMs'>;

export function allPassed(gates: readonly GateResult[]): boolean {
  return gates.length > 0 && gates.every(letsGoOn);
}

/** Whether it may change any moment without anybody doing anything: it is asked again and again. */
export function isUndecided({ verdict, isAway }: GateResult): boolean {
  return verdict === 'pending' || (verdict === 'unknown' && isAway === true);
}

/**
 * When the last of the gates in the way passes by itself, ms since the epoch; null when one needs somebody. Those that are
 * undecided are left out; null when there are no others.
 */
export function clearAt(gates: readonly GateResult[]): number | null {
  const open = gates.filter((gate) => !letsGoOn(gate) && !isUndecided(gate));
  const ends = open.flatMap(({ clearsAt }) => (clearsAt === undefined ? [] : [clearsAt]));
  return open.length > 0 && ends.length === open.length ? Math.max(...ends) : null;
}

export function letsGoOn({ verdict }: Pick<GateResult, 'verdict'>): boolean {
  return verdict === 'passed' || verdict === 'overridden';
}
