import type { Blob, Repository } from '../../adapters/repositories/port.ts';
import { readOutline } from '../../domain/changelog/changelog.ts';
import { FRAGMENT_FOLDERS, isFragment, readFragments } from '../../domain/changelog/fragments/fragments.ts';
import { TOWNCRIER_FILES, type Towncrier, towncrierIn } from '../../domain/changelog/fragments/towncrier.ts';
import { outlineOf } from '../../domain/changelog/outline.ts';
import type { Service } from '../../domain/policy/service.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { fileText } from '../../domain/release/file-text.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { FileChange, Sha } from '../../domain/release/release.ts';
import { brokenMember } from '../../domain/release/version-files/cargo.ts';
import { isMarked, VERSION_MARKER } from '../../domain/release/version-files/checked.ts';
import { moreVersionPaths, wellKnownPaths } from '../../domain/release/version-files/more-paths.ts';
import {
  findVersions,
  unreadVersion,
  type VersionPlaces,
} from '../../domain/release/version-files/version-files.ts';

type FilesService = Pick<Service, 'changelog' | 'versionFiles' | 'paths'>;

/** What nobody named is read no further than this: far more than modules and crates of any repository. */
const MOST_FILES = 3_000;

interface Text {
  readonly text: string;
  /** Where it is, links followed. */
  readonly at: string;
}
type Texts = Map<string, Text | null>;

/** Changelog, version files and files with a marker, and what they say; done while the commits still come in. */
export async function readFiles(repository: Repository, service: FilesService, base: Sha) {
  const filter = pathFilter(service.paths);
  const home = filter?.home ?? '';
  const folders = FRAGMENT_FOLDERS.map((folder) => home + folder);
  const [{ texts, left }, listed, changelog, towncrier] = await Promise.all([
    readVersionTexts(repository, service, base),
    repository.list(base, home === '' ? folders : [...folders, '.changeset']),
    readChangelog(repository, service.changelog, base),
    towncrierAt(repository, base, home),
  ]);
  const outline = changelog.before === null ? null : outlineOf(changelog.before, changelog.path);
  const own = (towncrier?.folders ?? []).map((folder) => home + folder);
  const others = own.length === 0 ? [] : await repository.list(base, own);
  const wanted = [...new Set([...listed, ...others])].filter(
    (path) => isFragmentOf(path, home, towncrier) && path !== service.changelog,
  );
  const found = await readAll(repository, base, wanted);
  const places = versionPlaces(texts, service, changelog.path);
  const raised = new Set(places.map(({ path }) => path));
  const plain = new Map([...texts].map(([path, file]) => [path, file?.text ?? null]));
  const fragments = readFragments(
    [...found].flatMap(([path, file]) => (file === null ? [] : [{ path, text: file.text }])),
    { packages: filter === null ? null : packagesIn(texts), home, towncrier },
  );
  return {
    changelog,
    fragments: { ...fragments, files: await inPlace(repository, base, fragments.files, found) },
    outline,
    reading: readOutline(outline),
    places,
    /** Why files that nobody named, but that hold the version, stay as they are. */
    left: [
      ...left,
      ...[...texts.values()].flatMap((file) => (file && unreadVersion(file.at, file.text, places)) ?? []),
      ...[...plain.keys()].flatMap((path) => (raised.has(path) ? [] : (brokenMember(path, plain) ?? []))),
    ],
  };
}

/** The changelog and where it is, or where it is to be begun. */
async function readChangelog(repository: Repository, path: string, base: Sha) {
  const file = (await readAll(repository, base, [path])).get(path) ?? null;
  if (file !== null) return { path: file.at, before: file.text };
  const all = await repository.list(base, []);
  if (all.some((one) => one.startsWith(`${path}/`))) {
    throw new Refusal('not-a-file', { path, what: 'folder', at: path });
  }
  const [place = path] = await repository.placesOf(base, [path]);
  return { path: place, before: null };
}

/** By where the files are: two names may lead to one. */
export function versionPlaces(
  texts: Texts,
  service: FilesService,
  changelog: string | null,
): readonly VersionPlaces[] {
  const files = [...texts].flatMap(([path, file]) =>
    file !== null && file.at === changelog ? [] : [{ path, text: file?.text ?? null }],
  );
  const places = new Map<string, VersionPlaces>();
  for (const place of findVersions(files, service.versionFiles, pathFilter(service.paths)?.home)) {
    const path = texts.get(place.path)?.at ?? place.path;
    const other = places.get(path);
    places.set(path, other === undefined ? { ...place, path } : joined(other, place));
  }
  return [...places.values()];
}

function joined(one: VersionPlaces, other: VersionPlaces): VersionPlaces {
  return {
    ...one,
    ranges: [...one.ranges, ...other.ranges],
    checked: [...one.checked, ...other.checked],
    conventional: [...one.conventional, ...other.conventional],
    version: one.version ?? other.version,
    hint: one.hint ?? other.hint,
    telling: one.telling ?? other.telling,
  };
}

/** What becomes of fragments: a link among them is taken out itself, not what it leads to. */
async function inPlace(
  repository: Repository,
  base: Sha,
  files: readonly FileChange[],
  found: Texts,
): Promise<readonly FileChange[]> {
  const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
  const folders = [...new Set(files.map(({ path }) => folderOf(path)))];
  if (folders.length === 0) return [];
  const places = await repository.placesOf(base, folders);
  return files.map(({ path, text }) => {
    const folder = places[folders.indexOf(folderOf(path))];
    const at = text === null ? `${folder}/${path.slice(folderOf(path).length + 1)}` : found.get(path)?.at;
    return { path: at ?? path, text };
  });
}

/** Whether a file is a fragment that a release of this service takes out; changesets of all packages lie at the root. */
export function isFragmentOf(path: string, home: string, towncrier: Towncrier | null): boolean {
  if (path.startsWith('.changeset/')) return isFragment(path);
  return path.startsWith(home) && isFragment(path.slice(home.length), towncrier);
}

/** The settings of towncrier that stand in the home of a service. */
export async function towncrierAt(
  repository: Repository,
  commit: Sha,
  home: string,
): Promise<Towncrier | null> {
  const files = await readEach(
    repository,
    commit,
    TOWNCRIER_FILES.map((name) => home + name),
  );
  return towncrierIn(
    files.map((file) =>
      file === null || file instanceof Refusal ? null : Buffer.from(file.bytes).toString(),
    ),
  );
}

/** Names in the package.json files that are raised. */
function packagesIn(texts: Texts): ReadonlySet<string> {
  return new Set(
    [...texts].flatMap(([path, file]) => {
      if (file === null || !/(?:^|\/)package\.json$/.test(path)) return [];
      const name = /"name"\s*:\s*"([^"]+)"/.exec(file.text)?.[1];
      return name === undefined ? [] : [name];
    }),
  );
}

/**
 * Texts of all files in which a release of the service looks for its version, by path; null for files that are not
 * there, and why some were left out. Refusals: `paths-without-files`, those of `fileText` and of reading files.
 */
export async function readVersionTexts(
  repository: Repository,
  service: FilesService,
  commit: Sha,
): Promise<{ readonly texts: Texts; readonly left: readonly Refusal[] }> {
  const { paths, changelog } = service;
  const filter = pathFilter(paths);
  const certain = new Set([...wellKnownPaths(filter), ...service.versionFiles.map(({ path }) => path)]);
  certain.delete(changelog);
  const [named, marked, all] = await Promise.all([
    readAll(repository, commit, [...certain]),
    repository.containing(commit, VERSION_MARKER),
    repository.list(commit, []),
  ]);
  if (filter && paths && !all.some(filter.matches)) throw new Refusal('paths-without-files', { paths });
  const texts = new Map([...named].map(([path, file]) => [path, file?.text ?? null]));
  const ours = marked.filter(
    (path) => filter === null || (path.startsWith(filter.home) && filter.matches(path)),
  );
  const more = new Set([...ours, ...moreVersionPaths(all, texts, filter)]);
  const unread = [...more].filter((path) => !certain.has(path) && path !== changelog);
  const others = await readPossible(repository, commit, unread.slice(0, MOST_FILES));
  const tooMany = new Refusal('version-files-too-many', { count: unread.length, most: MOST_FILES });
  return {
    texts: new Map([...named, ...others.texts]),
    left: [...(unread.length > MOST_FILES ? [tooMany] : []), ...others.left],
  };
}

async function readAll(repository: Repository, base: Sha, paths: readonly string[]): Promise<Texts> {
  if (paths.length === 0) return new Map();
  const blobs = await repository.read(base, paths);
  return new Map(paths.map((path, index) => [path, textIn(path, blobs[index] ?? null)]));
}

function textIn(path: string, blob: Blob | null): Text | null {
  return blob === null ? null : { text: fileText(path, blob.bytes), at: blob.at ?? path };
}

/** Files that nobody named: those that are not as they should be keep no release from being cut. */
async function readPossible(
  repository: Repository,
  base: Sha,
  paths: readonly string[],
): Promise<{ readonly texts: Texts; readonly left: readonly Refusal[] }> {
  const texts: Texts = new Map();
  const left: Refusal[] = [];
  const blobs = await readEach(repository, base, paths);
  paths.forEach((path, index) => {
    const blob = blobs[index] ?? null;
    try {
      if (blob instanceof Refusal) throw blob;
      texts.set(path, textIn(path, blob));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const isMeant =
        blob === null || blob instanceof Refusal || isMarked(Buffer.from(blob.bytes).toString('latin1'));
      if (isMeant || !path.includes('/')) left.push(error);
    }
  });
  return { texts, left };
}

/** Each file, or why it is not to be had. */
export async function readEach(
  repository: Repository,
  commit: Sha,
  paths: readonly string[],
): Promise<readonly (Blob | null | Refusal)[]> {
  if (paths.length === 0) return [];
  try {
    return await repository.read(commit, paths);
  } catch (error) {
    if (!isOfOne(error)) throw error;
  }
  return Promise.all(
    paths.map((path) =>
      repository.read(commit, [path]).then(
        ([blob = null]) => blob,
        (error: unknown) => {
          if (isOfOne(error)) return error;
          throw error;
        },
      ),
    ),
  );
}

function isOfOne(error: unknown): error is Refusal {
  return error instanceof Refusal && (error.code === 'link-not-followed' || error.code === 'not-a-file');
}
