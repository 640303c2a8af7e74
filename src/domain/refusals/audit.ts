import type { Given, Maybe, RefusalCatalogue } from './sentence.ts';

/** What people meet who read the audit, or whose bot may not go on writing it. */
export const auditRefusals = {
  'since-unclear': ({ text }: Maybe<'text'>) => ({
    text: `"${text ?? ''}" is neither a date nor a length of time.`,
    hint: 'For example: --since 2026-11-01, --since 2026-11-01T10:00:00Z, or --since 7d',
  }),
  'end-unclear': ({ text }: Maybe<'text'>) => ({
    text: `"${text ?? ''}" is not the end of an audit log.`,
    hint: 'It is printed by slipway audit verify, and looks like 1234:9f86d081… with 64 digits after the colon.',
  }),
  'audit-key-unfit': ({ key, own }: Given<'key' | 'own'>) => ({
    text: `The audit log of this database is signed with another key than the one that this process has (there: ${key}; here: ${own}). Nothing is written behind entries that somebody else signed.`,
    hint: 'All replicas need the same key: set audit.key in slipway.yaml on each, or copy audit/key.pem of the data folder. If nobody has that key any more, look at the log first (slipway audit verify), then begin with a new one: slipway audit rotate --lost',
  }),
  'audit-begun-anew': ({ rows }: Given<'rows'>) => ({
    text: `Slipway was at work here before, but the audit log that the database holds now (${rows} entries) is not signed. Somebody emptied it or wrote it anew, or the database was set up anew or restored from before.`,
    hint: 'Run slipway audit verify and find out who. If it was you, begin anew: slipway audit rotate --lost. Releases from before then have to be adopted before a rollback can deploy them.',
  }),
  'audit-cut-off': ({ signed, rows }: Given<'signed' | 'rows'>) => ({
    text: `The end of the audit log is gone: entry ${signed} was signed here, and the log ${Number(rows) < Number(signed) ? `ends at ${rows}` : 'holds another one in its place'}. Somebody deleted it, or the database was restored from before. Whatever was taken back or decided in those entries would not be seen, so nothing is deployed.`,
    hint: 'Run slipway audit verify and find out who. If you restored the database yourself, go on with what it has: slipway audit rotate --lost',
  }),
  'audit-key-invalid': ({ place }: Given<'place'>) => ({
    text: `What is in ${place} is no private key that the audit log can be signed with.`,
    hint: 'It takes an Ed25519 key in PEM (PKCS #8), such as: openssl genpkey -algorithm ed25519',
  }),
  'audit-key-missing': ({ file, reason }: Given<'file' | 'reason'>) => ({
    text: `The key that signs the audit log (${file}) cannot be read: ${reason}.`,
    hint: 'Restore the file, or name the right one under audit.key in slipway.yaml.',
  }),
  'audit-head-refused': ({ place, reason }: Given<'place' | 'reason'>) => ({
    text: `The head of the audit log is not wanted at ${place}: ${reason}.`,
    hint: 'Check the address and the rights under audit.publish in slipway.yaml. A git host must take pushes to refs/slipway/audit.',
  }),
  'audit-key-configured': () => ({
    text: 'The key that signs the audit log comes from slipway.yaml, so Slipway cannot replace it by itself.',
    hint: 'Make the next one (openssl genpkey -algorithm ed25519 -out next.pem), run slipway audit rotate next.pem, then put it where audit.key points and start the bot.',
  }),
} satisfies RefusalCatalogue;
