/** What a person decided about a promotion, for all. */
export interface DecidedAnswer {
  /** The turn in which it was asked. */
  readonly turn: number;
  /** Kind of the message that the run was told: `retry`, `accept`. */
  readonly kind: string;
  /** Slack user id. */
  readonly by: string;
  /** ms since the epoch; absent in what an older version stored. */
  readonly at?: number;
}
