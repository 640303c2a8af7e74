import { Unavailable, whenRefused } from '../../../domain/refusals/refusal.ts';
import type { FileChange, Sha } from '../../../domain/release/release.ts';
import {
  follow,
  followToFile,
  isLink,
  isPlainFile,
  type LinkedTree,
  listThroughLinks,
  mustBeFile,
} from '../links.ts';
import { fetchOnce, Lru } from '../lru.ts';
import type { Blob } from '../port.ts';
import type { GithubClient } from './api/client.ts';
import { InFlight } from './api/in-flight.ts';
import type { GithubTreeEntry } from './api/shapes.ts';
import * as shapes from './api/shapes.ts';
import type { KnownDiffs } from './known/diffs.ts';
import { blobIdOf, treeIdOf } from './known/tree-id.ts';
import { filesOf } from './tarball.ts';
import { type Files, GithubTrees } from './trees.ts';

/** More unknown blobs than this are fetched as one archive, where the tree is small enough for that. */
const ONE_BY_ONE = 12;
/** A tree of at most so many bytes comes as a whole once one of its blobs is wanted, and more are not known. */
const SMALL_BYTES = 1024 * 1024;
/** Sum of the blobs of a tree, in bytes, up to which its archive is fetched. */
const ARCHIVE_BYTES = 100 * 1024 * 1024;
/** What an archive has besides the files themselves, at most, in bytes: headers and padding of each, and its end. */
const ENTRY_OVERHEAD = 16 * 1024;
const ARCHIVE_OVERHEAD = 1024 * 1024;
/** An archive may take this many times as long as any other answer. */
const ARCHIVE_PATIENCE = 6;
/** Longer files are not searched: no version stands in them. */
const SEARCHED_BYTES = 1024 * 1024;
/** Of a larger tree the id is not computed here. */
const MOST_PROVEN = 20_000;
const KEPT_BYTES = 64 * 1024 * 1024;

/** Trees and blobs by their ids. What an id names never changes, so all of it is asked for once and kept. */
export class GithubFiles {
  readonly #client: GithubClient;
  readonly #trees: GithubTrees;
  readonly #blobs = new Lru<Promise<Buffer>>(KEPT_BYTES);
  /** Archives under way, by commit. */
  readonly #archives = new InFlight();
  /** Ids of blobs that were searched for a text, with the answer. */
  readonly #searched = new Map<string, Map<Sha, boolean>>();

  readonly #diffs: KnownDiffs;

  constructor(client: GithubClient, diffs: KnownDiffs) {
    this.#client = client;
    this.#diffs = diffs;
    this.#trees = new GithubTrees(client);
  }

  /** Refusal `commit-unknown`. */
  of(commit: Sha): Promise<Files> {
    return this.#trees.of(commit);
  }

  /** Links are followed. Refusals of `follow`. */
  async read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    if (!this.#trees.has(commit)) await this.#diffs.settled(commit);
    const alike = this.#trees.has(commit)
      ? undefined
      : this.#diffs.alike(commit, paths).find((one) => this.#trees.has(one));
    const found = alike === undefined ? null : await this.#places(alike, paths).catch(whenRefused(null));
    // That paths are alike says nothing of what links among them lead to.
    const isSame = found?.every((place, index) => place === null || place.path === paths[index]) ?? false;
    const at = isSame && alike !== undefined ? alike : commit;
    const places = isSame && found !== null ? found : await this.#places(commit, paths);
    const files = await this.of(at);
    const present = places.flatMap((place) => (place === null ? [] : [place.entry]));
    await this.#preload(at, files, present);
    return Promise.all(
      places.map(async (place, index) => {
        if (place === null) return null;
        const path = paths[index] ?? place.path;
        const followed = place.path === path ? {} : { at: place.path };
        return { path, blob: place.entry.sha, bytes: await this.#blob(place.entry), ...followed };
      }),
    );
  }

  async #places(commit: Sha, paths: readonly string[]) {
    const tree = this.#linked(await this.of(commit));
    return Promise.all(paths.map((path) => followToFile(path, tree)));
  }

  async placesOf(commit: Sha, paths: readonly string[]): Promise<readonly string[]> {
    const tree = this.#linked(await this.of(commit));
    return Promise.all(paths.map(async (path) => (await follow(path, tree)).path));
  }

  async list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    const files = await this.of(commit);
    const all = [...files.values()];
    if (folders.length === 0) {
      return all
        .filter((entry) => isPlainFile(entry) || isLink(entry))
        .map(({ path }) => path)
        .sort();
    }
    return listThroughLinks(folders, this.#linked(files), async (wanted) =>
      all.filter(({ path }) => wanted.some((folder) => path.startsWith(`${folder}/`))),
    );
  }

  /** Refusal `not-a-file` where a file could only be written in place of something else. */
  async mustBeFiles(commit: Sha, paths: readonly string[]): Promise<void> {
    const tree = this.#linked(await this.of(commit));
    await Promise.all(paths.map((path) => mustBeFile(path, tree)));
  }

  #linked(files: Files): LinkedTree<GithubTreeEntry> {
    return {
      entry: async (path) => files.get(path) ?? folderIn(files, path),
      target: async (link) => (await this.#blob(link)).toString('utf8'),
    };
  }

  /** Text files of at most a megabyte that contain a text; blobs that were searched before are not read again. */
  async containing(commit: Sha, text: string): Promise<readonly string[]> {
    const files = [...(await this.of(commit)).values()].filter(
      (entry) => isPlainFile(entry) && (entry.size ?? 0) <= SEARCHED_BYTES,
    );
    const known = this.#searched.get(text) ?? new Map<Sha, boolean>();
    this.#searched.set(text, known);
    const unknown = files.filter((entry) => entry.size !== 0 && !known.has(entry.sha));
    if (unknown.length > 0) {
      const wanted = Buffer.from(text);
      const search = (sha: Sha, bytes: Buffer) => {
        known.set(sha, !isBinary(bytes) && bytes.includes(wanted));
      };
      await this.#preload(commit, await this.of(commit), unknown, search);
      await Promise.all(
        unknown
          .filter(({ sha }) => !known.has(sha))
          .map(async (entry) => search(entry.sha, await this.#blob(entry))),
      );
    }
    return files
      .filter(({ sha }) => known.get(sha) === true)
      .map(({ path }) => path)
      .sort();
  }

  async changed(from: Sha, to: Sha): Promise<readonly string[]> {
    const [before, after] = await Promise.all([this.of(from), this.of(to)]);
    const paths = new Set([...before.keys(), ...after.keys()]);
    return [...paths]
      .filter((path) => {
        const [was, is] = [before.get(path), after.get(path)];
        return was?.sha !== is?.sha || was?.mode !== is?.mode;
      })
      .sort();
  }

  /**
   * A commit that was made from another by writing files. What it holds is known when it gives exactly the id that
   * GitHub answered with for its tree.
   */
  async wrote(
    parent: Sha,
    made: { readonly commit: Sha; readonly tree: Sha },
    changes: readonly FileChange[],
  ): Promise<void> {
    const files = new Map(await this.of(parent));
    if (files.size > MOST_PROVEN) return;
    const blobs = changes.map(({ path, text }) => {
      const bytes = text === null ? null : Buffer.from(text);
      const sha = bytes === null ? null : blobIdOf(bytes, made.tree);
      if (bytes === null || sha === null) files.delete(path);
      else {
        const mode = modeOf(files.get(path)?.mode);
        files.set(path, { path, mode, type: 'blob', sha, size: bytes.length });
      }
      return { bytes, sha };
    });
    if (treeIdOf(files, made.tree) !== made.tree) return;
    this.#trees.keep(made.commit, files);
    for (const { bytes, sha } of blobs) {
      if (bytes !== null && sha !== null) this.#blobs.set(sha, Promise.resolve(bytes), weightOf(bytes));
    }
  }

  #blob({ sha }: GithubTreeEntry): Promise<Buffer> {
    const fetch = async () => {
      const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
      const { content, encoding } = await this.#client.get(route, { file_sha: sha }, shapes.Blob, {
        fixed: true,
      });
      return Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
    };
    return fetchOnce(this.#blobs, sha, fetch, weightOf);
  }

  /** Many unknown blobs come with one archive. Its files count by their own hash, whatever attributes did to them. */
  async #preload(
    commit: Sha,
    files: Files,
    wanted: readonly GithubTreeEntry[],
    onFile: (sha: Sha, bytes: Buffer) => void = () => {},
  ): Promise<void> {
    const missing = new Set(wanted.filter(({ sha }) => !this.#blobs.has(sha)).map(({ sha }) => sha));
    const total = [...files.values()].reduce((sum, { size = 0 }) => sum + size, 0);
    const isSmall = total <= SMALL_BYTES;
    if (total > ARCHIVE_BYTES || missing.size === 0) return;
    const isUnknown = (entry: GithubTreeEntry) => isPlainFile(entry) && !this.#blobs.has(entry.sha);
    const isLast = isSmall && [...files.values()].filter(isUnknown).length === 1;
    if (isLast || (!isSmall && missing.size <= ONE_BY_ONE)) return;
    const archive = await this.#archive(commit);
    try {
      for (const { bytes } of filesOf(archive, total + ENTRY_OVERHEAD * files.size + ARCHIVE_OVERHEAD)) {
        const sha = blobIdOf(bytes, commit);
        if (!isSmall && !missing.has(sha)) continue;
        if (missing.has(sha)) onFile(sha, bytes);
        this.#blobs.set(sha, Promise.resolve(Buffer.from(bytes)), weightOf(bytes));
      }
    } catch (cause) {
      throw new Unavailable('GitHub', 'sent an archive that cannot be read', { cause });
    }
  }

  #archive(commit: Sha): Promise<Buffer> {
    const route = 'GET /repos/{owner}/{repo}/tarball/{ref}';
    const patience = this.#client.timeoutMs * ARCHIVE_PATIENCE;
    return this.#archives.share(commit, () => this.#client.download(route, { ref: commit }, patience));
  }
}

/** A file keeps its executable bit. */
export function modeOf(before: string | undefined): string {
  return before === '100755' ? before : '100644';
}

/** GitHub lists trees as their files; the folders of those that were asked for. */
const FOLDERS = new WeakMap<Files, ReadonlySet<string>>();

function folderIn(files: Files, path: string): GithubTreeEntry | null {
  let folders = FOLDERS.get(files);
  if (folders === undefined) {
    folders = foldersOf(files.keys());
    FOLDERS.set(files, folders);
  }
  return folders.has(path) ? { path, mode: '040000', type: 'tree', sha: '' } : null;
}

function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of paths) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const folder = path.slice(0, cut);
      if (found.has(folder)) break;
      found.add(folder);
    }
  }
  return found;
}

/** Git's own test: a NUL among the first 8000 bytes. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8_000).includes(0);
}

function weightOf(bytes: Buffer): number {
  return bytes.length + 100;
}
