/** What a refusal may quote. Numbers are printed as they are, lists with commas. */
export type RefusalFacts = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * Something that a person can fix: a stable code, and the facts that its sentence quotes.
 * The sentences live in `explain.ts`; everything that is not a Refusal is a surprise and gets a reference id.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly facts: RefusalFacts;

  constructor(code: string, facts: RefusalFacts = {}) {
    super(`${code} ${JSON.stringify(facts)}`);
    this.code = code;
    this.facts = facts;
  }
}

/** Something outside that does not answer, as plain data: what is stored of an Unavailable. */
export interface Outage {
  /** Names the thing in a person's words: "the git remote", "Slack", "production". */
  readonly what: string;
  /** Why it counts as not answering, in words that go on from "what: ". */
  readonly reason: string;
  /** When the other side said how long to wait, in ms. */
  readonly retryAfterMs?: number;
}

/** Something outside does not answer now (network, 5xx, timeout, lock): trying again later may help. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly what: string;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    what: string,
    reason: string,
    { cause, retryAfterMs }: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(`${what}: ${reason}`, { cause });
    this.what = what;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }

  get outage(): Outage {
    const { what, reason, retryAfterMs } = this;
    return { what, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
}

/** The same after what a person asked for was stored: it is done by itself when the thing answers again. */
export class UnavailableAfterwards extends Unavailable {
  constructor(error: Unavailable) {
    const { what, reason, retryAfterMs } = error;
    super(what, reason, { cause: error, retryAfterMs });
  }
}

/** For `.catch`: null where a person has to mend something first; everything else, outages too, is thrown on. */
export function nullWhenRefused(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}
