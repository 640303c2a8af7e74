import { Refusal, Unavailable } from '../../domain/refusal.ts';
import type { Commit, Sha } from '../../domain/release.ts';
import type { Blob, Refs } from '../forge/port.ts';
import { Cache } from './cache.ts';
import { GitSurprise, isDamage, remoteFailure } from './failure.ts';
import { streamCommits } from './history.ts';
import { ObjectReader } from './object-reader.ts';
import type { Outcome } from './process.ts';
import { type PushResult, push, type RefUpdate } from './push.ts';
import { isSame, MIRROR, MIRROR_FORMAT, parseLsRemote, parseMirror, type RefLine, toRefs } from './refs.ts';
import type { Remote } from './remote.ts';
import { type NewCommit, type Written, writeCommit } from './write-commit.ts';

const UNKNOWN_OBJECT =
  /bad object|unknown revision|bad revision|not a valid object|invalid object name|not a tree object|not a valid commit|not a commit|malformed object name|missing object|object not found|invalid dataref|no such commit/i;
const LOCKED = /cannot lock ref|unable to create '.*\.lock'|another git process/i;
const LOCK_RETRIES = 5;

/** A remote and our bare copy of it. Answers for commits; the copy is brought up to date where that is needed. */
export class Repository {
  readonly remote: Remote;
  readonly #cache: Cache;
  /** Blobs are fetched when they are read, where the remote can do that. */
  readonly #isPartial: boolean;
  readonly #fetching: Remote;

  constructor(dataDir: string, remote: Remote) {
    this.remote = remote;
    this.#cache = Cache.for(dataDir, remote);
    this.#isPartial = remote.protocol !== 'path';
    // Only fetches know that the copy is partial: for all other commands a missing blob is an answer, not a
    // reason to download it alone.
    this.#fetching = this.#isPartial
      ? {
          ...remote,
          config: [
            ...remote.config,
            ['remote.origin.promisor', 'true'],
            ['remote.origin.partialCloneFilter', 'blob:none'],
          ],
        }
      : remote;
  }

  /**
   * Asks the remote where its refs are, and fetches what is missing. A copy that turns out to be damaged is
   * thrown away and fetched again. Refusal `repository-empty`.
   */
  async refs(signal?: AbortSignal): Promise<Refs> {
    try {
      return await this.#refs(signal);
    } catch (error) {
      if (!(error instanceof GitSurprise)) throw error;
      await this.#cache.exclusive(() => this.#cache.reset());
      return this.#refs(signal).catch((again: unknown) => {
        throw again instanceof GitSurprise
          ? new Unavailable('the local copy of the repository', again.message, { cause: again })
          : again;
      });
    }
  }

  async #refs(signal?: AbortSignal): Promise<Refs> {
    await this.#cache.ready();
    const [said, known] = await Promise.all([this.#lsRemote(this.remote, signal), this.#cache.inStepWith()]);
    const there = parseLsRemote(said);
    if (there.length === 0) throw new Refusal('repository-empty', { remote: this.remote.url });
    if (said === known) return toRefs(there);
    return this.#cache.exclusive(async () => {
      const here = await this.#mirror();
      if (!isSame(there, here)) {
        await this.#fetch(['--prune', 'origin'], signal, here.length === 0);
        const now = await this.#mirror();
        if (!isSame(there, now)) return toRefs(await this.#peelTwice(now));
      }
      await this.#cache.inStep(said);
      return toRefs(there);
    });
  }

  /** The refs of any remote, without fetching anything. */
  async remoteRefs(remote: Remote, signal?: AbortSignal): Promise<readonly RefLine[]> {
    await this.#cache.ready();
    return parseLsRemote(await this.#lsRemote(remote, signal));
  }

  async #lsRemote(remote: Remote, signal?: AbortSignal): Promise<string> {
    const args = ['ls-remote', '--heads', '--tags', '--', remote.url];
    const outcome = await this.#cache.git.run(args, { remote, signal });
    if (outcome.code !== 0) throw this.#failed(outcome, remote);
    return outcome.stdout.toString('utf8');
  }

  async read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#withCommits([commit], async () => {
      const first = await this.#readPresent(commit, paths);
      if (first.missing.length === 0) return first.blobs;
      await this.#fetchBlobs(first.missing);
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
    return streamCommits(this.#cache.git, after, until, { recover: () => this.#fetchCommits(named) });
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
    await this.#fetchCommits([commit]);
    return (await this.#cache.git.run(args)).code === 0;
  }

  async containing(commit: Sha, text: string): Promise<readonly string[]> {
    if (this.#isPartial) await this.#fetchTree(commit);
    checkSha(commit);
    return this.#withCommits([commit], async () => {
      const outcome = await this.#cache.git.run([
        'grep',
        '-l',
        '-z',
        '-I',
        '--fixed-strings',
        '--full-name',
        '-e',
        text,
        commit,
        '--',
      ]);
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

  async write(commit: NewCommit): Promise<Written> {
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
    if (await this.#isHere(commit)) return true;
    return this.#fetchCommits([commit]).then(
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

  async #mirror(): Promise<readonly RefLine[]> {
    const outcome = await this.#cache.git.run(['for-each-ref', `--format=${MIRROR_FORMAT}`, MIRROR]);
    if (outcome.code !== 0) throw new GitSurprise('reading the local copy', outcome);
    return parseMirror(outcome.stdout.toString('utf8'));
  }

  /** Tags of tags: for-each-ref looks behind one only. */
  async #peelTwice(lines: readonly RefLine[]): Promise<readonly RefLine[]> {
    const outcome = await this.#cache.git.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
      input: lines.map(({ name }) => `${MIRROR}${name}^{}\n`).join(''),
    });
    const peeled = outcome.stdout.toString('utf8').split('\n');
    return lines.map((line, index) => {
      const [id, type] = (peeled[index] ?? '').split(' ');
      return line.peeled === undefined && type === 'commit' && id && id !== line.id
        ? { ...line, peeled: id }
        : line;
    });
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
      await this.#fetchCommits(commits);
      return work();
    }
  }

  /** Brings the copy up to date, and fetches commits that no ref leads to where the host allows that. */
  async #fetchCommits(commits: readonly Sha[]): Promise<void> {
    await this.refs();
    for (const commit of commits) {
      if (await this.#isHere(commit)) continue;
      await this.#cache
        .exclusive(() => this.#fetch(['origin', commit], undefined, false))
        .catch((error: unknown) => {
          // "not our ref", "no such remote ref": the host does not have it, or does not give it away.
          if (error instanceof Refusal && error.code !== 'commit-unknown') throw error;
        });
      if (!(await this.#isHere(commit))) throw unknownCommit(commit);
    }
  }

  async #isHere(commit: Sha): Promise<boolean> {
    return (await this.#cache.git.run(['cat-file', '-e', `${commit}^{commit}`])).code === 0;
  }

  /** All blobs of a commit's tree that are not here yet, in one fetch. */
  async #fetchTree(commit: Sha): Promise<void> {
    const args = ['rev-list', '--objects', '--no-walk', '--missing=print', '--no-object-names', commit];
    const outcome = await this.#local([commit], args);
    const missing = outcome.stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('?'));
    if (missing.length > 0) await this.#fetchBlobs(missing.map((line) => line.slice(1)));
  }

  async #fetchBlobs(blobs: readonly Sha[]): Promise<void> {
    await this.#cache.exclusive(() =>
      this.#fetch(
        ['--no-auto-maintenance', '--filter=blob:none', '--refmap=', '--stdin', 'origin'],
        undefined,
        false,
        {
          input: blobs.map((blob) => `${blob}\n`).join(''),
          negotiate: false,
        },
      ),
    );
  }

  async #fetch(
    args: readonly string[],
    signal: AbortSignal | undefined,
    isFirst: boolean,
    how: { readonly input?: string; readonly negotiate?: boolean } = {},
  ): Promise<void> {
    const remote: Remote =
      how.negotiate === false
        ? { ...this.#fetching, config: [...this.#fetching.config, ['fetch.negotiationAlgorithm', 'noop']] }
        : this.#fetching;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#cache.git.run(
        ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no', ...args],
        {
          remote,
          signal,
          timeoutMs: remote.timeoutMs * (isFirst ? 10 : 1),
          ...(how.input === undefined ? {} : { input: how.input }),
        },
      );
      if (outcome.code === 0) return;
      if (LOCKED.test(outcome.stderr) && attempt < LOCK_RETRIES) {
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
        continue;
      }
      if (/not our ref|couldn't find remote ref|no such remote ref/i.test(outcome.stderr)) {
        throw unknownCommit(args.at(-1) ?? '');
      }
      throw this.#failed(outcome, remote);
    }
  }

  #failed(outcome: Outcome, remote: Remote): Error {
    return isDamage(outcome.stderr, this.#cache.git.gitDir)
      ? new GitSurprise('using the local copy', outcome)
      : remoteFailure(outcome, remote);
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
