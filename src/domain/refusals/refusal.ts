import { redacted, redactedData } from '../text/redaction.ts';
import type { FactsOf, RefusalCode } from './catalogue.ts';
import type { RefusalFacts } from './sentence.ts';

/** A code with the facts that its sentence needs; they may be left out when it needs none. */
type RefusalArguments = {
  [Code in RefusalCode]: Record<never, never> extends FactsOf<Code>
    ? [code: Code, facts?: FactsOf<Code>]
    : [code: Code, facts: FactsOf<Code>];
}[RefusalCode];

/**
 * Something that a person can fix: a stable code, and facts: those that its sentence quotes, and what else the audit
 * should have. The sentences are in the catalogue; everything that is not a Refusal is a surprise and gets a
 * reference id.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly facts: RefusalFacts;

  constructor(...[code, facts = {}]: RefusalArguments) {
    const shown: RefusalFacts = redactedData(facts);
    super(`${code} ${JSON.stringify(shown)}`);
    this.code = code;
    this.facts = shown;
  }
}

/** A refusal as it was stored, also one whose code this version does not know: that one says its own words. */
export function recalledRefusal(code: string, facts: RefusalFacts): Refusal {
  return new Refusal(...([code, facts] as unknown as RefusalArguments));
}

/** The same refusal with a sentence about what else came of it. */
export function refusalBesides({ code, facts }: Refusal, besides: string): Refusal {
  return recalledRefusal(code, { ...facts, besides });
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
  /** What a person can do besides waiting, where that is known. */
  readonly remedy: string | undefined;

  constructor(
    what: string,
    reason: string,
    {
      cause,
      retryAfterMs,
      remedy,
    }: {
      readonly cause?: unknown;
      readonly retryAfterMs?: number | undefined;
      readonly remedy?: string | undefined;
    } = {},
  ) {
    super(redacted(`${what}: ${reason}`), { cause });
    this.what = redacted(what);
    this.reason = redacted(reason);
    this.retryAfterMs = retryAfterMs;
    this.remedy = remedy === undefined ? undefined : redacted(remedy);
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

/** The same while something was being stored: whether it is stored nobody can tell now. */
export class UnavailableInDoubt extends Unavailable {}

/**
 * For `.catch`: the answer where a person has to mend something first, by one of these codes where some are named;
 * everything else, outages too, is thrown on.
 */
export function whenRefused<T>(answer: T, ...codes: readonly RefusalCode[]): (error: unknown) => T {
  return (error) => {
    if (!(error instanceof Refusal)) throw error;
    if (codes.length > 0 && !codes.includes(error.code)) throw error;
    return answer;
  };
}

/** The same also for what does not answer now. */
export function whenRefusedOrAway<T>(answer: T): (error: unknown) => T {
  const refused = whenRefused(answer);
  return (error) => (error instanceof Unavailable ? answer : refused(error));
}
