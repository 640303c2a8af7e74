import { sql } from 'kysely';
import type { AuditEntry } from '../../../domain/audit/entry.ts';
import type { AuditHead } from '../../../domain/audit/head.ts';
import { introductionIn, introductionText, signedText } from '../../audit/chain.ts';
import { isSignedBy } from '../../audit/signer.ts';
import { isWhole } from '../audit.ts';
import { inPages, type Session } from '../store.ts';

/** An entry that this installation wrote, whatever the database says otherwise. */
export interface ProvenEntry {
  /** ms since the epoch */
  readonly at: number;
  readonly entry: AuditEntry;
}

/** A row of the audit with the hash of the one before. */
export interface EventRow {
  readonly seq: string;
  readonly at: Date;
  readonly entry: AuditEntry;
  readonly hash: string;
  readonly signature: string | null;
  readonly service: string | null;
  readonly promotion_id: string | null;
  readonly before: string | null;
}

const PAGE = 500;

/**
 * The entries of a promotion with these actions, in order, since it was asked about last. A row on the way from there
 * to the end of the chain that is gone or does not hold could have been any entry: nothing before it is proven then.
 * What an entry says is read from the parsed JSON that its hash is over, never from how the database spells it.
 */
export async function provenEntries(
  session: Session,
  promotionId: string,
  actions: { readonly asked: ReadonlySet<string>; readonly since: ReadonlySet<string> },
): Promise<readonly ProvenEntry[]> {
  // Before the rows are read: whoever writes meanwhile adds to them, and takes nothing away.
  const end = await session.selectFrom('chain').select('seq').executeTakeFirstOrThrow();
  const start = await lastAsked(session, promotionId, actions.asked);
  if (start === null) return [];
  const proof = new Proof(session);
  let proven: ProvenEntry[] = [];
  let last = 0;
  for await (const row of rowsFrom(session, start)) {
    const { entry } = row;
    last = Number(row.seq);
    if (!(await proof.holds(row))) proven = [];
    else if (entry.promotionId === promotionId && entry.result === 'done') {
      const isWanted = actions.asked.has(entry.action) || actions.since.has(entry.action);
      if (isWanted) proven.push({ at: row.at.getTime(), entry });
    }
  }
  return last < Number(end.seq) ? [] : proven;
}

/** Where the promotion was asked about last, as far as the database says; else its first entry. */
async function lastAsked(
  session: Session,
  promotionId: string,
  asked: ReadonlySet<string>,
): Promise<string | null> {
  const rows = await session
    .selectFrom('events')
    .select(['seq', 'entry'])
    .where('promotion_id', '=', promotionId)
    .orderBy('seq')
    .execute();
  return (rows.findLast(({ entry }) => asked.has(entry.action)) ?? rows[0])?.seq ?? null;
}

/** All rows from that one to the end of the chain. */
function rowsFrom(session: Session, start: string): AsyncGenerator<EventRow> {
  return inPages(String(Number(start) - 1), PAGE, async (seq) => {
    const page = withBefore(session).where('events.seq', '>', seq).orderBy('events.seq').limit(PAGE);
    return (await page.execute()) as readonly EventRow[];
  });
}

/**
 * Of the rows that a query finds those that are wanted and that this installation wrote. Each stands for itself: whatever is gone or
 * changed elsewhere, what it says has happened.
 */
export async function provenRows(
  session: Session,
  query: ReturnType<typeof withBefore>,
  isWanted: (row: EventRow) => boolean = () => true,
): Promise<readonly EventRow[]> {
  const rows = (await query.orderBy('events.seq').execute()) as readonly EventRow[];
  const proof = new Proof(session);
  const proven: EventRow[] = [];
  for (const row of rows) if (isWanted(row) && (await proof.holds(row))) proven.push(row);
  return proven;
}

/** Entries of these actions as the bot has written them: in other letters they are passed over. */
export function ofActions(actions: readonly string[]) {
  const patterns = actions.map((action) => `%"action":"${action}"%`);
  return sql<boolean>`events.entry::text like any(${patterns})`;
}

export function withBefore(session: Session) {
  return session
    .selectFrom('events')
    .leftJoin('events as previous', (join) => join.on(sql<boolean>`previous.seq = events.seq - 1`))
    .select([
      'events.seq',
      'events.at',
      'events.entry',
      'events.hash',
      'events.signature',
      'events.service',
      'events.promotion_id',
      'previous.hash as before',
    ]);
}

/** The keys that may have signed, each for the entries before the one that replaced it. */
class Proof {
  private readonly session: Session;
  private earlier: readonly { readonly key: string; readonly until: number }[] | null = null;

  constructor(session: Session) {
    this.session = session;
  }

  /**
   * What has no signature proves nothing: whoever owns the database can take it off, and write such a row. Where nobody signs,
   * as in tests, all counts as it is stored.
   */
  async holds(row: EventRow): Promise<boolean> {
    const { signer } = this.session;
    if (signer === undefined) return true;
    const { seq, hash, signature } = row;
    if (signature === null || !isWhole(row, row.before ?? '')) return false;
    const text = signedText(Number(seq), hash);
    if (signer.hasSigned(text, signature)) return true;
    this.earlier ??= await this.earlierKeys(signer.publicKey);
    return this.earlier.some(({ key, until }) => Number(seq) <= until && isSignedBy(key, text, signature));
  }

  /** Follows the present key back: each introduction is signed by the key before, and proved by the one after. */
  private async earlierKeys(last: string) {
    const rows = (await withBefore(this.session)
      .where(sql<boolean>`events.service is null and events.entry ->> 'action' = 'audit.key'`)
      .orderBy('events.seq', 'desc')
      .execute()) as readonly EventRow[];
    const keys: { readonly key: string; readonly until: number }[] = [];
    let present = last;
    for (const row of rows) {
      const introduced = introductionIn(row.entry);
      if (introduced?.key !== present || !isWhole(row, row.before ?? '')) continue;
      const seq = Number(row.seq);
      if (!isSignedBy(present, introductionText(seq, row.before ?? ''), introduced.proof)) continue;
      if (introduced.before === undefined) break;
      keys.push({ key: introduced.before, until: seq });
      present = introduced.before;
    }
    return keys;
  }
}

/**
 * Whether a person said, after that entry was signed, that the log goes on with what it has. What was signed later is not
 * covered: whoever cuts the log again cannot call upon it.
 */
export async function isAcceptedLoss(session: Session, { at }: Pick<AuditHead, 'at'>): Promise<boolean> {
  const row = (await withBefore(session)
    .where(sql<boolean>`events.service is null and events.entry ->> 'action' = 'audit.restored'`)
    .orderBy('events.seq', 'desc')
    .limit(1)
    .executeTakeFirst()) as EventRow | undefined;
  if (row === undefined || row.signature === null || row.at.getTime() <= at) return false;
  return row.entry.result === 'done' && new Proof(session).holds(row);
}
