import type pg from 'pg';
import { type Config, loadConfig } from '../config/load.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { parseDuration } from '../domain/text/duration.ts';
import type { Ledger, StoredAuditEntry } from '../flows/run/ledger.ts';
import { type Format, WRITERS } from './audit-format.ts';
import type { Invocation } from './invocation.ts';
import type { Output } from './output.ts';
import { withLedger } from './with-ledger.ts';

/** Text is written in pieces of about this many characters. */
const PIECE = 64 * 1_024;

/** The audit of this installation, for a command. */
export interface OpenedAudit {
  readonly ledger: Ledger;
  readonly pool: pg.Pool;
  /** Null where there is no config beside a `DATABASE_URL`: then this machine knows no key and no places of heads. */
  readonly config: Config | null;
}

/** Runs `work` on the audit of this installation. */
export async function withAudit<T>(
  invocation: Pick<Invocation, 'env' | 'output'>,
  work: (audit: OpenedAudit) => Promise<T>,
): Promise<T> {
  const { env } = invocation;
  const config = await loadConfig(env['SLIPWAY_CONFIG'] ?? 'slipway.yaml').catch((error: unknown) => {
    if (env['DATABASE_URL'] && error instanceof Refusal && error.code === 'config-missing') return null;
    throw error;
  });
  const dataDir = config?.dataDir ?? '.slipway';
  return withLedger(invocation, dataDir, (opened) => work({ ...opened, config }));
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
    if (output.isRead?.() === false) return count;
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

/** An entry and its hash that somebody noted, as `1234:HASH`. Refusal `end-unclear`. */
export function notedHead(text: string): { readonly seq: number; readonly hash: string } {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  if (seq === undefined || hash === undefined) throw new Refusal('end-unclear', { text });
  return { seq: Number(seq), hash };
}
