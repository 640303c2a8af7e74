import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { ADAPTERS, type Adapters, type AdapterTables } from '../adapters/tables.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { filesOf, includesIn } from './included.ts';
import type { SourceText } from './layers.ts';
import { type ParsedFile, parseConfig } from './parse.ts';

export interface Config<A extends AdapterTables = Adapters> extends Omit<ParsedFile<A>, 'data' | 'keep'> {
  /** Absolute path of the file. */
  readonly file: string;
  /** Relative paths of adapters start here. */
  readonly dir: string;
  /** Absolute path of the folder for the embedded database, caches and logs; `SLIPWAY_DATA` names another one. */
  readonly dataDir: string;
  /** How long the recorded steps of a promotion are kept after it is over, ms. */
  readonly keepMs: number;
  /** What it was read from: the main file, what it includes, and files of repositories. */
  readonly texts: readonly SourceText[];
}

/** What the files of repositories say, by service. */
export type RepositoryTexts = ReadonlyMap<string, SourceText>;

/**
 * Reads and checks `slipway.yaml` and what it includes. Refusals: `config-missing`, `config-unreadable`, `config-invalid`.
 */
export async function loadConfig(path: string): Promise<Config>;
export async function loadConfig<A extends AdapterTables>(
  path: string,
  adapters: A,
  ofRepositories?: RepositoryTexts,
): Promise<Config<A>>;
export async function loadConfig(
  path: string,
  adapters: AdapterTables = ADAPTERS,
  ofRepositories: RepositoryTexts = new Map(),
): Promise<Config<AdapterTables>> {
  const { main, included, missing } = await readTexts(path);
  const parsed = parseConfig(main.text, main.file, adapters, { included, missing, ofRepositories });
  const { data, keep, ...rest } = parsed;
  const file = resolve(path);
  const dir = dirname(file);
  const texts = [main, ...included, ...ofRepositories.values()];
  return {
    file,
    dir,
    dataDir: resolve(dir, process.env['SLIPWAY_DATA'] || data),
    keepMs: keep,
    texts,
    ...rest,
  };
}

/** The main file and what it includes. Refusals `config-missing`, `config-unreadable`. */
export async function readTexts(path: string) {
  const file = resolve(path);
  const dir = dirname(file);
  const main = await textOf(file);
  const entries = includesIn(main.text);
  const found = await Promise.all(entries.map((entry) => filesOf(dir, entry)));
  const names = [...new Set(found.flat())].filter((name) => join(dir, name) !== file);
  const included = await Promise.all(names.map((name) => textOf(join(dir, name))));
  const missing = found.flatMap((files, index) => (files.length === 0 ? [index] : []));
  return { main, included, missing };
}

async function textOf(path: string): Promise<SourceText> {
  const away = relative(process.cwd(), path);
  const file = away.startsWith('..') ? path : away;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT') throw new Refusal('config-missing', { file });
    throw new Refusal('config-unreadable', { file, reason: code });
  }
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new Refusal('config-unreadable', { file, reason: 'it is not UTF-8 text' });
  }
}
