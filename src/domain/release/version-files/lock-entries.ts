import type { TextRange } from './json-text.ts';
import { type TomlEntry, tomlAt, tomlEntries } from './toml.ts';

/** One `[[package]]` of a lock file in TOML. */
export interface LockEntry {
  readonly name: string;
  /** Where its version stands; null when it has none. */
  readonly version: TextRange | null;
  /** Its source: a text in Cargo.lock, keys such as `registry` or `editable` in uv.lock; empty without any. */
  readonly source: Readonly<Record<string, string | boolean | null>>;
}

/** As tools write it, at the begin of a line; a source is written as a table on one. */
const NAME = /^[ \t]*name[ \t]*=[ \t]*["']([^"'\r\n]*)["']/m;
const HEADER = /^\[\[package\]\][ \t]*(?:#.*)?\r?$/gm;

/**
 * The entries of some packages. Lock files may be long, so that only those entries are parsed; a file with strings over
 * several lines, which tools do not write, is parsed whole.
 *
 * @throws Refusal `version-file-broken`
 */
export function lockEntries(path: string, text: string, names: ReadonlySet<string>): readonly LockEntry[] {
  if (/'''|"""/.test(text)) {
    const all = tomlEntries(path, text);
    const packages = new Map<number, TomlEntry[]>();
    for (const entry of all) {
      const [table, index] = entry.keys;
      if (table !== 'package' || typeof index !== 'number') continue;
      const own = packages.get(index) ?? [];
      packages.set(index, own);
      own.push(entry);
    }
    return [...packages].map(([index, own]) => entryOf(own, index, 0)).filter(({ name }) => names.has(name));
  }
  const starts = [...text.matchAll(HEADER)].map(({ index }) => index);
  return starts.flatMap((start, index) => {
    const block = text.slice(start, starts[index + 1]);
    if (!names.has(NAME.exec(block)?.[1] ?? '')) return [];
    const entry = entryOf(tomlEntries(path, block), 0, start);
    return names.has(entry.name) ? [entry] : [];
  });
}

function entryOf(entries: readonly TomlEntry[], index: number, offset: number): LockEntry {
  const version = tomlAt(entries, 'package', index, 'version')?.range ?? null;
  const sources = entries.filter(
    ({ keys }) => keys[0] === 'package' && keys[1] === index && keys[2] === 'source',
  );
  return {
    name: String(tomlAt(entries, 'package', index, 'name')?.value ?? ''),
    version: version && { start: version.start + offset, end: version.end + offset },
    source: Object.fromEntries(sources.map(({ keys, value }) => [String(keys[3] ?? 'url'), value])),
  };
}
