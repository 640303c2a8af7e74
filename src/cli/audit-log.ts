import type { Logger } from 'pino';
import { loadConfig } from '../config/load.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { parseDuration } from '../domain/text/duration.ts';
import { openDatabase } from '../engine/database/open.ts';
import { migrate } from '../engine/migrations/migrate.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import type { ChainCheck, Ledger, StoredAuditEntry } from '../flows/run/ledger.ts';
import { type Format, WRITERS } from './audit-format.ts';
import type { Output } from './output.ts';

/** Text is written in pieces of about this many characters. */
const PIECE = 64 * 1_024;

/** Runs `work` on the ledger of this installation. The config is only needed for the embedded database's folder. */
export async function withLedger<T>(
  env: NodeJS.ProcessEnv,
  log: Logger,
  onWait: (server: string) => void,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const url = env['DATABASE_URL'];
  const dataDir = url ? '.slipway' : (await loadConfig(env['SLIPWAY_CONFIG'] ?? 'slipway.yaml')).dataDir;
  const database = await openDatabase({ url, dataDir, log, onWait });
  try {
    await migrate(database.pool);
    return await work(createLedger({ pool: database.pool, now: Date.now }));
  } finally {
    await database.close();
  }
}

/** Writes the rows one after the other, never all of them in memory. Answers with how many there were. */
export async function exportRows(
  rows: AsyncIterable<StoredAuditEntry>,
  format: Format,
  output: Output,
): Promise<number> {
  const writer = WRITERS[format];
  let count = 0;
  let piece = writer.head;
  for await (const row of rows) {
    piece += writer.row(row, count);
    count += 1;
    if (piece.length < PIECE) continue;
    await output.result(piece);
    piece = '';
  }
  await output.result(piece + writer.foot(count));
  return count;
}

/** `2026-11-01`, `2026-11-01T10:00:00Z`, or how long ago: `7d`. ms since the epoch; Refusal `since-unclear`. */
export function sinceMs(text: string, now: number): number {
  const ago = parseDuration(text);
  if (ago !== null) return now - ago;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Refusal('since-unclear', { text });
  return at;
}

/** What the check of the hash chain found, in words. */
export function chainInWords({ rows, brokenAt, why, found, head }: ChainCheck): string {
  if (brokenAt === null) {
    const end =
      rows === 0
        ? ''
        : `\nIts end is ${rows}:${head}. Kept elsewhere, that proves it later: --end ${rows}:${head}`;
    return `The audit log is whole: ${rows} entries, each fits the one before.${end}\n`;
  }
  const before = rows === 0 ? 'Nothing before it fits either.' : `The ${rows} before it fit.`;
  switch (why) {
    case 'cut-off':
      return `The audit log was cut off: entry ${brokenAt} and all after it are gone. ${before}\n`;
    case 'missing':
      return `The audit log was changed: entry ${brokenAt} is missing. ${before}\n`;
    default:
      return `The audit log was changed: entry ${brokenAt} is not what was written${described(found)}. ${before}\n`;
  }
}

function described(row: StoredAuditEntry | undefined): string {
  if (row === undefined) return '';
  const of = row.promotionId ?? row.service;
  const at = new Date(row.at).toISOString();
  return `. It says now: ${at} ${row.actor} ${row.action} ${row.result}${of === undefined ? '' : ` (${of})`}`;
}

/** Whether the log still holds an end that was noted earlier, as `1234:HASH`. Refusal `end-unclear`. */
export async function holdsEnd(ledger: Ledger, noted: string): Promise<boolean> {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(noted.trim()) ?? [];
  if (seq === undefined) throw new Refusal('end-unclear', { text: noted });
  return (await ledger.auditHash(Number(seq))) === hash;
}
