import type { PathFilter } from '../paths.ts';
import { type FileTexts, isManifest, isWorkspace } from './cargo.ts';
import { conventionalPaths } from './conventional.ts';
import { WELL_KNOWN_FILES } from './version-files.ts';

/** They hold an entry for each package of a workspace below them. */
const LOCKS = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'bun.lock',
  'Cargo.lock',
  'uv.lock',
  'Gemfile.lock',
];

/** Where versions are looked for in any case; for a package in a folder also in the locks above it. */
export function wellKnownPaths(filter: PathFilter | null): readonly string[] {
  if (filter === null) return WELL_KNOWN_FILES;
  const { home } = filter;
  const above = [...home.matchAll(/[^/]*\//g)].map(({ index }) => home.slice(0, index));
  return [
    ...WELL_KNOWN_FILES.map((name) => home + name).filter((path) => filter.matches(path)),
    ...above.flatMap((folder) => LOCKS.map((name) => folder + name)),
  ];
}

/**
 * What of a tree has to be read as well to raise a version, once the files that are always read are known: the members
 * of a Cargo workspace, and files that are conventional by their kind.
 */
export function moreVersionPaths(
  paths: readonly string[],
  texts: FileTexts,
  filter: PathFilter | null = null,
): readonly string[] {
  const home = filter?.home ?? '';
  const folders = [...texts].flatMap(([path, text]) =>
    text !== null && isManifest(path) && isWorkspace(path, text) ? [path.slice(0, -'Cargo.toml'.length)] : [],
  );
  const members = paths.filter(
    (path) =>
      isManifest(path) &&
      folders.some((folder) => path.startsWith(folder)) &&
      !/(?:^|\/)(?:target|vendor|node_modules)\//.test(path),
  );
  const below = paths.flatMap((path) => (path.startsWith(home) ? [path.slice(home.length)] : []));
  const conventional = conventionalPaths(below).map((path) => home + path);
  const own = [...members, ...conventional].filter((path) => filter?.matches(path) ?? true);
  const wanted = new Set([...own, ...workspaceLocks(paths, texts)]);
  return [...wanted].filter((path) => !texts.has(path));
}

/** Locks that repeat what packages ask for of each other: of use only where several are raised. They may be long. */
function workspaceLocks(paths: readonly string[], texts: FileTexts): readonly string[] {
  const packages = [...texts].flatMap(([path, text]) =>
    text !== null && /(?:^|\/)package\.json$/.test(path) ? [path.slice(0, -'package.json'.length)] : [],
  );
  return paths.filter((path) => {
    const [, folder = ''] = /^(.*\/)?(?:pnpm-lock\.yaml|yarn\.lock)$/.exec(path) ?? [];
    const isLock = /(?:^|\/)(?:pnpm-lock\.yaml|yarn\.lock)$/.test(path);
    return isLock && packages.filter((one) => one.startsWith(folder)).length > 1;
  });
}
