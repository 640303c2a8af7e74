import { sql } from 'kysely';
import type { AskingNotice, CardPicture, StoredNotice, Thread } from '../../adapters/slack/port.ts';
import type { DecidedAnswer } from '../../domain/promotion/decided-answer.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { votesOf } from '../tables/decisions/votes.ts';
import { asPromotion } from '../tables/promotions.ts';
import { samplesIn } from '../tables/samples.ts';
import type { Session } from '../tables/store.ts';
import { unknownPromotion } from '../tables/store.ts';
import type { SharedSession } from './shared-session.ts';

/** Replicas compare what others wrote, whatever their own clocks say. */
const DATABASE_NOW = sql<Date>`clock_timestamp()`;

/**
 * Threads that this process has locked. All locks, and all that `work` stores, go over one connection: when it is lost,
 * so are the locks, and the next thing that is stored throws before anything more is sent.
 */
export class Threads {
  private readonly session: SharedSession;
  /** Needed beside the advisory locks: those of one session do not exclude each other. */
  private readonly held = new Set<string>();

  constructor(session: SharedSession) {
    this.session = session;
  }

  /** Runs `work` on a thread while it is locked; false when it is locked already, in this process or another. */
  async hold(promotionId: string, work: (thread: Thread) => Promise<void>): Promise<boolean> {
    if (this.held.has(promotionId)) return false;
    this.held.add(promotionId);
    try {
      return await this.session.use((session) => holdIn(session, promotionId, work));
    } finally {
      this.held.delete(promotionId);
    }
  }
}

async function holdIn(
  session: Session,
  promotionId: string,
  work: (thread: Thread) => Promise<void>,
): Promise<boolean> {
  const key = sql`hashtext('slipway thread'), hashtext(${promotionId})`;
  const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${key}) as got`.execute(session);
  if (!rows[0]?.got) return false;
  try {
    await work(await loadThread(session, promotionId));
    return true;
  } finally {
    await sql`select pg_advisory_unlock(${key})`.execute(session).catch(() => undefined);
  }
}

async function record(query: { execute(): Promise<unknown> }): Promise<void> {
  await query.execute();
}

/** Votes that the bot has not signed for are none. */
async function loadThread(session: Session, promotionId: string): Promise<Thread> {
  const { notices, asking } = await openNotices(session, promotionId);
  const { promotion, card, wanted, picture } = await loadCard(session, promotionId);
  const noticeOf = (seq: number) =>
    session.updateTable('notices').where('promotion_id', '=', promotionId).where('seq', '=', String(seq));
  const attempted = (what: 'card' | number, attempted_at: typeof DATABASE_NOW | null) =>
    record(
      what === 'card'
        ? session
            .updateTable('cards')
            .set({ attempted_at, hash: null })
            .where('promotion_id', '=', promotionId)
        : noticeOf(what).set({ attempted_at }),
    );
  return {
    promotion,
    approvals: await votesOf(session, promotionId),
    card,
    notices,
    asking,
    answers: await answersOf(session, promotionId),
    later: asking.length === 0 ? null : await startedAfter(session, promotion),
    attempting: (what) => attempted(what, DATABASE_NOW),
    notTaken: (what) => attempted(what, null),
    cardShown: async ({ channel, ts, hash, revision, isAll = true }) => {
      // The card stays stale when it was marked again since this thread was loaded, or when an older revision was shown.
      const upToDate = isAll && revision >= promotion.revision;
      await record(
        session
          .updateTable('cards')
          .set({
            channel,
            ts,
            // Whether it is still there may have been asked meanwhile.
            hash: sql<string>`case when hash = '' and wanted > ${wanted} then '' else ${hash} end`,
            ...(upToDate
              ? { stale_since: sql<Date | null>`case when wanted > ${wanted} then stale_since end` }
              : {}),
          })
          .where('promotion_id', '=', promotionId),
      );
    },
    samples: () => samplesIn(session, promotionId),
    ...pictureIn(session, promotionId, picture),
    noticePosted: (seq, ts) => record(noticeOf(seq).set({ posted: ts })),
    uploaded: (seq, uploads) => record(noticeOf(seq).set({ uploads: JSON.stringify(uploads) })),
    noticeSent: (seq, ts, asks) => record(noticeOf(seq).set({ ts, asks, asked_turn: promotion.turn })),
    sentAs: (seq) => sentAs(session, promotionId, seq),
    noticeUpdated: (seq, asks) => record(noticeOf(seq).set({ asks })),
  };
}

function pictureIn(session: Session, id: string, known: CardPicture): Pick<Thread, 'picture' | 'pictureIs'> {
  let now = known;
  return {
    picture: () => now,
    pictureIs: async (picture) => {
      const json = JSON.stringify(picture);
      await record(session.updateTable('cards').set({ picture: json }).where('promotion_id', '=', id));
      now = picture;
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
    card: {
      channel: card.channel,
      ts: card.ts,
      hash: card.hash,
      attemptedAt: card.attempted_at?.getTime() ?? null,
    },
    picture: card.picture,
  };
}

/** Notices that are to be sent, and those that were sent with buttons that they still have. */
async function openNotices(session: Session, promotionId: string) {
  const rows = await session
    .selectFrom('notices')
    .selectAll()
    .where('promotion_id', '=', promotionId)
    .where(({ eb, or }) => or([eb('ts', 'is', null), eb('asks', 'is not', null)]))
    .orderBy('seq')
    .execute();
  const notices: StoredNotice[] = [];
  const asking: AskingNotice[] = [];
  for (const { seq, key, notice, ts, asks, ...row } of rows) {
    const one = { seq: Number(seq), key, notice };
    const attemptedAt = row.attempted_at?.getTime() ?? null;
    if (ts === null) notices.push({ ...one, attemptedAt, posted: row.posted, uploads: row.uploads });
    else asking.push({ ...one, ts, asks: asks ?? '', turn: row.asked_turn ?? 0 });
  }
  return { notices, asking };
}

async function sentAs(session: Session, promotionId: string, seq: number): Promise<string | null> {
  const row = await session
    .selectFrom('notices')
    .select('ts')
    .where('promotion_id', '=', promotionId)
    .where('seq', '=', String(seq))
    .executeTakeFirst();
  return row?.ts ?? null;
}

async function answersOf(session: Session, promotionId: string): Promise<readonly DecidedAnswer[]> {
  const rows = await session
    .selectFrom('claims')
    .select(['key', 'message', 'at'])
    .where('promotion_id', '=', promotionId)
    .where('key', 'like', 'answer:%')
    .execute();
  return rows.flatMap(({ key, message, at }) => {
    if (!('by' in message)) return [];
    const { kind, by } = message;
    return [{ turn: Number(key.slice('answer:'.length)), kind, by, ...given({ at: at?.getTime() }) }];
  });
}

/** Who began the next promotion of the service, and when. */
async function startedAfter(
  session: Session,
  { id, service }: Pick<Promotion, 'id' | 'service'>,
): Promise<Thread['later']> {
  const row = await session
    .selectFrom('promotions')
    .select(['request', 'created_at'])
    .where('service', '=', service)
    .where('seq', '>', (eb) => eb.selectFrom('promotions').select('seq').where('id', '=', id))
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row ? { by: row.request.by, at: row.created_at.getTime() } : null;
}
