/** How strict the workspace is where Slack only warns. */
export interface Strictness {
  /** Blocks without `text`: Slack warns, `refuse` answers `missing_text_in_message`. */
  readonly missingText: 'refuse' | 'allow';
  /** Arguments the method does not have: Slack ignores most of them, `refuse` answers `invalid_arguments`. */
  readonly unknownArguments: 'refuse' | 'allow';
  /** `slack` keeps Slack's own limits of calls; `off` leaves them to control.rateLimit. */
  readonly rateLimits: 'slack' | 'off';
}
