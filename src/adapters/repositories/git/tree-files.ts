import type { Sha } from '../../../domain/release/release.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import type { Blob } from '../port.ts';
import { GitSurprise } from './failure.ts';
import { checkSha, type LocalCommits, parts, unknownCommit } from './local-commits.ts';
import { ObjectReader } from './object-reader.ts';
import type { Outcome } from './process.ts';

/** Listings that are kept, of the newest commits that were asked about. */
const LISTINGS = 2;

/** The files of commits. */
export class TreeFiles {
  readonly #local: LocalCommits;
  readonly #readers = new Map<Sha, { readonly reader: ObjectReader; users: number }>();
  readonly #listings = new Map<Sha, Promise<readonly string[]>>();

  constructor(local: LocalCommits) {
    this.#local = local;
  }

  async read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#local.withCommits([commit], async () => {
      const first = await this.#readPresent(commit, paths);
      if (first.missing.length === 0) return first.blobs;
      await this.#local.fetcher.fetchBlobs(first.missing);
      const second = await this.#readPresent(commit, paths);
      if (second.missing.length > 0) throw this.#local.fetcher.lost(second.missing);
      return second.blobs;
    });
  }

  async #readPresent(commit: Sha, paths: readonly string[]) {
    const { reader, close } = this.#readerOf(commit);
    const missing: Sha[] = [];
    try {
      if ((await reader.tree(commit, '')) === null) throw unknownCommit(commit);
      const blobs = await Promise.all(
        paths.map(async (path) => {
          const entry = await reader.entry(commit, path);
          if (!entry || !/^100/.test(entry.mode)) return null;
          const object = await reader.get(entry.id);
          if (object === null) missing.push(entry.id);
          return object && { path, blob: object.id, bytes: object.bytes };
        }),
      );
      return { blobs, missing };
    } finally {
      close();
    }
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
    return folders.length === 0 ? all : all.filter((path) => folders.some((folder) => isBelow(path, folder)));
  }

  /** All files of a commit, which is asked about again and again while a release is planned. */
  #listing(commit: Sha): Promise<readonly string[]> {
    const known = this.#listings.get(commit);
    if (known) return known;
    const listing = this.#local
      .run([commit], ['ls-tree', '-r', '-z', '--full-tree', commit])
      .then((outcome) =>
        entriesOf(outcome)
          .map(({ path }) => path)
          .sort(),
      );
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

/** Plain files of `git ls-tree -z`: no links, no other repositories. */
function entriesOf(outcome: Outcome): { path: string }[] {
  return parts(outcome).flatMap((line) => {
    const tab = line.indexOf('\t');
    return /^100\d{3} blob /.test(line) ? [{ path: line.slice(tab + 1) }] : [];
  });
}
