/** Somebody on call who may be a member of the workspace. */
export interface OnCallPerson {
  readonly name: string;
  readonly email?: string;
}

/** Who has to know when nobody looks after an alarm. */
export interface OnCall {
  readonly kind: string;
  /** In words for people: "PagerDuty". */
  readonly name: string;
  /** Members and user groups of Slack, by id, who are called as they are. */
  readonly ids: readonly string[];
  /**
   * Who is on call now, besides `ids`. Throws Unavailable when the source does not answer now, and a Refusal for what a
   * person has to mend.
   */
  people(signal?: AbortSignal): Promise<readonly OnCallPerson[]>;
  /** A sentence for doctor. Throws as `people` does. */
  preflight(signal?: AbortSignal): Promise<string>;
}
