import { Refusal } from '../../refusals/refusal.ts';
import { type TomlEntry, tomlEntries } from '../../release/version-files/toml.ts';

/** Files with the settings of towncrier, the one that goes first first. */
export const TOWNCRIER_FILES = ['towncrier.toml', 'pyproject.toml'] as const;

/** Where a project keeps towncrier's fragments, and its own types of them (towncrier, Configuration Reference). */
export interface Towncrier {
  /** Paths in the project, one for each section. */
  readonly folders: readonly string[];
  /** Titles by the project's own types, with which names of fragments end; in small letters. */
  readonly types: ReadonlyMap<string, string>;
}

/** The settings in the first of these texts that has some; null for none, and for what is not to be read. */
export function towncrierIn(texts: readonly (string | null)[]): Towncrier | null {
  for (const text of texts) {
    const entries = text?.includes('towncrier') ? ownEntries(text) : [];
    if (entries.length > 0) return settingsIn(entries);
  }
  return null;
}

/** What stands in `[tool.towncrier]`, with the keys below it. */
function ownEntries(text: string): readonly TomlEntry[] {
  try {
    return tomlEntries('towncrier.toml', text).flatMap((entry) =>
      entry.keys[0] === 'tool' && entry.keys[1] === 'towncrier'
        ? [{ ...entry, keys: entry.keys.slice(2) }]
        : [],
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [];
  }
}

function settingsIn(entries: readonly TomlEntry[]): Towncrier {
  const textOf = (...keys: readonly (string | number)[]) => {
    const { value } = entries.find((entry) => entry.keys.join('\n') === keys.join('\n')) ?? {};
    return typeof value === 'string' ? value : null;
  };
  const listed = (name: string) => [
    ...new Set(entries.flatMap(({ keys: [list, nth] }) => (list === name ? (nth ?? []) : []))),
  ];
  const directory = textOf('directory');
  const ofPackage = textOf('package')?.replaceAll('.', '/') ?? '';
  const base = directory ?? `${textOf('package_dir') ?? '.'}/${ofPackage}`;
  const sections = listed('section').map((nth) => textOf('section', nth, 'path') ?? '');
  const folders = (sections.length === 0 ? [''] : sections).map((section) =>
    folderOf(`${base}/${section}/${directory === null ? 'newsfragments' : ''}`),
  );
  const named = [
    ...listed('type').map((nth) => [textOf('type', nth, 'directory'), textOf('type', nth, 'name')] as const),
    ...listed('fragment').map((type) => [`${type}`, textOf('fragment', type, 'name')] as const),
  ];
  const types = named.flatMap(([type, name]) => {
    const word = (type ?? name ?? '').toLowerCase();
    return word === '' ? [] : [[word, name || word] as const];
  });
  return {
    folders: [...new Set(folders.flatMap((folder) => folder ?? []))],
    types: new Map(types),
  };
}

/** Null for a folder outside of the project, and for the project itself. */
function folderOf(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return path.startsWith('/') || parts.includes('..') || parts.length === 0 ? null : parts.join('/');
}
