import type { GateResult } from '../../domain/gates/gate.ts';
import type { RefusalCode } from '../../domain/refusals/catalogue.ts';
import { diskTrouble } from '../../domain/refusals/disk.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { type Outage, Refusal, Unavailable } from '../../domain/refusals/refusal.ts';

/** What a git host also answers while it is moved, repaired, or its credentials are renewed. */
const AWAY: readonly RefusalCode[] = [
  'repository-unreachable',
  'repository-auth',
  'repository-redirects',
  'github-credentials',
  'github-app-suspended',
  'github-app-not-installed',
];

/**
 * What does not answer now, a full disk of our own too; null for every other error. With `wasThere` also a git host that
 * turns us away: it let the promotion in before, so it is waited for; giving up would leave half of the work undone.
 */
export function unavailableOf(error: unknown, wasThere: boolean): Unavailable | null {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof Refusal)) return error instanceof Error ? diskTrouble(error.message) : null;
  if (!wasThere || !AWAY.includes(error.code)) return null;
  return new Unavailable('the git remote', explain(error).text, { cause: error });
}

/** What a platform answers while the credentials for it are renewed. */
const UNAUTHORISED: readonly RefusalCode[] = [
  'aws-credentials',
  'google-credentials',
  'platform-unauthorised',
  'github-credentials',
];

/** The same of a platform that has been deploying: credentials that are refused by then do not stop it. */
export function untilRenewed(error: unknown, platform: string): unknown {
  if (!(error instanceof Refusal) || !UNAUTHORISED.includes(error.code)) return error;
  return new Unavailable(platform, explain(error).text.replace(/\.$/, ''), { cause: error });
}

const OPEN: readonly GateResult['verdict'][] = ['failed', 'pending', 'unknown'];

/** What does not answer, when nothing else keeps the gates from passing; null when people have to act. */
export function onlyUnavailable(
  gates: readonly GateResult[],
  away: ReadonlyMap<string, Unavailable>,
): Unavailable | null {
  const open = gates.filter(({ verdict }) => OPEN.includes(verdict));
  const [first] = open.map(({ id }) => away.get(id));
  return first && open.every(({ id }) => away.has(id)) ? first : null;
}

const FIRST_PAUSE_MS = 2_000;
/** Whatever is back within a quarter of an hour is noticed within this time; after that, within a minute. */
const LONGEST_PAUSE_MS = 6_000;
const LONGEST_LATER_MS = 60_000;
/** However long somebody asks to be left alone: a person may want to know sooner, and see that it goes on. */
const LONGEST_OBEYED_MS = 3_600_000;
const LATER = 150;

/** How a run waits for what does not answer. */
export interface Patience {
  /** A person may cancel meanwhile. */
  readonly cancellable?: boolean;
  /**
   * Who asks to be left alone is, for an hour at most, once the card says so; without it for a minute, where something of the
   * release may be live and a person may want it back.
   */
  readonly obeys?: boolean;
  /** A vote is followed by the next try at once. */
  readonly heedsVotes?: boolean;
  /** It gives up as soon as a rollback is asked for, which stays in the inbox. */
  readonly yields?: boolean;
  /** After so many it gives up. */
  readonly tries?: number;
}

/** How long is waited after that try, in ms; `retryAfterMs`: what was asked for. */
export function pauseAfter(
  attempt: number,
  retryAfterMs: number | undefined,
  { obeys = false }: Patience,
): number {
  const longest = attempt < LATER ? LONGEST_PAUSE_MS : LONGEST_LATER_MS;
  const asked = obeys && attempt > 1 ? LONGEST_OBEYED_MS : LONGEST_LATER_MS;
  return Math.min(asked, retryAfterMs ?? Math.min(longest, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
}

type Answer<T> = { readonly kind: 'done'; readonly value: T } | ({ readonly kind: 'unavailable' } & Outage);

/** What the work answers, or why nobody does now; other errors are thrown. */
export async function orWhyNot<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    const away = unavailableOf(error, true);
    if (!away) throw error;
    return { kind: 'unavailable', ...away.outage };
  }
}
