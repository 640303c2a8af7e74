import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Live, type Release, runs, type Sha } from '../../../domain/release/release.ts';
import type { DeployOrder } from '../port.ts';

/** Commits that stand for a release, the one that is really deployed first. */
export function commitsOf({ build, commit }: Release): readonly Sha[] {
  return build === undefined || build.commit === commit ? [commit] : [build.commit, commit];
}

/** An order holds while production is where it was when the order was made, or where it is to go. */
export function mustNotHaveMoved(target: string, order: DeployOrder, live: Live | null): void {
  const expected = nameOf(order.from);
  const found = nameOf(live);
  const from = order.from?.of ?? [order.from];
  if (found === expected || (live?.of ?? [live]).every((one) => isExpected(one, from, order.release))) return;
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

function isExpected(live: Live | null, from: readonly (Live | null)[], release: Release): boolean {
  if (runs(live, release) || from.some((one) => nameOf(one) === nameOf(live))) return true;
  const version = live?.commit === '' ? live.version : undefined;
  return version !== undefined && [release, ...from].some((one) => one?.version === version);
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
