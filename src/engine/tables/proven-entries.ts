import { sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { hashOf, introductionIn, introductionText, signedText } from '../audit/chain.ts';
import { type AuditSigner, isSignedBy } from '../audit/signer.ts';
import type { Session } from './store.ts';

/** An entry that this installation wrote, whatever the database says otherwise. */
export interface ProvenEntry {
  readonly seq: number;
  /** ms since the epoch */
  readonly at: number;
  readonly entry: AuditEntry;
}

interface Row {
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
 * The entries of these actions, in order: only those whose content, place and signature fit. Asked for a promotion, or
 * for a service as a whole.
 */
export async function provenEntries(
  session: Session,
  signer: AuditSigner,
  of: { readonly promotionId: string } | { readonly service: string },
  actions: ReadonlySet<string>,
): Promise<readonly ProvenEntry[]> {
  const rows = (await withBefore(session)
    .where(
      'promotionId' in of
        ? sql<boolean>`events.promotion_id = ${of.promotionId}`
        : sql<boolean>`events.service = ${of.service}`,
    )
    .where(
      sql<boolean>`events.entry::text like any (${[...actions].map((action) => `%"action":"${action}"%`)})`,
    )
    .orderBy('events.seq')
    .execute()) as readonly Row[];
  const proof = new Proof(session, signer);
  const proven: ProvenEntry[] = [];
  for (const row of rows) {
    if (!actions.has(row.entry.action) || row.entry.result !== 'done') continue;
    if (await proof.holds(row)) proven.push({ seq: Number(row.seq), at: row.at.getTime(), entry: row.entry });
  }
  return proven;
}

function withBefore(session: Session) {
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
  private readonly signer: AuditSigner;
  private earlier: readonly { readonly key: string; readonly until: number }[] | null = null;

  constructor(session: Session, signer: AuditSigner) {
    this.session = session;
    this.signer = signer;
  }

  async holds(row: Row): Promise<boolean> {
    if (!isWhole(row, row.before)) return false;
    return row.signature === null ? this.isCovered(row) : this.isSigned(row, row.signature);
  }

  private async isSigned({ seq, hash }: Row, signature: string): Promise<boolean> {
    const text = signedText(Number(seq), hash);
    if (this.signer.hasSigned(text, signature)) return true;
    this.earlier ??= await this.earlierKeys();
    return this.earlier.some(({ key, until }) => Number(seq) <= until && isSignedBy(key, text, signature));
  }

  /** Follows the present key back: each introduction is signed by the key before, and proved by the one after. */
  private async earlierKeys() {
    const rows = (await withBefore(this.session)
      .where(sql<boolean>`events.service is null and events.entry::text like '%"action":"audit.key"%'`)
      .orderBy('events.seq', 'desc')
      .execute()) as readonly Row[];
    const keys: { readonly key: string; readonly until: number }[] = [];
    let present = this.signer.publicKey;
    for (const row of rows) {
      const introduced = introductionIn(row.entry);
      if (introduced?.key !== present || !isWhole(row, row.before)) continue;
      const seq = Number(row.seq);
      if (!isSignedBy(present, introductionText(seq, row.before ?? ''), introduced.proof)) continue;
      if (introduced.before === undefined) break;
      keys.push({ key: introduced.before, until: seq });
      present = introduced.before;
    }
    return keys;
  }

  /** Whether an entry from before there were signatures is under the first one, through the hashes. */
  private async isCovered(from: Row): Promise<boolean> {
    let head = from.hash;
    let seq = Number(from.seq);
    while (seq - Number(from.seq) < FARTHEST) {
      const page = (await withBefore(this.session)
        .where('events.seq', '>', String(seq))
        .orderBy('events.seq')
        .limit(PAGE)
        .execute()) as readonly Row[];
      if (page.length === 0) return false;
      for (const row of page) {
        if (Number(row.seq) !== seq + 1 || !isWhole(row, head)) return false;
        if (row.signature !== null) {
          return introductionIn(row.entry) !== null && this.isSigned(row, row.signature);
        }
        seq += 1;
        head = row.hash;
      }
    }
    return false;
  }
}

/** Whether the row is what its hash says, behind that hash. */
function isWhole(row: Row, before: string | null): boolean {
  return (
    (row.entry.service ?? null) === row.service &&
    (row.entry.promotionId ?? null) === row.promotion_id &&
    hashOf(before ?? '', { ...row.entry, seq: Number(row.seq), at: row.at.getTime() }) === row.hash
  );
}
