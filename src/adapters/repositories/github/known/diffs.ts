import type { Sha } from '../../../../domain/release/release.ts';
import { Lru } from '../../lru.ts';
import type { Comparison } from '../api/shapes.ts';

const KEPT = 200;
/** GitHub tells no more files of a comparison. */
const MOST_FILES = 300;

interface Diff {
  readonly from: Sha;
  readonly to: Sha;
  readonly paths: ReadonlySet<string>;
}

/** Which paths differ between two commits, as far as comparisons have told all of them. */
export class KnownDiffs {
  readonly #diffs = new Lru<Diff>(KEPT);
  /** Comparisons under way. */
  readonly #coming = new Set<{ readonly commits: readonly Sha[]; readonly work: Promise<unknown> }>();

  /** A comparison is asked for: whoever asks about one of its commits meanwhile may wait for it. */
  async during<T>(commits: readonly Sha[], work: Promise<T>): Promise<T> {
    const coming = { commits, work };
    this.#coming.add(coming);
    try {
      return await work;
    } finally {
      this.#coming.delete(coming);
    }
  }

  /** Resolves when no comparison with this commit is under way, whatever became of it. */
  async settled(commit: Sha): Promise<void> {
    const mine = [...this.#coming].filter(({ commits }) => commits.includes(commit));
    await Promise.allSettled(mine.map(({ work }) => work));
  }

  /**
   * The first page of a comparison. It tells what came since the common ancestor, so the first commit must be that
   * itself; a comparison without files may be one that GitHub did not finish.
   */
  keep(from: Sha, to: Sha, { status, files = [] }: Comparison): void {
    if (status !== 'ahead' || files.length === 0 || files.length >= MOST_FILES) return;
    const paths = files.flatMap(({ filename, previous_filename: before, status: how }) =>
      // The source of a copy stays as it was.
      before === undefined || how === 'copied' ? [filename] : [filename, before],
    );
    this.#diffs.set(`${from} ${to}`, { from, to, paths: new Set(paths) });
  }

  /** Null where that is not known. */
  between(from: Sha, to: Sha): ReadonlySet<string> | null {
    return this.#diffs.get(`${from} ${to}`)?.paths ?? null;
  }

  /** Commits in which these paths are as they are in this one. */
  alike(commit: Sha, paths: readonly string[]): readonly Sha[] {
    return [...this.#diffs.values()]
      .filter(({ from, to }) => from === commit || to === commit)
      .filter((diff) => !paths.some((path) => diff.paths.has(path)))
      .map(({ from, to }) => (from === commit ? to : from));
  }
}
