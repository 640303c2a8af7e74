import type { FileTexts } from './cargo.ts';
import type { TextRange } from './json-text.ts';
import { lockEntries } from './lock-entries.ts';
import { tomlAt, tomlEntries } from './toml.ts';

/** The version of `[project]` or of `[tool.poetry]`. */
export function pyprojectRanges(path: string, text: string): readonly TextRange[] {
  const entries = tomlEntries(path, text);
  return [['project'], ['tool', 'poetry']].flatMap(
    (table) => tomlAt(entries, ...table, 'version')?.range ?? [],
  );
}

/**
 * The project's own entry of uv.lock; one that is taken from a registry or from git is another. A project without a
 * version of its own has none there.
 */
export function uvLockRanges(path: string, text: string, texts: FileTexts): readonly TextRange[] {
  const manifest = texts.get(path.replace(/uv\.lock$/, 'pyproject.toml'));
  if (manifest == null) return [];
  const entries = tomlEntries('pyproject.toml', manifest);
  const named = tomlAt(entries, 'project', 'name')?.value;
  if (typeof named !== 'string' || pyprojectRanges('pyproject.toml', manifest).length === 0) return [];
  // The name in a lock is written as PEP 503 says.
  const name = named.toLowerCase().replaceAll(/[-_.]+/g, '-');
  return lockEntries(path, text, [name]).flatMap(({ source, version }) =>
    version && (source['virtual'] ?? source['editable'] ?? source['directory']) === '.' ? [version] : [],
  );
}
