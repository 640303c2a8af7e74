import type { Sha } from '../../../domain/release/release.ts';
import { checkSha, type LocalCommits } from './local-commits.ts';
import { MIRROR } from './refs.ts';

/** How commits descend from each other. */
export class Ancestry {
  readonly #local: LocalCommits;

  constructor(local: LocalCommits) {
    this.#local = local;
  }

  /** The first of the candidates that is the commit or an ancestor of it. */
  async first(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    const tags = candidates.length > 2 ? await this.#tagsMerged(commit) : new Map<Sha, boolean>();
    for (const candidate of candidates) {
      if (tags.get(candidate) ?? (await this.isAncestor(candidate, commit))) return candidate;
    }
    return null;
  }

  /** False also when the candidate is nowhere to be found. */
  async isAncestor(candidate: Sha, commit: Sha): Promise<boolean> {
    [candidate, commit].forEach(checkSha);
    await this.#local.cache.ready();
    const args = ['merge-base', '--is-ancestor', candidate, commit];
    const first = await this.#local.cache.git.run(args);
    if (first.code === 0 || first.code === 1) return first.code === 0;
    await this.#local.fetcher.fetchCommits([commit]);
    return (await this.#local.cache.git.run(args)).code === 0;
  }

  /** For every commit with a tag: whether it is an ancestor of the commit. Two walks, however many tags. */
  async #tagsMerged(commit: Sha): Promise<ReadonlyMap<Sha, boolean>> {
    const format = '--format=%(objectname) %(*objectname)';
    const list = async (filter: string) => {
      const outcome = await this.#local.run([commit], ['for-each-ref', format, filter, `${MIRROR}tags`]);
      return outcome.stdout
        .toString('utf8')
        .split('\n')
        .flatMap((line) => line.trim().split(' ').at(-1) || []);
    };
    const [merged, other] = await Promise.all([list(`--merged=${commit}`), list(`--no-merged=${commit}`)]);
    return new Map([
      ...other.map((sha) => [sha, false] as const),
      ...merged.map((sha) => [sha, true] as const),
    ]);
  }
}
