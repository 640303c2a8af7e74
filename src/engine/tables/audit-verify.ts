import type { Selectable } from 'kysely';
import type { AuditTrust, ChainCheck, ChainFault } from '../../flows/run/ledger.ts';
import { introductionIn, introductionText, signedText } from '../audit/chain.ts';
import { isSignedBy } from '../audit/signer.ts';
import { asStored, isWhole } from './audit.ts';
import type { Tables } from './schema.ts';
import { inPages, type Session, type Store } from './store.ts';

type Row = Selectable<Tables['events']>;

const PAGE = 1_000;

/** Walks the chain from its first row to its end, as it is in one moment. */
export function verifyAudit(store: Store, trust: AuditTrust = {}): Promise<ChainCheck> {
  return store.snapshot(async (tx) => {
    const walk = new Walk(trust);
    for await (const row of rowsOf(tx)) {
      const why = walk.next(row);
      if (why !== null) return broken(walk, why, why === 'missing' ? undefined : row);
    }
    const end = await tx.selectFrom('chain').select(['seq', 'hash']).executeTakeFirst();
    if (end === undefined || Number(end.seq) !== walk.rows || end.hash !== walk.head) {
      return broken(walk, 'cut-off');
    }
    const { rows, head, keys } = walk;
    const [last] = keys.slice(-1);
    if (trust.key !== undefined && rows > 0 && last?.key !== trust.key) {
      return { rows, brokenAt: last?.from ?? 1, why: last ? 'foreign-key' : 'unsigned', head, keys };
    }
    return { rows, brokenAt: null, head, keys };
  });
}

function rowsOf(tx: Session): AsyncGenerator<Row> {
  return inPages('-1', PAGE, (seq) =>
    tx.selectFrom('events').selectAll().where('seq', '>', seq).orderBy('seq').limit(PAGE).execute(),
  );
}

function broken({ rows, head, keys }: Walk, why: ChainFault, row?: Row): ChainCheck {
  const found = row === undefined ? {} : { found: asStored(row) };
  return { rows, brokenAt: rows + 1, why, ...found, head, keys };
}

class Walk {
  rows = 0;
  head = '';
  readonly keys: { readonly key: string; readonly from: number }[] = [];
  private readonly trust: AuditTrust;

  constructor(trust: AuditTrust) {
    this.trust = trust;
  }

  /** Null when the row fits those before it. */
  next(row: Row): ChainFault | null {
    const seq = this.rows + 1;
    if (Number(row.seq) !== seq) return Number(row.seq) > seq ? 'missing' : 'changed';
    if (!isWhole(row, this.head)) return 'changed';
    const fault = this.signed(row, seq);
    if (fault !== null) return fault;
    this.rows = seq;
    this.head = row.hash;
    return null;
  }

  private signed(row: Row, seq: number): ChainFault | null {
    const present = this.keys.at(-1)?.key;
    const introduced = introductionIn(row.entry);
    const { signature } = row;
    if (introduced === null) {
      if (present === undefined) return signature === null ? null : 'forged';
      if (signature === null) return 'unsigned';
      return isSignedBy(present, signedText(seq, row.hash), signature) ? null : 'forged';
    }
    const { key, proof, before, lost } = introduced;
    const signer = before ?? key;
    if (signature === null) return 'unsigned';
    if (!isSignedBy(key, introductionText(seq, this.head), proof)) return 'forged';
    if (!isSignedBy(signer, signedText(seq, row.hash), signature)) return 'forged';
    if ((present !== before || lost) && this.trust.heads?.get(seq) !== row.hash) return 'other-key';
    this.keys.push({ key, from: seq });
    return null;
  }
}
