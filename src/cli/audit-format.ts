import { visible, visibleInJson } from '../domain/text/visible.ts';
import type { StoredAuditEntry } from '../flows/run/ledger.ts';

export const FORMATS = ['json', 'ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Head, rows and foot of an export; each row is written as it comes. */
export interface Writer {
  readonly head: string;
  row(entry: StoredAuditEntry, index: number): string;
  foot(rows: number): string;
}

export const WRITERS: Readonly<Record<Format, Writer>> = {
  ndjson: { head: '', row: (entry) => `${inJson(entry)}\n`, foot: () => '' },
  json: {
    head: '[',
    row: (entry, index) => `${index === 0 ? '\n' : ',\n'}${inJson(entry)}`,
    foot: (rows) => (rows === 0 ? ']\n' : '\n]\n'),
  },
  csv: { head: '', row: (entry, index) => (index === 0 ? csvHeader() : '') + csvRow(entry), foot: noRows },
};

const COLUMNS: Readonly<Record<string, (entry: StoredAuditEntry) => unknown>> = {
  seq: ({ seq }) => seq,
  at: ({ at }) => new Date(at).toISOString(),
  actor: ({ actor }) => actor,
  action: ({ action }) => action,
  result: ({ result }) => result,
  code: ({ detail }) => detail?.['code'],
  service: ({ service }) => service,
  promotion: ({ promotionId }) => promotionId,
  digest_before: ({ digestBefore }) => digestBefore,
  digest_after: ({ digestAfter }) => digestAfter,
  via: ({ source }) => source?.via,
  channel: ({ source }) => source?.channel,
  message_ts: ({ source }) => source?.ts,
  permalink: ({ source }) => source?.link,
  detail: ({ detail }) => (detail === undefined ? undefined : inJson(detail)),
  hash: ({ hash }) => hash,
};

/** What nobody sees as escapes of JSON: whoever parses it gets exactly what is stored. */
function inJson(value: unknown): string {
  return visibleInJson(JSON.stringify(value));
}

function csvHeader(): string {
  return `${Object.keys(COLUMNS).join(',')}\r\n`;
}

function csvRow(entry: StoredAuditEntry): string {
  return `${Object.values(COLUMNS)
    .map((value) => csvCell(value(entry)))
    .join(',')}\r\n`;
}

function noRows(rows: number): string {
  return rows === 0 ? csvHeader() : '';
}

/**
 * One cell of a CSV file (RFC 4180). A spreadsheet takes a cell for a formula that begins with one of `= + - @`,
 * in ASCII or full width, after blanks too: an apostrophe before it makes it text.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = String(value).replaceAll('\u0000', '\ufffd').split('\r').map(visible).join('\r');
  const safe = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",;\t\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
