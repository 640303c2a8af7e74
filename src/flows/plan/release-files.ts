import type { Repository } from '../../adapters/repositories/port.ts';
import { readOutline } from '../../domain/changelog/changelog.ts';
import {
  FRAGMENT_FOLDERS,
  fragmentFolderIn,
  isFragment,
  readFragments,
} from '../../domain/changelog/fragments.ts';
import { outlineOf } from '../../domain/changelog/outline.ts';
import type { Service } from '../../domain/policy/service.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { Sha } from '../../domain/release/release.ts';
import { VERSION_MARKER } from '../../domain/release/version-files/checked.ts';
import {
  moreVersionPaths,
  type VersionScope,
  versionScope,
  wellKnownPaths,
} from '../../domain/release/version-files/more-paths.ts';
import { findVersions } from '../../domain/release/version-files/version-files.ts';

type FilesService = Pick<Service, 'changelog' | 'versionFiles' | 'paths'>;

/** Changelog, version files and files with a marker, and what they say; done while the commits still come in. */
export async function readFiles(repository: Repository, service: FilesService, base: Sha) {
  const scope = versionScope(pathFilter(service.paths));
  const { home } = scope;
  const folders = FRAGMENT_FOLDERS.map((folder) => home + folder);
  const [texts, listed, before] = await Promise.all([
    readVersionTexts(repository, service, base),
    repository.list(base, home === '' ? folders : [...folders, '.changeset']),
    readAll(repository, base, [service.changelog]),
  ]);
  const changelogBefore = before[0]?.[1] ?? null;
  const outline = changelogBefore === null ? null : outlineOf(changelogBefore, service.changelog);
  const folder = fragmentFolderIn(texts.get(`${home}pyproject.toml`) ?? null);
  const others = folder === null ? [] : await repository.list(base, [home + folder]);
  const wanted = [...listed, ...others].filter(
    (path) => isFragmentOf(path, scope, folder) && path !== service.changelog,
  );
  const found = await readAll(repository, base, wanted);
  return {
    changelogBefore,
    fragments: readFragments(
      found.flatMap(([path, text]) => (text === null ? [] : [{ path, text }])),
      scope.filter === null ? null : packagesIn(texts),
    ),
    outline,
    reading: readOutline(outline),
    places: findVersions(
      [...texts].map(([path, text]) => ({ path, text })),
      service.versionFiles,
      home,
    ),
  };
}

/** Whether a file is a fragment that a release of this service takes out; changesets of all packages lie at the root. */
export function isFragmentOf(path: string, { home }: VersionScope, folder: string | null = null): boolean {
  if (path.startsWith('.changeset/')) return isFragment(path);
  return path.startsWith(home) && isFragment(path.slice(home.length), folder);
}

/** Names in the package.json files that are raised. */
function packagesIn(texts: ReadonlyMap<string, string | null>): ReadonlySet<string> {
  return new Set(
    [...texts].flatMap(([path, text]) => {
      if (text === null || !/(?:^|\/)package\.json$/.test(path)) return [];
      const name = /"name"\s*:\s*"([^"]+)"/.exec(text)?.[1];
      return name === undefined ? [] : [name];
    }),
  );
}

/**
 * Texts of all files in which a release of the service looks for its version, by path; null for files that are not
 * there. Refusals: `paths-without-files`, `file-not-text`.
 */
export async function readVersionTexts(
  repository: Repository,
  service: FilesService,
  commit: Sha,
): Promise<Map<string, string | null>> {
  const { paths, changelog } = service;
  const scope = versionScope(pathFilter(paths));
  const { filter, home } = scope;
  const certain = new Set([...wellKnownPaths(scope), ...service.versionFiles.map(({ path }) => path)]);
  certain.delete(changelog);
  const [named, marked, all] = await Promise.all([
    readAll(repository, commit, [...certain]),
    repository.containing(commit, VERSION_MARKER),
    repository.list(commit, []),
  ]);
  if (filter && paths && !all.some(filter.matches)) throw new Refusal('paths-without-files', { paths });
  const texts = new Map(named);
  const ours = marked.filter((path) => filter === null || (path.startsWith(home) && filter.matches(path)));
  const more = new Set([...ours, ...moreVersionPaths(all, texts, scope)]);
  const unread = [...more].filter((path) => !certain.has(path) && path !== changelog);
  return new Map([...named, ...(await readAll(repository, commit, unread))]);
}

async function readAll(
  repository: Repository,
  base: Sha,
  paths: readonly string[],
): Promise<readonly (readonly [string, string | null])[]> {
  if (paths.length === 0) return [];
  const blobs = await repository.read(base, paths);
  return paths.map((path, index) => {
    const blob = blobs[index] ?? null;
    return [path, blob === null ? null : textOf(path, blob.bytes)] as const;
  });
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('file-not-text', { path });
  }
}
