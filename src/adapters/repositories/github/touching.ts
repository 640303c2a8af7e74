import { isBreakingMerge, isMergeMessage } from '../../../domain/release/merge-message.ts';
import type { PathFilter } from '../../../domain/release/paths.ts';
import type { Commit, Sha } from '../../../domain/release/release.ts';
import { fetchOnce, Lru } from '../lru.ts';
import type { GithubClient } from './api/client.ts';
import * as shapes from './api/shapes.ts';
import type { GithubHistory } from './history.ts';

/** GitHub tells so many files of a commit on a page, and no more than these in all. */
const FILES_PER_PAGE = 100;
const MOST_FILES = 3_000;
const KEPT_COMMITS = 2_000;

/**
 * Which commits touch files. GitHub lists commits by one path, and the files of one commit: the second is only asked for
 * where the first does not tell, as it is one request for each commit.
 */
export class GithubTouching {
  readonly #client: GithubClient;
  readonly #history: GithubHistory;
  /** Paths that a commit changed, by its id; null when there are more than GitHub tells. */
  readonly #files = new Lru<Promise<readonly string[] | null>>(KEPT_COMMITS);

  constructor(client: GithubClient, history: GithubHistory) {
    this.#client = client;
    this.#history = history;
  }

  async of(after: Sha | null, until: Sha, paths: PathFilter): Promise<ReadonlySet<Sha>> {
    const { plain, merges, oldest } = await this.#range(after, until);
    const listed = paths.roots.includes('') ? plain : await this.#listed(until, paths, plain, oldest);
    const unknown = paths.isWhole ? merges : [...listed, ...merges];
    const found = new Set(paths.isWhole ? listed : []);
    const told = await Promise.all(unknown.map((sha) => this.#filesOf(sha)));
    unknown.forEach((sha, index) => {
      const files = told[index];
      if (!files || files.some(paths.matches)) found.add(sha);
    });
    return found;
  }

  /** The commits of the range that are no merges, the merges into its branch, and when the oldest of all was made. */
  async #range(after: Sha | null, until: Sha) {
    const plain = new Set<Sha>();
    const merges: Sha[] = [];
    let oldest = Number.POSITIVE_INFINITY;
    let next: Sha | undefined = until;
    const commits: AsyncIterable<Commit> =
      after === null ? this.#history.upTo(until) : this.#history.between(after, until);
    for await (const { sha, parents = [], message, at } of commits) {
      const isOnBranch = sha === next;
      if (isOnBranch) next = parents[0];
      if (parents.length < 2) plain.add(sha);
      // Those with git's own words say nothing that their commits do not, but that they break something.
      else if (isOnBranch && (!isMergeMessage(message, true) || isBreakingMerge(message))) merges.push(sha);
      oldest = Math.min(oldest, at);
    }
    return { plain, merges, oldest };
  }

  async #listed(
    until: Sha,
    { roots }: PathFilter,
    range: ReadonlySet<Sha>,
    oldest: number,
  ): Promise<ReadonlySet<Sha>> {
    const found = new Set<Sha>();
    if (range.size === 0) return found;
    for (const root of roots) {
      for await (const { sha, at } of this.#history.touchingAll(until, root)) {
        if (range.has(sha)) found.add(sha);
        // Newest first, but for clocks that are wrong by less than a day.
        else if (at < oldest - 24 * 3_600_000) break;
      }
    }
    return found;
  }

  #filesOf(commit: Sha): Promise<readonly string[] | null> {
    return fetchOnce(
      this.#files,
      commit,
      () => this.#fetchFiles(commit),
      () => 1,
    );
  }

  async #fetchFiles(ref: Sha): Promise<readonly string[] | null> {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}';
    const params = { ref, per_page: FILES_PER_PAGE };
    const paths: string[] = [];
    let told = 0;
    for await (const { files = [] } of this.#client.pages(route, params, shapes.CommitFiles, {
      fixed: true,
    })) {
      // Of a file that moved both names count.
      paths.push(...files.flatMap((file) => [file.filename, file.previous_filename ?? []].flat()));
      told += files.length;
      if (told >= MOST_FILES) return null;
    }
    return paths;
  }
}
