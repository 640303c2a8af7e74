import { sql } from 'kysely';
import type { AuditEntry } from '../../../domain/audit/entry.ts';
import { introductionIn, introductionText, signedText } from '../../audit/chain.ts';
import { type AuditSigner, isSignedBy } from '../../audit/signer.ts';
import { isWhole } from '../audit.ts';
import type { Session } from '../store.ts';

/** An entry that this installation wrote, whatever the database says otherwise. */
export interface ProvenEntry {
  readonly seq: number;
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

/** So many entries from before signing began are walked along at most, to the first that is signed. */
const FARTHEST = 10_000;
const PAGE = 500;

/**
 * The entries of a promotion with these actions, in order, since it was asked about last. A row on the way from there
 * to the end of the chain that is gone or does not hold could have been any entry: nothing before it is proven then.
 * What an entry says is read from the parsed JSON that its hash is over, never from how the database spells it.
 */
export async function provenEntries(
  session: Session,
  signer: AuditSigner,
  promotionId: string,
  actions: { readonly asked: ReadonlySet<string>; readonly since: ReadonlySet<string> },
): Promise<readonly ProvenEntry[]> {
  // Before the rows are read: whoever writes meanwhile adds to them, and takes nothing away.
  const end = await session.selectFrom('chain').select('seq').executeTakeFirstOrThrow();
  const start = await lastAsked(session, promotionId, actions.asked);
  if (start === null) return [];
  const proof = new Proof(session, signer);
  let proven: ProvenEntry[] = [];
  let last = 0;
  for await (const row of rowsFrom(session, start)) {
    const { entry } = row;
    last = Number(row.seq);
    if (!(await proof.holds(row))) proven = [];
    else if (entry.promotionId === promotionId && entry.result === 'done') {
      const isWanted = actions.asked.has(entry.action) || actions.since.has(entry.action);
      if (isWanted) proven.push({ seq: last, at: row.at.getTime(), entry });
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
async function* rowsFrom(session: Session, start: string): AsyncGenerator<EventRow> {
  for (let after = String(Number(start) - 1); ; ) {
    const page = await pageAfter(session, after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.seq;
  }
}

async function pageAfter(session: Session, seq: string): Promise<readonly EventRow[]> {
  const page = withBefore(session).where('events.seq', '>', seq).orderBy('events.seq').limit(PAGE);
  return (await page.execute()) as readonly EventRow[];
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
export class Proof {
  private readonly session: Session;
  private readonly signer: AuditSigner;
  private earlier: readonly { readonly key: string; readonly until: number }[] | null = null;
  /** What was found about unsigned rows, for those before this number. */
  private unsigned: { readonly before: number; readonly covered: boolean } | null = null;

  constructor(session: Session, signer: AuditSigner) {
    this.session = session;
    this.signer = signer;
  }

  async holds(row: EventRow): Promise<boolean> {
    if (!isWhole(row, row.before ?? '')) return false;
    return row.signature === null ? this.isCovered(row) : this.isSigned(row, row.signature);
  }

  private async isSigned({ seq, hash }: EventRow, signature: string): Promise<boolean> {
    const text = signedText(Number(seq), hash);
    if (this.signer.hasSigned(text, signature)) return true;
    this.earlier ??= await this.earlierKeys();
    return this.earlier.some(({ key, until }) => Number(seq) <= until && isSignedBy(key, text, signature));
  }

  /** Follows the present key back: each introduction is signed by the key before, and proved by the one after. */
  private async earlierKeys() {
    const rows = (await withBefore(this.session)
      .where(sql<boolean>`events.service is null and events.entry ->> 'action' = 'audit.key'`)
      .orderBy('events.seq', 'desc')
      .execute()) as readonly EventRow[];
    const keys: { readonly key: string; readonly until: number }[] = [];
    let present = this.signer.publicKey;
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

  private async isCovered(row: EventRow): Promise<boolean> {
    if (this.unsigned === null || Number(row.seq) >= this.unsigned.before) {
      this.unsigned = await this.coverOf(row);
    }
    return this.unsigned.covered;
  }

  /** Whether an entry from before there were signatures is under the first one, through the hashes. */
  private async coverOf(from: EventRow): Promise<{ readonly before: number; readonly covered: boolean }> {
    let head = from.hash;
    let seq = Number(from.seq);
    while (seq - Number(from.seq) < FARTHEST) {
      const page = await pageAfter(this.session, String(seq));
      if (page.length === 0) break;
      for (const row of page) {
        if (Number(row.seq) !== seq + 1 || !isWhole(row, head)) return { before: seq + 1, covered: false };
        seq += 1;
        head = row.hash;
        if (row.signature === null) continue;
        const introduced = introductionIn(row.entry);
        const isFirst = introduced !== null && introduced.before === undefined;
        return { before: seq, covered: isFirst && (await this.isSigned(row, row.signature)) };
      }
    }
    return { before: seq + 1, covered: false };
  }
}
