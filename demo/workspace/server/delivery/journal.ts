import { appendFileSync, writeFileSync } from 'node:fs';
import type { JsonObject } from '../strict/json.ts';
import { isJsonObject } from '../strict/json.ts';

/** One exchange between the app and the workspace. `in` came from the app, `out` went to it. */
export interface JournalEntry {
  /** ISO time of the beginning. */
  readonly at: string;
  readonly direction: 'in' | 'out';
  /** Web API method, `response_url` or `upload`, when `in`. */
  readonly method?: string;
  /** `slash_commands`, `interactive`, `events_api`, `hello`, `disconnect`, when `out`. */
  readonly type?: string;
  readonly args: unknown;
  /** The answer; for `out` what the app acknowledged with, or `{ error }` when it did not. */
  readonly response: unknown;
}

/** In memory; the file has all. */
const KEPT = 20_000;

/** The latest exchanges in memory and, when a file is given, one JSON line for each in the order they finished. */
export class Journal {
  readonly entries: JournalEntry[] = [];
  readonly #file: string | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
    if (file !== undefined) writeFileSync(file, '');
  }

  add(entry: JournalEntry): void {
    const masked = structuredClone(mask(entry)) as JournalEntry;
    this.entries.push(masked);
    if (this.entries.length > KEPT) this.entries.splice(0, KEPT / 10);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(masked)}\n`);
  }

  /** Web API calls, oldest first; of one method when named. */
  calls(method?: string): (JournalEntry & { readonly args: JsonObject; readonly response: JsonObject })[] {
    return this.entries.filter(
      (entry): entry is JournalEntry & { readonly args: JsonObject; readonly response: JsonObject } =>
        entry.direction === 'in' && (method === undefined || entry.method === method),
    );
  }
}

/** Tokens never reach a file: the kind stays readable, the rest is gone. */
function mask(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\b(xox[a-z]|xapp)-[\w-]+/g, '$1-…');
  if (Array.isArray(value)) return value.map(mask);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'token' ? maskToken(item) : mask(item)]),
  );
}

function maskToken(value: unknown): unknown {
  return typeof value === 'string' ? `${value.split('-')[0]}-…` : value;
}
