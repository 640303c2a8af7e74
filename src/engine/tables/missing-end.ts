import type { AuditHead } from '../../domain/audit/head.ts';
import type { MissingEnd } from '../../flows/run/ledger.ts';
import type { LastSigned } from '../audit/last-signed.ts';
import type { Session } from './store.ts';

/** See `Ledger.missingEnd`. A log that is longer than what is known is fine: others write to it too. */
export async function missingEndIn(
  session: Session,
  lastSigned: LastSigned | undefined,
): Promise<MissingEnd | null> {
  // Before the database is asked: what is signed meanwhile is no reason for an alarm.
  const known = lastSigned?.read() ?? null;
  if (known === null || (await holds(session, known))) return null;
  const end = await session.selectFrom('chain').select('seq').executeTakeFirst();
  return { signed: known.seq, rows: Number(end?.seq ?? 0) };
}

/** Whether the log holds what was signed last, so that what is written now comes behind it. */
export async function holds(
  session: Session,
  { seq, hash }: Pick<AuditHead, 'seq' | 'hash'>,
): Promise<boolean> {
  const query = session.selectFrom('events').select('hash').where('seq', '=', String(seq));
  return (await query.executeTakeFirst())?.hash === hash;
}
