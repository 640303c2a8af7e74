import type { DeployHandle } from '../../adapters/targets/port.ts';
import type { Closed } from '../../domain/promotion/events/ending.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { type Live, mayRun, type Release } from '../../domain/release/release.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import type { Cancelled, PromotionRun } from '../run/promotion-run.ts';
import type { DeployOutcome } from './run-deployment.ts';

/** How often what is still going on is told to stop, and how often it is asked what is live then. */
const TRIES = 2;

const NEXT = 'The next promotion can deploy it.';

/** Two deployments of one release do not run side by side: what the next try does not take up is stopped where it can be. */
export async function stopBeforeRetry(run: PromotionRun, outcome: DeployOutcome): Promise<void> {
  if (run.does('hearsLate')) await stopUnfinished(run, outcome, run.ports.target.resumes);
}

/**
 * Before going back: what was followed for long enough and may still go live is stopped where it can be. Going back does not
 * wait for what cannot be stopped. `isKept`: it goes on; the step is in journals all the same.
 */
export async function stopUnfinished(
  run: PromotionRun,
  outcome: DeployOutcome,
  isKept = false,
): Promise<void> {
  const unfinished = outcome.kind === 'deployed' ? undefined : outcome.unfinished;
  if (unfinished === undefined || !run.does('stopsBeforeRollback')) return;
  try {
    const { target } = run.ports;
    const stop = async () => (isKept ? undefined : target.cancel?.(unfinished));
    await run.patiently('stop-unfinished', stop, { tries: TRIES });
  } catch (error) {
    whyNot(error);
  }
}

/** What production has after a try that failed, and how that is undone; `before`: what a rollback returns to. */
function afterTry(service: string, before: Release | null): string {
  return `What production had after the last try is said above. ${NEXT}${undoing(service, before)}`;
}

function undoing(service: string, before: Release | null): string {
  return before === null ? '' : ` To undo it: /ship-prod rollback ${service}.`;
}

/** Somebody cancelled before the target heard of it, or between two tries. */
export function notBegun(
  run: PromotionRun,
  { plan, release: { tag } }: { readonly plan: Pick<Plan, 'rollbackTo'>; readonly release: Release },
  { by, reason }: { readonly by: string; readonly reason: string },
  isTried: boolean,
): Closed {
  const has = isTried
    ? `nothing more was deployed. ${afterTry(run.ports.service.name, plan.rollbackTo)}`
    : `production still has what it had before. ${NEXT}`;
  return cancelledBy(by, `${reason} ${tag} stays tagged and is complete on the branch; ${has}`);
}

/** Somebody cancelled while Slipway waited for something; what was released by then stays. */
export async function cancelledWaiting(run: PromotionRun, { by, reason }: Cancelled): Promise<Closed> {
  const left = await run.step<Remains | string | null>('cancelled-after', async () => {
    const { release, steps, plan } = (await run.ports.ledger.get(run.id)).data;
    if (release === undefined) return null;
    const isTried = steps?.some(({ name, startedAt }) => name === 'deploy' && startedAt !== undefined);
    if (!isTried) return release.tag;
    return { tag: release.tag, rest: afterTry(run.ports.service.name, plan?.rollbackTo ?? null) };
  });
  if (left === null) return cancelledBy(by, reason);
  const { tag, rest } = typeof left === 'string' ? { tag: left, rest: NEXT } : left;
  return cancelledBy(by, `${reason} ${tag} stays tagged and is complete. ${rest}`);
}

/** A release that was cut, and what is said of it. Plain JSON; journals of earlier versions have the tag alone. */
interface Remains {
  readonly tag: string;
  readonly rest: string;
}

interface GivenUp {
  /** What a rollback returns to; null: there is nothing. */
  readonly before: Release | null;
  readonly by: string | null;
  readonly why: string;
  /** Followed for long enough, and not over. */
  readonly unfinished: DeployHandle | undefined;
}

/** What production has when nobody tries again. Plain JSON. */
interface Left {
  readonly live: Live | null;
  /** It came live since, and was not taken back. */
  readonly isLive?: true;
  /** Why what is still going on could not be stopped. */
  readonly goesOn?: string;
}

/** The deployment failed and nobody wants to try again: what is still going on is stopped where it can be. */
export async function givenUp(
  run: PromotionRun,
  release: Release,
  { before, by, why, unfinished }: GivenUp,
): Promise<Closed> {
  const undo = undoing(run.ports.service.name, before);
  const has = await leftBehind(run, release, unfinished, undo);
  return cancelledBy(by, `${why} ${release.tag} stays tagged and is complete on the branch; ${has}`);
}

/** The end of a sentence, and what can be done. That it cannot be stopped is no reason not to ask what is live. */
async function leftBehind(
  run: PromotionRun,
  release: Release,
  unfinished: DeployHandle | undefined,
  undo: string,
): Promise<string> {
  const { target } = run.ports;
  let goesOn: string | undefined;
  const look = async (attempt: number): Promise<Left> => {
    goesOn = undefined;
    let isLive = false;
    if (unfinished !== undefined && target.cancel === undefined) {
      goesOn = `${target.name} cannot be told to stop`;
    } else if (unfinished !== undefined) {
      await target.cancel?.(unfinished).catch((error: unknown) => {
        if (error instanceof Unavailable && attempt < TRIES) throw error;
        isLive = error instanceof Refusal && error.code === 'already-live';
        goesOn = isLive ? undefined : whyNot(error);
      });
    }
    const live = await target.live();
    return { live, ...(isLive ? { isLive } : {}), ...(goesOn === undefined ? {} : { goesOn }) };
  };
  try {
    const left = await run.patiently<Left | Live | null>('live-after-failure', look, { tries: TRIES });
    // Journals of earlier versions have what is live alone.
    const { live, isLive, goesOn: still }: Left = left !== null && 'live' in left ? left : { live: left };
    // Somebody may have gone back by hand since: what production says counts.
    if (isLive && mayRun(live, release))
      return `${release.tag} is live by now, and was left. It was neither checked nor watched.${undo}`;
    const isThere = (live?.of ?? [live]).some((one) => mayRun(one, release));
    return `${liveAfter(live, release)}${mayGoOn(still)}. ${NEXT}${isThere ? undo : ''}`;
  } catch (error) {
    return `what is live could not be asked (${whyNot(error)})${mayGoOn(goesOn)}. ${NEXT}`;
  }
}

/** What is live after a deployment of the release that failed, as the end of a sentence. */
function liveAfter(live: Live | null, release: Release): string {
  if (live?.of) return `production has ${live.version}`;
  return mayRun(live, release) ? `${release.tag} may be live` : 'production still has what it had before';
}

function mayGoOn(why: string | undefined): string {
  return why === undefined ? '' : `. Its deployment could not be stopped and may still go live: ${why}`;
}

/** A refusal or an outage in words; every other error is thrown. */
function whyNot(error: unknown): string {
  if (error instanceof Refusal) return withoutTrailing(explain(error).text, '.');
  if (error instanceof Unavailable) return withoutTrailing(error.message, '.');
  throw error;
}

function cancelledBy(by: string | null, reason: string): Closed {
  return { kind: 'closed', state: 'cancelled', by, reason };
}
