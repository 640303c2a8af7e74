import { headsFile } from '../app/audit.ts';
import type { AuditHead } from '../domain/audit/head.ts';
import { signedText } from '../engine/audit/chain.ts';
import { readHeads } from '../engine/audit/heads-file.ts';
import { isSignedBy } from '../engine/audit/signer.ts';
import type { AuditTrust, ChainCheck } from '../flows/run/ledger.ts';
import type { OpenedAudit } from './audit-log.ts';
import type { CheckedHead } from './audit-words.ts';

/** So many heads of a place are looked at, the newest ones: each proves all entries before it. */
const MOST = 50;

/** The heads that are kept outside of the database where this machine can read them. */
async function keptHeads({ config }: OpenedAudit): Promise<readonly { place: string; head: AuditHead }[]> {
  if (config === null) return [];
  const file = headsFile(config);
  return readHeads(file)
    .slice(-MOST)
    .map((head) => ({ place: file, head }));
}

/** Holds the log against every head that is kept elsewhere, and against those that were noted by hand. */
export async function checkHeads(
  audit: OpenedAudit,
  check: ChainCheck,
  trust: AuditTrust,
): Promise<readonly CheckedHead[]> {
  const noted = [...(trust.heads ?? [])].map(([seq, hash]) => ({ place: 'your notes', head: { seq, hash } }));
  const kept = await keptHeads(audit);
  const checked: CheckedHead[] = [];
  for (const { place, head } of [...noted, ...kept]) {
    const is = 'signature' in head && isForged(head, check, trust) ? 'forged' : await heldIs(audit, head);
    checked.push({ place, head, is });
  }
  return checked;
}

function isForged(head: AuditHead, { keys = [] }: ChainCheck, trust: AuditTrust): boolean {
  if (!isSignedBy(head.key, signedText(head.seq, head.hash), head.signature)) return true;
  // Without a key to trust nobody can say which of the two is forged, the log or the head.
  return trust.key !== undefined && head.key !== trust.key && !keys.some(({ key }) => key === head.key);
}

async function heldIs(
  { ledger }: OpenedAudit,
  { seq, hash }: Pick<AuditHead, 'seq' | 'hash'>,
): Promise<CheckedHead['is']> {
  const present = await ledger.auditHash(seq);
  if (present === null) return 'cut-off';
  return present === hash ? 'held' : 'differs';
}
