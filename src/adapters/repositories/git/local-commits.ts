import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { Cache } from './clone-cache.ts';
import { GitSurprise } from './failure.ts';
import type { Fetcher } from './fetcher.ts';
import type { Outcome } from './process.ts';

const UNKNOWN_OBJECT =
  /bad object|unknown revision|bad revision|not a valid object|invalid object name|not a tree object|not a valid commit|not a commit|malformed object name|missing object|object not found|invalid dataref|no such commit/i;

/** Commands on commits of our copy; those that are not there are fetched first. */
export class LocalCommits {
  readonly cache: Cache;
  readonly fetcher: Fetcher;

  constructor(cache: Cache, fetcher: Fetcher) {
    this.cache = cache;
    this.fetcher = fetcher;
  }

  /** Runs a git command that names these commits. */
  async run(commits: readonly Sha[], args: readonly string[]): Promise<Outcome> {
    return this.withCommits(commits, async () => {
      const outcome = await this.cache.git.run(args);
      if (outcome.code !== 0) throw new GitSurprise(args[0] ?? 'git', outcome);
      return outcome;
    });
  }

  /** Does the work again when it did not find one of the commits. Refusal `commit-unknown`. */
  async withCommits<T>(commits: readonly Sha[], work: () => Promise<T>): Promise<T> {
    commits.forEach(checkSha);
    await this.cache.ready();
    try {
      return await work();
    } catch (error) {
      const isUnknown =
        (error instanceof Refusal && error.code === 'commit-unknown') ||
        (error instanceof GitSurprise && UNKNOWN_OBJECT.test(error.stderr));
      if (!isUnknown) throw error;
      await this.fetcher.fetchCommits(commits);
      return work();
    }
  }

  /** Whether the commit is in the copy or can be fetched. */
  async has(commit: Sha): Promise<boolean> {
    checkSha(commit);
    await this.cache.ready();
    if (await this.fetcher.isHere(commit)) return true;
    return this.fetcher.fetchCommits([commit]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refusal && error.code === 'commit-unknown') return false;
        throw error;
      },
    );
  }
}

export function checkSha(commit: Sha): void {
  // Also keeps options and other revision syntax out of command lines.
  if (!/^[0-9a-f]{7,64}$/.test(commit)) throw unknownCommit(commit);
}

export function unknownCommit(commit: Sha): Refusal {
  return new Refusal('commit-unknown', { commit });
}

/** What a command with `-z` printed. */
export function parts(outcome: Outcome): string[] {
  return outcome.stdout
    .toString('utf8')
    .split('\0')
    .filter((part) => part !== '');
}
