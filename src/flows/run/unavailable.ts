import type { GateResult } from '../../domain/gates/gate.ts';
import type { RefusalCode } from '../../domain/refusals/catalogue.ts';
import { diskTrouble } from '../../domain/refusals/disk.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';

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
