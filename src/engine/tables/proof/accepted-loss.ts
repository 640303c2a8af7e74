import { sql } from 'kysely';
import type { AuditHead } from '../../../domain/audit/head.ts';
import type { AuditSigner } from '../../audit/signer.ts';
import type { Session } from '../store.ts';
import { type EventRow, Proof, withBefore } from './proven-entries.ts';

/**
 * Whether a person said, after that entry was signed, that the log goes on with what it has. What was signed later is not
 * covered: whoever cuts the log again cannot call upon it.
 */
export async function isAcceptedLoss(
  session: Session,
  signer: AuditSigner,
  { at }: Pick<AuditHead, 'at'>,
): Promise<boolean> {
  const row = (await withBefore(session)
    .where(sql<boolean>`events.service is null and events.entry ->> 'action' = 'audit.restored'`)
    .orderBy('events.seq', 'desc')
    .limit(1)
    .executeTakeFirst()) as EventRow | undefined;
  if (row === undefined || row.signature === null || row.at.getTime() <= at) return false;
  return row.entry.result === 'done' && new Proof(session, signer).holds(row);
}
