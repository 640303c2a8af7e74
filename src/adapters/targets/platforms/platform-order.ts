import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Live, type Release, runs, type Sha } from '../../../domain/release/release.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import type { DeployHandle, DeployOrder, DeployStatus } from '../port.ts';

/** A platform that has not come to an end by then is not followed any longer, in ms. */
const LONGEST_MS = 60 * 60_000;

/** Commits that stand for a release, the one that is really deployed first. */
export function commitsOf({ build, commit }: Release): readonly Sha[] {
  return build === undefined || build.commit === commit ? [commit] : [build.commit, commit];
}

/** An order holds while production is where it was when the order was made, or where it is to go. */
export function mustNotHaveMoved(target: string, order: DeployOrder, live: Live | null): void {
  const expected = nameOf(order.from);
  const found = nameOf(live);
  if (found === expected || runs(live, order.release)) return;
  const version = live?.commit === '' ? live.version : undefined;
  if (version !== undefined && (version === order.from?.version || version === order.release.version)) return;
  throw new Refusal('target-diverged', {
    target,
    expected: expected === '' ? 'nothing' : expected,
    found: found === '' ? 'nothing' : found,
  });
}

/**
 * What production says before an order begins. A production that is broken often cannot say it, and is taken back
 * all the same: for a rollback the answer is then `unsaid`.
 */
export async function liveBefore(
  order: DeployOrder,
  live: () => Promise<Live | null>,
): Promise<Live | null | 'unsaid'> {
  try {
    return await live();
  } catch (error) {
    if (order.kind !== 'rollback') throw error;
    if (error instanceof Unavailable || error instanceof Refusal) return 'unsaid';
    throw error;
  }
}

/** Some only know the version that they run. */
function nameOf(live: Live | null): string {
  return live?.commit || live?.version || '';
}

/**
 * Does what changes the platform. When it is turned away (409, 422) although it is there, as after a request whose
 * answer was lost, that is success; `isThere` is only asked then.
 */
export async function actOrFind(act: () => Promise<unknown>, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'platform-refused' || !(await isThere())) throw error;
  }
}

/** Still at it, unless that has lasted for too long. */
export function running(
  handle: DeployHandle,
  now: number,
  detail: string,
  logUrl: string | null | undefined,
  longestMs: number = LONGEST_MS,
): DeployStatus {
  const elapsed = Math.max(0, now - handle.startedAt);
  const log = logUrl ? { logUrl } : {};
  if (elapsed > longestMs) {
    const reason = `It has not come to an end within ${durationInWords(longestMs)}: ${detail}.`;
    return { kind: 'failed', reason, ...log };
  }
  return { kind: 'running', detail, askAgainMs: pauseFor(elapsed), ...log };
}

/** Often at first, then less: every look is journaled. In ms. */
function pauseFor(elapsedMs: number): number {
  if (elapsedMs < 10_000) return 1_000;
  return elapsedMs < 60_000 ? 2_500 : 5_000;
}

export function short(sha: Sha): string {
  return sha.slice(0, 8);
}
