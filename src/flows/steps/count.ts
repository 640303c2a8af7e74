import type { Chronicle } from '../run/promotion-run.ts';
import { tallyOf } from './votes.ts';
import type { Closed } from './wait-blocked.ts';

export interface Counted {
  /** Approvals that are still needed. */
  readonly missing: number;
  /** Somebody said no: that is the end of it. */
  readonly declined: Closed | null;
}

/** Counts the votes by who people are now, and shows who is still needed. */
export function count(
  chronicle: Chronicle,
  name: number | string,
  authors: readonly string[],
): Promise<Counted> {
  const { ledger } = chronicle.ports;
  return chronicle.patiently(`count-${name}`, async () => {
    const votes = await ledger.approvals(chronicle.id);
    const { missing, wanted } = await tallyOf(chronicle.ports, votes, authors);
    const of = votes.filter((vote) => vote.valid && vote.decision === 'approve').length;
    await chronicle.show({ tally: { missing, wanted: wanted.map((requirement) => requirement.name), of } });
    const no = votes.find((vote) => vote.valid && vote.decision === 'decline');
    const declined: Closed | null = no
      ? { kind: 'closed', state: 'cancelled', by: no.by, reason: 'Declined.' }
      : null;
    return { missing, declined };
  });
}
