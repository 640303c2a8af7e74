import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type Adapters, loadAdapters } from '../adapters/tables.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { filesOf, includesIn } from './files/included.ts';
import { KnownValues } from './files/known-values.ts';
import { type ReadSource, readSource, type SourceText } from './layers.ts';
import { type ConfigSources, type ParsedFile, parseSources } from './parse.ts';
import type { RepositoryTexts } from './remote-services.ts';

export interface Config extends Omit<ParsedFile, 'keep'> {
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

/**
 * Reads and checks `slipway.yaml` and what it includes. Refusals: `config-missing`, `config-unreadable`, `config-invalid`.
 */
export async function loadConfig(path: string): Promise<Config> {
  return configOf(path, await readSources(path));
}

/** Where a text chooses the kind of an adapter. */
const USE = /\buse["']?\s*:\s*["']?([\w-]+)/g;

/**
 * Checks what was read, with the kinds of adapters that it names; with all that there are, where something is wrong, so that
 * what could stand there is told. Refusal `config-invalid`.
 */
export async function configOf(
  path: string,
  sources: ConfigSources,
  ofRepositories: RepositoryTexts = new Map(),
): Promise<Config> {
  const texts = [sources.main, ...sources.included, ...ofRepositories.values()];
  const names = new Set(texts.flatMap(({ text }) => [...text.matchAll(USE)].map(([, name]) => name ?? '')));
  const parsed = (adapters: Adapters) => parseSources(sources, adapters, ofRepositories);
  const named = await loadAdapters((name) => names.has(name));
  const soFar = refusalOr(() => parsed(named));
  const isGood = !(soFar instanceof Refusal) && soFar.refused.size === 0;
  const { keep, ...rest } = isGood ? soFar : parsed(await loadAdapters());
  const file = resolve(path);
  const dir = dirname(file);
  return {
    file,
    dir,
    dataDir: resolve(dir, process.env['SLIPWAY_DATA'] || rest.data),
    keepMs: keep,
    texts,
    ...rest,
  };
}

function refusalOr<T>(work: () => T): T | Refusal {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/**
 * The main file and what it includes; texts that are as they were `before` are not parsed again. Refusals `config-missing`,
 * `config-unreadable`.
 */
export async function readSources(path: string, before?: ConfigSources): Promise<ConfigSources> {
  const all = before ? [before.main, ...before.included] : [];
  const known = new Map(all.map((source) => [source.file, source] as const));
  return readAll(path, (given) => {
    const source = known.get(given.file);
    return source?.text === given.text ? source : readSource(given);
  });
}

/** The same for a bot that starts: large texts that are as they were at its last start are not parsed again. */
export async function readKnownSources(path: string): Promise<{
  readonly sources: ConfigSources;
  /** For the next start, once the config is found to be good. */
  keep(dataDir: string): void;
}> {
  let values: KnownValues | undefined;
  const sources = await readAll(path, (given) => {
    values ??= KnownValues.for(path, given.text);
    const known = values.of(given.text);
    return readSource(given, known && { known });
  });
  return { sources, keep: (dataDir) => values?.keep(dataDir, [sources.main, ...sources.included]) };
}

async function readAll(path: string, take: (given: SourceText) => ReadSource): Promise<ConfigSources> {
  const read = async (name: string) => take(await textOf(name));
  const file = resolve(path);
  const dir = dirname(file);
  const main = await read(file);
  const entries = includesIn(main);
  const found = await Promise.all(entries.map((entry) => filesOf(dir, entry)));
  const names = [...new Set(found.flat())].filter((name) => join(dir, name) !== file);
  const included = await Promise.all(names.map((name) => read(join(dir, name))));
  const missing = found.flatMap((files, index) => (files.length === 0 ? [index] : []));
  return { main, included, missing };
}

/** Whether it is read from the same texts. */
export function isSame(a: ConfigSources, b: ConfigSources): boolean {
  const [one, other] = [a, b].map(({ main, included }) => [main, ...included]);
  return one?.length === other?.length && one?.every((source, index) => source === other?.[index]) === true;
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
