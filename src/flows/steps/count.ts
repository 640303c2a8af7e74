import type { PromotionRun } from '../run/promotion-run.ts';
import { countVotes } from './votes.ts';
import type { Closed } from './wait-blocked.ts';

export interface Counted {
  /** Approvals that are still needed. */
  readonly missing: number;
  /** Somebody said no: that is the end of it. */
  readonly declined: Closed | null;
}

/** Counts the votes by who people are now, and shows who is still needed. */
export function count(
  run: PromotionRun,
  name: number | string,
  authors: readonly string[],
): Promise<Counted> {
  const { ledger } = run.ports;
  return run.patiently(`count-${name}`, async () => {
    const votes = await ledger.approvals(run.id);
    const { missing, wanted } = await countVotes(run.ports, votes, authors);
    const of = votes.filter((vote) => vote.valid && vote.decision === 'approve').length;
    await run.show({ tally: { missing, wanted: wanted.map((requirement) => requirement.name), of } });
    const no = votes.find((vote) => vote.valid && vote.decision === 'decline');
    const declined: Closed | null = no
      ? { kind: 'closed', state: 'cancelled', by: no.by, reason: 'Declined.' }
      : null;
    return { missing, declined };
  });
}
