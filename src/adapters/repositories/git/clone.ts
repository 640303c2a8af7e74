import type { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { PathFilter } from '../../../domain/release/paths.ts';
import type { Commit, Sha } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { Blob, Refs } from '../port.ts';
import { Ancestry } from './ancestry.ts';
import { Cache } from './clone-cache.ts';
import { remoteFailure } from './failure.ts';
import { Fetcher } from './fetcher.ts';
import { streamCommits, touchingCommits } from './history.ts';
import { checkSha, LocalCommits } from './local-commits.ts';
import { type PushResult, push, type RefUpdate } from './push.ts';
import { parseHead, parseLsRemote, type RefLine } from './refs.ts';
import type { Remote } from './remote.ts';
import { signatureOf, signObjects } from './signing/signed-objects.ts';
import type { Signer } from './signing/signer.ts';
import { TreeFiles } from './tree-files.ts';
import { type CommitOrder, type WrittenObjects, writeCommit } from './write-commit.ts';

/** A remote and our bare copy of it. Answers for commits; the copy is brought up to date where that is needed. */
export class Clone {
  readonly remote: Remote;
  readonly #cache: Cache;
  readonly #fetcher: Fetcher;
  readonly #local: LocalCommits;
  readonly #files: TreeFiles;
  readonly #ancestry: Ancestry;

  constructor(context: Pick<AdapterContext, 'shared' | 'dataDir'>, remote: Remote) {
    this.remote = remote;
    this.#cache = Cache.for(context, remote);
    this.#fetcher = new Fetcher(this.#cache, remote);
    this.#local = new LocalCommits(this.#cache, this.#fetcher);
    this.#files = new TreeFiles(this.#local);
    this.#ancestry = new Ancestry(this.#local);
  }

  /** Where the refs of the remote are; the copy has all that they lead to. Refusal `repository-empty`. */
  refs(signal?: AbortSignal): Promise<Refs> {
    return this.#fetcher.refs(signal);
  }

  /** The refs of any remote, without fetching anything. */
  async remoteRefs(remote: Remote, signal?: AbortSignal): Promise<readonly RefLine[]> {
    return parseLsRemote(await this.#fetcher.lsRemote(remote, signal));
  }

  /** The branch that HEAD of the remote leads to; null where it does not say. */
  async defaultBranch(signal?: AbortSignal): Promise<string | null> {
    return parseHead(await this.#fetcher.lsHead(signal));
  }

  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#files.read(commit, paths);
  }

  placesOf(commit: Sha, paths: readonly string[]): Promise<readonly string[]> {
    return this.#files.placesOf(commit, paths);
  }

  list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    return this.#files.list(commit, folders);
  }

  containing(commit: Sha, text: string): Promise<readonly string[]> {
    return this.#files.containing(commit, text);
  }

  changed(from: Sha, to: Sha): Promise<readonly string[]> {
    return this.#files.changed(from, to);
  }

  firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    return this.#ancestry.first(commit, candidates);
  }

  /** False also when the candidate is nowhere to be found. */
  isAncestor(candidate: Sha, commit: Sha): Promise<boolean> {
    return this.#ancestry.isAncestor(candidate, commit);
  }

  /** Whether the commit is in the copy or can be fetched. */
  has(commit: Sha): Promise<boolean> {
    return this.#local.has(commit);
  }

  commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    const named = after === null ? [until] : [after, until];
    named.forEach(checkSha);
    return streamCommits(this.#cache.git, after, until, { recover: () => this.#fetcher.fetchCommits(named) });
  }

  async touching(after: Sha | null, until: Sha, { matches }: PathFilter): Promise<ReadonlySet<Sha>> {
    const named = after === null ? [until] : [after, until];
    return this.#local.withCommits(named, () =>
      touchingCommits(this.#cache.git, { after, until }, matches, () => this.#fetcher.fetchCommits(named)),
    );
  }

  /** The newest commit in the history of `until` whose message contains a text and that `accepts` takes. */
  async find(
    until: Sha,
    message: string,
    accepts: (commit: Commit) => Promise<boolean>,
  ): Promise<Commit | null> {
    for await (const commit of streamCommits(this.#cache.git, null, until, {
      containing: message,
    })) {
      if (await accepts(commit)) return commit;
    }
    return null;
  }

  /** `signer`: who signs commit and tag; null: nobody. */
  async write(commit: CommitOrder, signer: Signer | null = null): Promise<WrittenObjects> {
    const { git } = this.#cache;
    return this.#local.withCommits([commit.parent], () =>
      this.#cache.exclusive(async () => {
        const written = await writeCommit(git, commit);
        return signer ? signObjects(git, written, signer) : written;
      }),
    );
  }

  /** What is known of the signatures of a release, in words. */
  async signatureOf(commit: Sha, tag: string, signer: Signer): Promise<string> {
    await this.#cache.ready();
    return signatureOf(this.#cache.git, commit, tag, signer);
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

  failure(
    outcome: { readonly code: number; readonly stderr: string },
    remote = this.remote,
  ): Refusal | Unavailable {
    return remoteFailure(outcome, remote);
  }
}
