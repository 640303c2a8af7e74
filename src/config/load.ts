import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { ADAPTERS, type Adapters, type AdapterTables } from '../adapters/tables.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { parseConfig } from './parse.ts';
import type { ServiceConfig } from './service-config.ts';
import type { AuditSettings } from './settings/audit.ts';
import type { OperationsSettings } from './settings/operations.ts';

export interface Config<A extends AdapterTables = Adapters> {
  /** Absolute path of the file. */
  readonly file: string;
  /** Relative paths of adapters start here. */
  readonly dir: string;
  /** Absolute path of the folder for the embedded database, caches and logs; `SLIPWAY_DATA` names another one. */
  readonly dataDir: string;
  /** How long the recorded steps of a promotion are kept after it is over, ms. */
  readonly keepMs: number;
  readonly audit: AuditSettings;
  readonly operations?: OperationsSettings | undefined;
  readonly slack: { readonly channel?: string | undefined };
  readonly services: ReadonlyMap<string, ServiceConfig<A>>;
}

/** Reads and checks `slipway.yaml`. Refusals: `config-missing`, `config-unreadable`, `config-invalid`. */
export async function loadConfig(path: string): Promise<Config>;
export async function loadConfig<A extends AdapterTables>(path: string, adapters: A): Promise<Config<A>>;
export async function loadConfig(
  path: string,
  adapters: AdapterTables = ADAPTERS,
): Promise<Config<AdapterTables>> {
  const file = resolve(path);
  const shown = relative(process.cwd(), file).startsWith('..') ? file : relative(process.cwd(), file);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT') throw new Refusal('config-missing', { file: shown });
    throw new Refusal('config-unreadable', { file: shown, reason: code });
  }
  const { data, keep, ...rest } = parseConfig(decode(bytes, shown), shown, adapters);
  const dir = dirname(file);
  return { file, dir, dataDir: resolve(dir, process.env['SLIPWAY_DATA'] || data), keepMs: keep, ...rest };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal('config-unreadable', { file, reason: 'it is not UTF-8 text' });
  }
}
