import type { AuditHead } from '../domain/audit/head.ts';
import type { ChainCheck, StoredAuditEntry } from '../flows/run/ledger.ts';

/** A head that was kept outside of the database, and what the log says to it. */
export interface CheckedHead {
  /** Where it was found: a file, a git ref, or what was typed. */
  readonly place: string;
  readonly head: Pick<AuditHead, 'seq' | 'hash'> & Partial<AuditHead>;
  readonly is: 'held' | 'cut-off' | 'differs' | 'forged';
}

/** What the check of the hash chain found, in words. */
export function chainInWords(check: ChainCheck): string {
  const { rows, brokenAt, why, found, head } = check;
  if (brokenAt === null) {
    const end =
      rows === 0
        ? ''
        : `\nIts end is ${rows}:${head}. Kept elsewhere, that proves it later: --end ${rows}:${head}`;
    return `The audit log is whole: ${rows} entries, each fits the one before.${signedBy(check)}${end}\n`;
  }
  if (why === 'foreign-key') {
    return `Every entry fits, but the audit log is not signed with the key of this installation: another key signs from entry ${brokenAt} on. Somebody wrote it anew, the whole of it or from there.\n`;
  }
  const before = rows === 0 ? 'Nothing before it fits either.' : `The ${rows} before it fit.`;
  switch (why) {
    case 'cut-off':
      return `The audit log was cut off: entry ${brokenAt} and all after it are gone. ${before}\n`;
    case 'missing':
      return `The audit log was changed: entry ${brokenAt} is missing. ${before}\n`;
    case 'unsigned':
      return `Entry ${brokenAt} of the audit log is not signed, although this installation signs: the bot did not write it. ${before}${described(found, ' ')}\n`;
    case 'forged':
      return `Entry ${brokenAt} of the audit log is not signed with the key of the bot: somebody else wrote it, and the hashes behind it anew. ${before}${described(found, ' ')}\n`;
    case 'other-key':
      if (found?.detail?.['lost'] === true)
        return `At entry ${brokenAt} somebody had the audit log go on without the key or the entries that were (slipway audit rotate --lost). What was before is not proved. If it was you, say so: --head ${brokenAt}:${found.hash}\n`;
      return `From entry ${brokenAt} on the audit log is signed with another key, which the key before it did not introduce: the key was lost, or somebody wrote the rest anew. ${before} If you began with a new key yourself, say so: --head ${brokenAt}:${found?.hash ?? ''}\n`;
    default:
      return `The audit log was changed: entry ${brokenAt} is not what was written${described(found)}. ${before}\n`;
  }
}

function signedBy({ rows, keys = [] }: ChainCheck): string {
  const [first] = keys;
  if (rows === 0) return '';
  if (first === undefined) return ' None of them is signed.';
  const before = first.from > 1 ? ` from entry ${first.from} on` : '';
  const last = keys.at(-1);
  const changed = keys.length > 1 ? ` The key was replaced at entry ${last?.from}.` : '';
  return ` They are signed${before}; the public key is ${last?.key}.${changed}`;
}

function described(row: StoredAuditEntry | undefined, behind = '. '): string {
  if (row === undefined) return '';
  const of = row.promotionId ?? row.service;
  const at = new Date(row.at).toISOString();
  return `${behind}It says now: ${at} ${row.actor} ${row.action} ${row.result}${of === undefined ? '' : ` (${of})`}`;
}

/** What the log says to the heads that were kept elsewhere; those of a place that all fit are one sentence. */
export function headsInWords(heads: readonly CheckedHead[], rows: number): string {
  const held = heads.filter(({ is }) => is === 'held');
  const fit = [...new Set(held.map(({ place }) => place))].map((place) => {
    const seqs = held.filter((one) => one.place === place).map(({ head }) => head.seq);
    return seqs.length === 1
      ? `It holds the head ${seqs[0]} that is kept in ${place}.\n`
      : `It holds the ${seqs.length} heads that are kept in ${place}, up to ${Math.max(...seqs)}.\n`;
  });
  return [...fit, ...heads.flatMap((head) => faultOf(head, rows) ?? [])].join('');
}

function faultOf({ place, head: { seq, at }, is }: CheckedHead, rows: number): string | null {
  const when = at === undefined ? '' : `, of ${new Date(at).toISOString()}`;
  switch (is) {
    case 'held':
      return null;
    case 'cut-off':
      return `The head ${seq} is kept in ${place}${when}, but the log ends at ${rows}: entries ${rows + 1} to ${seq} were removed, and whatever came after them.\n`;
    case 'differs':
      return `The head ${seq} that is kept in ${place}${when} is not that of entry ${seq} now: it was written anew, at that entry or before it.\n`;
    case 'forged':
      return `The head ${seq} in ${place} is not signed with a key of this log: somebody other than the bot put it there. It proves nothing.\n`;
  }
}
