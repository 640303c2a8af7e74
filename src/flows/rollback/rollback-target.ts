import type { RollbackOrder, RollbackRecord } from '../../domain/promotion/promotion.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import { mustBeProven, shippedRelease } from '../plan/shipped-release.ts';
import type { Ports } from '../run/ports.ts';
import { unavailableOf } from '../run/unavailable.ts';

type RollbackTarget =
  | {
      readonly kind: 'release';
      readonly release: Release;
      /** An earlier rollback of the same promotion. */
      readonly before?: RollbackRecord;
    }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * The release to return to: the version that was asked for, as long as its tag names the commit that was shipped, else
 * what was live before the promotion; in both cases what the audit proves to have been there.
 */
export async function targetOf(
  ports: Ports,
  id: string,
  { to: version, commit }: Pick<RollbackOrder, 'to' | 'commit'>,
): Promise<RollbackTarget> {
  const { plan, rollback } = (await ports.ledger.get(id)).data;
  const before = rollback === undefined ? {} : { before: rollback };
  if (version === undefined && !plan?.rollbackTo) {
    return {
      kind: 'none',
      reason: 'Nothing was live before this promotion, so there is no release to return to.',
    };
  }
  try {
    const release =
      version === undefined ? plan?.rollbackTo : await shippedRelease(ports, { version, commit });
    if (!release) throw new Error('there is a release by now');
    await mustBeProven(ports, id, release);
    return { kind: 'release', release, ...before };
  } catch (error) {
    // A remote that lets nobody in for now is no reason to give a rollback up.
    if (!(error instanceof Refusal) || unavailableOf(error, true)) throw error;
    return { kind: 'none', reason: explain(error).text };
  }
}
