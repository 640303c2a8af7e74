import type { AuditEntry, AuditSource } from '../../../domain/audit/entry.ts';
import type { Approval, Promotion } from '../../../domain/promotion/promotion.ts';
import { isOpen, mayStillSayNo } from '../../../domain/promotion/promotion.ts';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Ledger, ThreadNews } from '../../../flows/run/ledger.ts';
import { appendAudit } from '../audit.ts';
import { lockPromotion, movedOn, touchPromotion } from '../promotions.ts';
import { provenEntries } from '../proof/proven-entries.ts';
import type { Session, Store, Tx } from '../store.ts';
import { storable } from '../store.ts';
import { tellThread } from '../thread/told.ts';
import { storeMessage } from './messages.ts';

/** The part of the ledger that is about votes. */
export function votingOf(
  store: Store,
  now: () => number,
): Pick<Ledger, 'vote' | 'withdrawVote' | 'approvals'> {
  return {
    // One valid vote per person: changing one's mind makes the earlier vote invalid.
    vote: (id, vote, source, told) =>
      changeVotes(store, id, { source, told }, now(), async (tx, promotion, at) => {
        const { by, digest, decision, reason } = vote;
        const { service, state, digest: asked } = promotion;
        if (decision === 'approve' && state !== 'awaiting-approval') throw movedOn(promotion);
        const facts = { promotion: id, service, state };
        if (asked !== digest) throw new Refusal('digest-changed', facts);
        await replaceVote(tx, id, vote, at, facts);
        const detail = reason === undefined ? {} : { detail: { reason } };
        const action = decision === 'approve' ? 'approval.given' : 'approval.declined';
        return { what: 'vote', entry: { actor: by, action, ...detail }, digest };
      }),
    withdrawVote: (id, by, source, told) =>
      changeVotes(store, id, { source, told }, now(), async (tx, { service }) => {
        const withdrawn = await tx
          .updateTable('approvals')
          .set({ valid: false })
          .where('promotion_id', '=', id)
          .where('voter', '=', by)
          .where('decision', '=', 'approve')
          .where('valid', '=', true)
          .returning('digest')
          .executeTakeFirst();
        if (!withdrawn) throw new Refusal('no-vote', { promotion: id, service });
        const entry = { actor: by, action: 'approval.withdrawn' } as const;
        return { what: 'withdraw', entry, digest: withdrawn.digest };
      }),
    approvals: (id) => store.snapshot((db) => votesOf(db, id)),
  };
}

/** A vote was given or taken back: about which digest, and what the audit has of it. */
interface ChangedVote {
  readonly what: 'vote' | 'withdraw';
  readonly entry: Pick<AuditEntry, 'actor' | 'action' | 'detail'>;
  readonly digest: string;
}

/** Where it came from, and what the thread hears of it. */
interface HowChanged {
  readonly source: AuditSource | undefined;
  readonly told: ((votes: readonly Approval[]) => ThreadNews) | undefined;
}

/** All votes, after one of them was changed while a no still counts; the run is told to count them again. */
function changeVotes(
  store: Store,
  id: string,
  { source, told }: HowChanged,
  at: number,
  work: (tx: Tx, promotion: Promotion, at: number) => Promise<ChangedVote>,
): Promise<readonly Approval[]> {
  return store.write(async (tx) => {
    const promotion = await lockPromotion(tx, id);
    if (!mayStillSayNo(promotion)) throw movedOn(promotion);
    const { what, entry, digest } = await work(tx, promotion, at);
    await touchPromotion(tx, promotion, at);
    const about = { service: promotion.service, promotionId: id, ...(source ? { source } : {}) };
    const digests = { digestBefore: digest, digestAfter: digest };
    await appendAudit(tx, { ...entry, result: 'done', ...about, ...digests }, at);
    const votes = await votesOf(tx, id);
    const key = `${what}:${id}:${entry.actor}:${votes.length}:${at}`;
    await storeMessage(tx, promotion, { message: { kind: 'vote' }, key });
    await tellThread(tx, id, told?.(votes), at);
    return votes;
  });
}

/**
 * All votes of a promotion. Those that seem to count, but that the bot has not signed for, are told as `unproven`, and do
 * not count. To be asked in a snapshot or with the promotion locked.
 */
export async function votesOf(session: Session, id: string): Promise<readonly Approval[]> {
  const rows = await session
    .selectFrom('approvals')
    .innerJoin('promotions', 'promotions.id', 'approvals.promotion_id')
    .selectAll('approvals')
    .select(['promotions.state as state', 'promotions.digest as asked'])
    .where('promotion_id', '=', id)
    .orderBy('approvals.seq')
    .execute();
  const toProve = session.signer && rows.some(({ valid, state }) => valid && isOpen(state));
  const said = toProve ? await lastWords(session, id) : null;
  return rows.map((row) => {
    const vote = {
      by: row.voter,
      digest: row.digest,
      decision: row.decision,
      ...(row.reason === null ? {} : { reason: row.reason }),
      at: row.at.getTime(),
      valid: row.valid,
    };
    const proven = said === null || (row.digest === row.asked && isSame(said.get(row.voter), vote));
    return row.valid && !proven ? { ...vote, valid: false, unproven: true } : vote;
  });
}

type Said = Pick<Approval, 'digest' | 'decision' | 'at'>;

const VOTES = new Set(['approval.given', 'approval.declined', 'approval.withdrawn']);
const ASKED = new Set(['plan.ready', 'plan.changed', 'promotion.withdrawn']);

/** What each person said last about what is asked now, by the signed entries; nothing of whoever took it back. */
async function lastWords(session: Session, promotionId: string): Promise<ReadonlyMap<string, Said>> {
  const said = new Map<string, Said>();
  const entries = await provenEntries(session, promotionId, { asked: ASKED, since: VOTES });
  for (const { entry, at } of entries) {
    const { actor, action, digestAfter: digest } = entry;
    if (ASKED.has(action)) said.clear();
    else if (action === 'approval.withdrawn' || !digest) said.delete(actor);
    else said.set(actor, { digest, at, decision: action === 'approval.given' ? 'approve' : 'decline' });
  }
  return said;
}

function isSame(said: Said | undefined, { digest, decision, at }: Said): boolean {
  return said?.digest === digest && said.decision === decision && said.at === at;
}

async function replaceVote(
  tx: Tx,
  id: string,
  vote: Omit<Approval, 'at' | 'valid'>,
  at: number,
  facts: Readonly<Record<string, string>>,
): Promise<void> {
  const stored = await tx
    .selectFrom('approvals')
    .select('seq')
    .where('promotion_id', '=', id)
    .where('voter', '=', vote.by)
    .where('valid', '=', true)
    .executeTakeFirst();
  // One that is not theirs does not keep them from giving their own.
  const earlier = stored && (await votesOf(tx, id)).find((one) => one.by === vote.by && one.valid);
  if (earlier?.decision === vote.decision) {
    throw new Refusal('already-voted', { ...facts, by: vote.by, decision: vote.decision });
  }
  await tx
    .updateTable('approvals')
    .set({ valid: false })
    .where('promotion_id', '=', id)
    .where('voter', '=', vote.by)
    .where('valid', '=', true)
    .execute();
  await tx
    .insertInto('approvals')
    .values({
      promotion_id: id,
      voter: vote.by,
      digest: vote.digest,
      decision: vote.decision,
      reason: vote.reason === undefined ? null : storable(vote.reason),
      at: new Date(at),
      valid: true,
    })
    .execute();
}
