import { sql } from 'kysely';
import type { StoredNotice, Thread } from '../../adapters/slack/port.ts';
import type { AuditSigner } from '../audit/signer.ts';
import { translated } from '../database/connection.ts';
import { asPromotion } from '../tables/promotions.ts';
import type { Session } from '../tables/store.ts';
import { unknownPromotion } from '../tables/store.ts';
import { votesOf } from '../tables/votes.ts';
import type { SharedSession } from './shared-session.ts';

/**
 * Threads that this process has locked. All locks, and all that `work` stores, go over one connection: when it is lost,
 * so are the locks, and the next thing that is stored throws before anything more is sent.
 */
export class Threads {
  private readonly session: SharedSession;
  /** Needed beside the advisory locks: those of one session do not exclude each other. */
  private readonly held = new Set<string>();

  private readonly signer: AuditSigner | undefined;

  constructor(session: SharedSession, signer: AuditSigner | undefined) {
    this.session = session;
    this.signer = signer;
  }

  /** Runs `work` on a thread while it is locked; false when it is locked already, in this process or another. */
  async hold(promotionId: string, work: (thread: Thread) => Promise<void>): Promise<boolean> {
    if (this.held.has(promotionId)) return false;
    this.held.add(promotionId);
    try {
      const outcome = await this.session.use((session) =>
        holdIn(session, () => loadThread(session, promotionId, this.signer), promotionId, work),
      );
      if ('error' in outcome) throw outcome.error;
      return outcome.held;
    } finally {
      this.held.delete(promotionId);
    }
  }
}

async function holdIn(
  session: Session,
  load: () => Promise<Thread>,
  promotionId: string,
  work: (thread: Thread) => Promise<void>,
): Promise<{ readonly held: boolean; readonly error?: unknown }> {
  const key = sql`hashtext('slipway thread'), hashtext(${promotionId})`;
  const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${key}) as got`.execute(session);
  if (!rows[0]?.got) return { held: false };
  try {
    const thread = await load();
    return { held: true, ...(await failureOf(() => work(thread))) };
  } finally {
    await sql`select pg_advisory_unlock(${key})`.execute(session).catch(() => undefined);
  }
}

/** An error of `work` is returned, so that it is not taken for one of the database. */
async function failureOf(work: () => Promise<void>): Promise<{ readonly error?: unknown }> {
  try {
    await work();
    return {};
  } catch (error) {
    return { error };
  }
}

/** Executes; a lost connection comes out as Unavailable. */
async function record(query: { execute(): Promise<unknown> }): Promise<void> {
  try {
    await query.execute();
  } catch (error) {
    throw translated(error);
  }
}

async function loadThread(
  session: Session,
  promotionId: string,
  signer: AuditSigner | undefined,
): Promise<Thread> {
  const { promotion, card, wanted } = await loadCard(session, promotionId);
  return {
    promotion,
    approvals: await votesOf(session, promotionId, signer),
    card,
    notices: await unsent(session, promotionId),
    attempting: async (what) => {
      if (what === 'card') {
        await record(
          session.updateTable('cards').set({ attempted: true }).where('promotion_id', '=', promotionId),
        );
      } else {
        await record(
          session
            .updateTable('notices')
            .set({ attempted: true })
            .where('promotion_id', '=', promotionId)
            .where('seq', '=', String(what)),
        );
      }
    },
    cardShown: async ({ channel, ts, hash, revision }) => {
      // The card stays stale when it was marked again since this thread was loaded, or when an older revision was shown.
      const upToDate = revision >= promotion.revision;
      await record(
        session
          .updateTable('cards')
          .set({
            channel,
            ts,
            hash,
            shown_revision: revision,
            ...(upToDate
              ? {
                  shown: wanted,
                  stale_since: sql<Date | null>`case when wanted > ${wanted} then stale_since end`,
                }
              : {}),
          })
          .where('promotion_id', '=', promotionId),
      );
    },
    noticeSent: async (seq, ts) => {
      await record(
        session
          .updateTable('notices')
          .set({ ts })
          .where('promotion_id', '=', promotionId)
          .where('seq', '=', String(seq)),
      );
    },
  };
}

async function loadCard(session: Session, promotionId: string) {
  // A promotion may have a notice to send before its card was ever marked as stale.
  await session
    .insertInto('cards')
    .columns(['promotion_id', 'channel'])
    .expression((eb) => eb.selectFrom('promotions').select(['id', 'channel']).where('id', '=', promotionId))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // `wanted` is read before the promotion: a change in between is shown twice rather than never.
  const card = await session
    .selectFrom('cards')
    .selectAll()
    .where('promotion_id', '=', promotionId)
    .executeTakeFirstOrThrow(() => unknownPromotion(promotionId));
  const row = await session
    .selectFrom('promotions')
    .selectAll()
    .where('id', '=', promotionId)
    .executeTakeFirstOrThrow(() => unknownPromotion(promotionId));
  return {
    promotion: asPromotion(row),
    wanted: card.wanted,
    card: { channel: card.channel, ts: card.ts, hash: card.hash, attempted: card.attempted },
  };
}

async function unsent(session: Session, promotionId: string): Promise<readonly StoredNotice[]> {
  const rows = await session
    .selectFrom('notices')
    .select(['seq', 'key', 'notice', 'attempted'])
    .where('promotion_id', '=', promotionId)
    .where('ts', 'is', null)
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    seq: Number(row.seq),
    key: row.key,
    notice: row.notice,
    attempted: row.attempted,
  }));
}
