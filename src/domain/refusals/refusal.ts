/** What a refusal may quote. Numbers are printed as they are, lists with commas. */
export type Facts = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * Something that a person can fix: a stable code, and the facts that its sentence quotes.
 * The sentences live in `refusals.ts`; everything that is not a Refusal is a surprise and gets a reference id.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly facts: Facts;

  constructor(code: string, facts: Facts = {}) {
    super(`${code} ${JSON.stringify(facts)}`);
    this.code = code;
    this.facts = facts;
  }
}

/**
 * Something outside is not answering now (network, 5xx, timeout, lock): trying again later may help.
 * `what` names the thing in a person's words: "the git remote", "Slack", "production".
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly what: string;
  /** When the other side said how long to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(what: string, reason: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(`${what}: ${reason}`, { cause: options.cause });
    this.what = what;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The same after what a person asked for was stored: it is done by itself when the thing answers again. */
export class UnavailableAfterwards extends Unavailable {
  constructor(error: Unavailable) {
    const { what, message, retryAfterMs } = error;
    const reason = message.slice(what.length + 2);
    super(what, reason, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}
