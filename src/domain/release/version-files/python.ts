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
 * The entries of uv.lock for the projects that are raised; one that is taken from a registry or from git is another. A
 * project without a version of its own has none there.
 */
export function uvLockRanges(path: string, text: string, texts: FileTexts): readonly TextRange[] {
  const folder = path.replace(/uv\.lock$/, '');
  const projects = [...texts].flatMap(([file, manifest]) => {
    const isProject = /(?:^|\/)pyproject\.toml$/.test(file) && file.startsWith(folder);
    if (manifest === null || !isProject) return [];
    const named = tomlAt(tomlEntries(file, manifest), 'project', 'name')?.value;
    if (typeof named !== 'string' || pyprojectRanges(file, manifest).length === 0) return [];
    const at = file.slice(folder.length).replace(/\/?pyproject\.toml$/, '') || '.';
    // The name in a lock is written as PEP 503 says.
    return [{ name: named.toLowerCase().replaceAll(/[-_.]+/g, '-'), at }];
  });
  const names = new Set(projects.map(({ name }) => name));
  return lockEntries(path, text, names).flatMap(({ name, source, version }) => {
    const place = source['virtual'] ?? source['editable'] ?? source['directory'];
    return version && projects.some((one) => one.name === name && one.at === place) ? [version] : [];
  });
}
