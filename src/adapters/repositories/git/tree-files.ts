import type { Sha } from '../../../domain/release/release.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import {
  follow,
  followToFile,
  isLink,
  isPlainFile,
  type LinkedTree,
  type Listed,
  listThroughLinks,
} from '../links.ts';
import type { Blob } from '../port.ts';
import { GitSurprise } from './failure.ts';
import { checkSha, type LocalCommits, parts, unknownCommit } from './local-commits.ts';
import { type GitObject, ObjectReader, type TreeEntry } from './object-reader.ts';
import type { Outcome } from './process.ts';

/** Listings that are kept, of the newest commits that were asked about. */
const LISTINGS = 2;

/** The files of commits. */
export class TreeFiles {
  readonly #local: LocalCommits;
  readonly #readers = new Map<Sha, { readonly reader: ObjectReader; users: number }>();
  readonly #listings = new Map<Sha, Promise<readonly Listed[]>>();

  constructor(local: LocalCommits) {
    this.#local = local;
  }

  /** Links are followed. Refusals of `follow`. */
  async read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#withTree(commit, (tree) =>
      Promise.all(
        paths.map(async (path): Promise<Blob | null> => {
          const place = await followToFile(path, tree);
          if (place === null) return null;
          const object = await tree.object(place.entry.id);
          const at = place.path === path ? {} : { at: place.path };
          return object && { path, blob: object.id, bytes: object.bytes, ...at };
        }),
      ),
    );
  }

  async placesOf(commit: Sha, paths: readonly string[]): Promise<readonly string[]> {
    return this.#withTree(commit, (tree) =>
      Promise.all(paths.map(async (path) => (await follow(path, tree)).path)),
    );
  }

  /** Does the work until no object is missing any more. */
  async #withTree<T>(commit: Sha, work: (tree: CommitTree) => Promise<T>): Promise<T> {
    return this.#local.withCommits([commit], async () => {
      for (const fetched: Sha[] = []; ; ) {
        const { reader, close } = this.#readerOf(commit);
        const tree = new CommitTree(reader, commit);
        try {
          if ((await reader.tree(commit, '')) === null) throw unknownCommit(commit);
          const done = await work(tree);
          if (tree.missing.size === 0) return done;
        } finally {
          close();
        }
        const missing = [...tree.missing];
        if (missing.some((id) => fetched.includes(id))) throw this.#local.fetcher.lost(missing);
        await this.#local.fetcher.fetchBlobs(missing);
        fetched.push(...missing);
      }
    });
  }

  /** One process for all who read files of a commit at the same time. Close it. */
  #readerOf(commit: Sha): { readonly reader: ObjectReader; readonly close: () => void } {
    const shared = this.#readers.get(commit) ?? { reader: new ObjectReader(this.#local.cache.git), users: 0 };
    this.#readers.set(commit, shared);
    shared.users += 1;
    const close = () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      if (this.#readers.get(commit) === shared) this.#readers.delete(commit);
      shared.reader.close();
    };
    return { reader: shared.reader, close };
  }

  async list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    const all = await this.#listing(commit);
    const files = all.filter((entry) => isPlainFile(entry) || isLink(entry)).map(({ path }) => path);
    if (folders.length === 0) return files;
    if (all.every(isPlainFile))
      return files.filter((path) => folders.some((folder) => isBelow(path, folder)));
    const below = async (wanted: readonly string[]) =>
      all.filter(({ path }) => wanted.some((folder) => path.startsWith(`${folder}/`)));
    return this.#withTree(commit, (tree) => listThroughLinks(folders, tree, below));
  }

  /** All of a commit but folders, which is asked about again and again while a release is planned. */
  #listing(commit: Sha): Promise<readonly Listed[]> {
    const known = this.#listings.get(commit);
    if (known) return known;
    const listing = this.#local
      .run([commit], ['ls-tree', '-r', '-z', '--full-tree', commit])
      .then((outcome) => entriesOf(outcome).toSorted((a, b) => (a.path < b.path ? -1 : 1)));
    const [oldest] = this.#listings.keys();
    if (oldest !== undefined && this.#listings.size === LISTINGS) this.#listings.delete(oldest);
    this.#listings.set(commit, listing);
    listing.catch(() => this.#listings.delete(commit));
    return listing;
  }

  /** Searching a large tree takes a while, and every plan of a promotion asks the same: the answer is kept. */
  async containing(commit: Sha, text: string): Promise<readonly string[]> {
    checkSha(commit);
    await this.#local.cache.ready();
    return this.#local.cache.remembered(`containing ${commit} ${text}`, () => this.#search(commit, text));
  }

  async #search(commit: Sha, text: string): Promise<readonly string[]> {
    if (this.#local.fetcher.isPartial) await this.#fetchTree(commit);
    const args = ['grep', '-l', '-z', '-I', '--fixed-strings', '--full-name', '-e', text, commit, '--'];
    return this.#local.withCommits([commit], async () => {
      const outcome = await this.#local.cache.git.run(args);
      if (outcome.code === 1 && outcome.stderr === '') return [];
      if (outcome.code !== 0) throw new GitSurprise('searching', outcome);
      const prefix = commit.length + 1;
      return parts(outcome)
        .map((line) => line.slice(prefix))
        .sort();
    });
  }

  async changed(from: Sha, to: Sha): Promise<readonly string[]> {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--'];
    return parts(await this.#local.run([from, to], args)).sort();
  }

  /** All blobs of a commit's tree that are not here yet, in one fetch. */
  async #fetchTree(commit: Sha): Promise<void> {
    const args = ['rev-list', '--objects', '--no-walk', '--missing=print', '--no-object-names', commit];
    const outcome = await this.#local.run([commit], args);
    const missing = outcome.stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('?'));
    if (missing.length > 0) await this.#local.fetcher.fetchBlobs(missing.map((line) => line.slice(1)));
  }
}

function isBelow(path: string, folder: string): boolean {
  const bare = withoutTrailing(folder, '/');
  return path === bare || path.startsWith(`${bare}/`);
}

/** Objects of one commit, as far as they are here. */
class CommitTree implements LinkedTree<TreeEntry> {
  readonly missing = new Set<Sha>();
  readonly #reader: ObjectReader;
  readonly #commit: Sha;

  constructor(reader: ObjectReader, commit: Sha) {
    this.#reader = reader;
    this.#commit = commit;
  }

  entry(path: string): Promise<TreeEntry | null> {
    return this.#reader.entry(this.#commit, path);
  }

  /** Null for what has to be fetched first. */
  async object(id: Sha): Promise<GitObject | null> {
    const object = await this.#reader.get(id);
    if (object === null) this.missing.add(id);
    return object;
  }

  async target({ id }: TreeEntry): Promise<string | null> {
    return (await this.object(id))?.bytes.toString('utf8') ?? null;
  }
}

/** What `git ls-tree -r -z` says. */
function entriesOf(outcome: Outcome): Listed[] {
  return parts(outcome).map((line) => ({
    mode: line.slice(0, line.indexOf(' ')),
    path: line.slice(line.indexOf('\t') + 1),
  }));
}
