import { Refusal, type Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Commit, Sha } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { Blob, Refs } from '../port.ts';
import { Cache } from './clone-cache.ts';
import { GitSurprise, remoteFailure } from './failure.ts';
import { Fetcher } from './fetcher.ts';
import { streamCommits } from './history.ts';
import { ObjectReader } from './object-reader.ts';
import type { Outcome } from './process.ts';
import { type PushResult, push, type RefUpdate } from './push.ts';
import { MIRROR, parseLsRemote, type RefLine } from './refs.ts';
import type { Remote } from './remote.ts';
import { type CommitOrder, type Written, writeCommit } from './write-commit.ts';

const UNKNOWN_OBJECT =
  /bad object|unknown revision|bad revision|not a valid object|invalid object name|not a tree object|not a valid commit|not a commit|malformed object name|missing object|object not found|invalid dataref|no such commit/i;

/** A remote and our bare copy of it. Answers for commits; the copy is brought up to date where that is needed. */
export class Clone {
  readonly remote: Remote;
  readonly #cache: Cache;
  readonly #fetcher: Fetcher;

  constructor(context: Pick<AdapterContext, 'shared' | 'dataDir'>, remote: Remote) {
    this.remote = remote;
    this.#cache = Cache.for(context, remote);
    this.#fetcher = new Fetcher(this.#cache, remote);
  }

  /** Where the refs of the remote are; the copy has all that they lead to. Refusal `repository-empty`. */
  refs(signal?: AbortSignal): Promise<Refs> {
    return this.#fetcher.refs(signal);
  }

  /** The refs of any remote, without fetching anything. */
  async remoteRefs(remote: Remote, signal?: AbortSignal): Promise<readonly RefLine[]> {
    return parseLsRemote(await this.#fetcher.lsRemote(remote, signal));
  }

  async read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#withCommits([commit], async () => {
      const first = await this.#readPresent(commit, paths);
      if (first.missing.length === 0) return first.blobs;
      await this.#fetcher.fetchBlobs(first.missing);
      return (await this.#readPresent(commit, paths)).blobs;
    });
  }

  async #readPresent(commit: Sha, paths: readonly string[]) {
    const reader = new ObjectReader(this.#cache.git);
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
      reader.close();
    }
  }

  async list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    const outcome = await this.#local(
      [commit],
      ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...folders],
    );
    return entriesOf(outcome)
      .map(({ path }) => path)
      .sort();
  }

  commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    const named = after === null ? [until] : [after, until];
    named.forEach(checkSha);
    return streamCommits(this.#cache.git, after, until, { recover: () => this.#fetcher.fetchCommits(named) });
  }

  async firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    const tags = candidates.length > 2 ? await this.#tagsMerged(commit) : new Map<Sha, boolean>();
    for (const candidate of candidates) {
      if (tags.get(candidate) ?? (await this.isAncestor(candidate, commit))) return candidate;
    }
    return null;
  }

  /** False also when the candidate is nowhere to be found. */
  async isAncestor(candidate: Sha, commit: Sha): Promise<boolean> {
    [candidate, commit].forEach(checkSha);
    await this.#cache.ready();
    const args = ['merge-base', '--is-ancestor', candidate, commit];
    const first = await this.#cache.git.run(args);
    if (first.code === 0 || first.code === 1) return first.code === 0;
    await this.#fetcher.fetchCommits([commit]);
    return (await this.#cache.git.run(args)).code === 0;
  }

  /** Searching a large tree takes a while, and every plan of a promotion asks the same: the answer is kept. */
  async containing(commit: Sha, text: string): Promise<readonly string[]> {
    checkSha(commit);
    await this.#cache.ready();
    return this.#cache.remembered(`containing ${commit} ${text}`, () => this.#search(commit, text));
  }

  async #search(commit: Sha, text: string): Promise<readonly string[]> {
    if (this.#fetcher.isPartial) await this.#fetchTree(commit);
    const args = ['grep', '-l', '-z', '-I', '--fixed-strings', '--full-name', '-e', text, commit, '--'];
    return this.#withCommits([commit], async () => {
      const outcome = await this.#cache.git.run(args);
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
    return parts(await this.#local([from, to], args)).sort();
  }

  /** The newest commit in the history of `until` whose message contains a text and that `accepts` takes. */
  async find(until: Sha, message: string, accepts: (commit: Commit) => boolean): Promise<Commit | null> {
    for await (const commit of streamCommits(this.#cache.git, null, until, {
      containing: message,
    })) {
      if (accepts(commit)) return commit;
    }
    return null;
  }

  async write(commit: CommitOrder): Promise<Written> {
    return this.#withCommits([commit.parent], () =>
      this.#cache.exclusive(() => writeCommit(this.#cache.git, commit)),
    );
  }

  /** Pushes to this remote, or with its objects to another one. */
  async push(
    updates: readonly RefUpdate[],
    options: {
      readonly atomic?: boolean;
      readonly dryRun?: boolean;
      readonly to?: Remote;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<PushResult> {
    const { to = this.remote, ...rest } = options;
    await this.#cache.ready();
    return push(this.#cache.git, updates, {
      ...rest,
      remote: to,
      to: to.url === this.remote.url ? 'origin' : to.url,
    });
  }

  /** Whether the commit is in the copy or can be fetched. */
  async has(commit: Sha): Promise<boolean> {
    checkSha(commit);
    await this.#cache.ready();
    if (await this.#fetcher.isHere(commit)) return true;
    return this.#fetcher.fetchCommits([commit]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refusal && error.code === 'commit-unknown') return false;
        throw error;
      },
    );
  }

  failure(
    outcome: { readonly code: number; readonly stderr: string },
    remote = this.remote,
  ): Refusal | Unavailable {
    return remoteFailure(outcome, remote);
  }

  /** For every commit with a tag: whether it is an ancestor of the commit. Two walks, however many tags. */
  async #tagsMerged(commit: Sha): Promise<ReadonlyMap<Sha, boolean>> {
    const format = '--format=%(objectname) %(*objectname)';
    const list = async (filter: string) => {
      const outcome = await this.#local([commit], ['for-each-ref', format, filter, `${MIRROR}tags`]);
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

  /** Runs a local command on commits; those that are not there are fetched. */
  async #local(commits: readonly Sha[], args: readonly string[]): Promise<Outcome> {
    return this.#withCommits(commits, async () => {
      const outcome = await this.#cache.git.run(args);
      if (outcome.code !== 0) throw new GitSurprise(args[0] ?? 'git', outcome);
      return outcome;
    });
  }

  async #withCommits<T>(commits: readonly Sha[], work: () => Promise<T>): Promise<T> {
    commits.forEach(checkSha);
    await this.#cache.ready();
    try {
      return await work();
    } catch (error) {
      const isUnknown =
        (error instanceof Refusal && error.code === 'commit-unknown') ||
        (error instanceof GitSurprise && UNKNOWN_OBJECT.test(error.stderr));
      if (!isUnknown) throw error;
      await this.#fetcher.fetchCommits(commits);
      return work();
    }
  }

  /** All blobs of a commit's tree that are not here yet, in one fetch. */
  async #fetchTree(commit: Sha): Promise<void> {
    const args = ['rev-list', '--objects', '--no-walk', '--missing=print', '--no-object-names', commit];
    const outcome = await this.#local([commit], args);
    const missing = outcome.stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('?'));
    if (missing.length > 0) await this.#fetcher.fetchBlobs(missing.map((line) => line.slice(1)));
  }
}

function checkSha(commit: Sha): void {
  // Also keeps options and other revision syntax out of command lines.
  if (!/^[0-9a-f]{7,64}$/.test(commit)) throw unknownCommit(commit);
}

function unknownCommit(commit: Sha): Refusal {
  return new Refusal('commit-unknown', { commit });
}

function parts(outcome: Outcome): string[] {
  return outcome.stdout
    .toString('utf8')
    .split('\0')
    .filter((part) => part !== '');
}

/** Plain files of `git ls-tree -z`: no links, no other repositories. */
function entriesOf(outcome: Outcome): { path: string }[] {
  return parts(outcome).flatMap((line) => {
    const tab = line.indexOf('\t');
    return /^100\d{3} blob /.test(line) ? [{ path: line.slice(tab + 1) }] : [];
  });
}
