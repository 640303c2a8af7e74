import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { Refs } from '../port.ts';
import type { Cache } from './clone-cache.ts';
import { GitSurprise, isDamage, pageInstead, remoteFailure } from './failure.ts';
import type { Outcome } from './process.ts';
import { isSame, MIRROR, MIRROR_FORMAT, parseLsRemote, parseMirror, type RefLine, toRefs } from './refs.ts';
import type { Remote } from './remote.ts';

const LOCKED = /cannot lock ref|unable to create '.{0,1000}\.lock'|another git process/i;
/** Git leaves out refs whose history is not whole, and calls the fetch a success. */
const NOT_WHOLE = /because shallow roots are not allowed/i;
const LOCK_RETRIES = 5;
const MANY_REFS = 200;

interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly input?: string;
  readonly config?: readonly (readonly [string, string])[];
  readonly timeoutMs?: number;
  /** With the contents of all files. */
  readonly isWhole?: boolean;
}

/** Brings our copy of a remote up to date. */
export class Fetcher {
  readonly #cache: Cache;
  readonly #remote: Remote;

  constructor(cache: Cache, remote: Remote) {
    this.#cache = cache;
    this.#remote = remote;
  }

  /** Whether file contents are fetched only when they are read, where the remote can do that. */
  get isPartial(): boolean {
    return this.#remote.protocol !== 'path' && this.#cache.givesObjects();
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
    const [said, known] = await Promise.all([this.lsRemote(this.#remote, signal), this.#cache.inStepWith()]);
    const there = parseLsRemote(said);
    if (there.length === 0) throw new Refusal('repository-empty', { remote: this.#remote.url });
    if (said === known) return toRefs(there);
    return this.#cache.exclusive(async () => {
      await this.#cache.haveIdsOf(there[0]?.id.length ?? 40);
      const here = await this.#mirror();
      if (!isSame(there, here)) {
        const isFirst = here.length === 0;
        if (isFirst) await this.#refuseShallow(signal);
        const patience = isFirst ? { timeoutMs: this.#remote.timeoutMs * 10 } : {};
        await this.#fetch(['--prune', 'origin'], { signal, ...patience });
        if (there.length - here.length > MANY_REFS) await this.#packRefs();
        const now = await this.#mirror();
        if (!isSame(there, now)) return toRefs(await this.#peelTwice(now));
      }
      await this.#cache.inStep(said);
      return toRefs(there);
    });
  }

  /** Output of `git ls-remote` for branches and tags, of any remote; fetches nothing. */
  async lsRemote(remote: Remote, signal?: AbortSignal): Promise<string> {
    await this.#cache.ready();
    const args = ['ls-remote', '--heads', '--tags', '--', remote.url];
    const outcome = await this.#cache.git.run(args, { remote, signal });
    if (outcome.code !== 0) throw this.#failed(outcome, remote);
    const page = remote.protocol === 'http' ? pageInstead(outcome.trace) : null;
    if (page !== null) throw new Refusal('repository-no-git', { remote: remote.url, type: page });
    return outcome.stdout.toString('utf8');
  }

  /** Output of `git ls-remote --symref` for HEAD; fetches nothing. */
  async lsHead(signal?: AbortSignal): Promise<string> {
    await this.#cache.ready();
    const remote = this.#remote;
    const args = ['ls-remote', '--symref', '--', remote.url, 'HEAD'];
    const outcome = await this.#cache.git.run(args, { remote, signal });
    if (outcome.code !== 0) throw this.#failed(outcome, remote);
    return outcome.stdout.toString('utf8');
  }

  /**
   * Refusal `repository-shallow`. The first version of the protocol says it before anything is fetched; a fetch from
   * such a remote would ask for what is missing again and again.
   */
  async #refuseShallow(signal: AbortSignal | undefined): Promise<void> {
    const remote = {
      ...this.#remote,
      config: [...this.#remote.config, ['protocol.version', '0'] as const],
    };
    const args = ['ls-remote', '--heads', '--', remote.url];
    const outcome = await this.#cache.git.run(args, { remote, signal, packets: true });
    if (outcome.code !== 0) throw this.#failed(outcome, remote);
    if (!/< shallow [0-9a-f]{40}/.test(outcome.trace)) return;
    throw new Refusal('repository-shallow', { remote: remote.url });
  }

  /**
   * Brings the copy up to date, and fetches commits that no ref leads to where the host allows that.
   * Refusal `commit-unknown`.
   */
  async fetchCommits(commits: readonly Sha[]): Promise<void> {
    await this.refs();
    for (const commit of commits) {
      if (await this.isHere(commit)) continue;
      await this.#cache
        .exclusive(() => this.#fetch(['origin', commit]))
        .catch((error: unknown) => {
          // "not our ref", "no such remote ref": the host does not have it, or does not give it away.
          if (error instanceof Refusal && error.code !== 'commit-unknown') throw error;
        });
      if (!(await this.isHere(commit))) throw new Refusal('commit-unknown', { commit });
    }
  }

  /** File contents by their ids, all in one fetch; all contents from a remote that does not give single ones. */
  async fetchBlobs(blobs: readonly Sha[]): Promise<void> {
    await this.#cache.exclusive(async () => {
      if (this.isPartial && (await this.#fetchListed(blobs))) return;
      await this.#fetch(['--refetch', 'origin'], {
        isWhole: true,
        timeoutMs: this.#remote.timeoutMs * 10,
      });
      await this.#cache.takesAll();
    });
  }

  /** False when the remote does not give objects by their ids, or does not have one of them. */
  async #fetchListed(blobs: readonly Sha[]): Promise<boolean> {
    const args = ['--no-auto-maintenance', '--filter=blob:none', '--refmap=', '--stdin', 'origin'];
    try {
      await this.#fetch(args, {
        input: blobs.map((blob) => `${blob}\n`).join(''),
        // What we have of other commits says nothing about blobs.
        config: [['fetch.negotiationAlgorithm', 'noop']],
      });
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'commit-unknown') return false;
      throw error;
    }
  }

  /** For what the remote should have, and did not send. */
  lost(objects: readonly Sha[]): Refusal {
    const reason = `${objects.length === 1 ? 'a file' : `${objects.length} files`} of the commit did not come`;
    return new Refusal('repository-damaged', { remote: this.#remote.url, reason });
  }

  async isHere(commit: Sha): Promise<boolean> {
    return (await this.#cache.git.run(['cat-file', '-e', `${commit}^{commit}`])).code === 0;
  }

  async #mirror(): Promise<readonly RefLine[]> {
    const outcome = await this.#cache.git.run(['for-each-ref', `--format=${MIRROR_FORMAT}`, MIRROR]);
    if (outcome.code !== 0) throw new GitSurprise('reading the local copy', outcome);
    return parseMirror(outcome.stdout.toString('utf8'));
  }

  /** A fetch leaves a file for each ref, and every command after it would read all of them. */
  async #packRefs(): Promise<void> {
    const outcome = await this.#cache.git.run(['pack-refs', '--all']);
    if (outcome.code !== 0) throw new GitSurprise('packing the refs of the local copy', outcome);
  }

  /** Tags of tags: for-each-ref looks behind one only. */
  async #peelTwice(lines: readonly RefLine[]): Promise<readonly RefLine[]> {
    const outcome = await this.#cache.git.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
      input: lines.map(({ name }) => `${MIRROR}${name}^{}\n`).join(''),
    });
    const peeled = outcome.stdout.toString('utf8').split('\n');
    return lines.map((line, index) => {
      const [id, type] = (peeled[index] ?? '').split(' ');
      const isMissing = line.peeled === undefined && type === 'commit' && id && id !== line.id;
      return isMissing ? { ...line, peeled: id } : line;
    });
  }

  async #fetch(args: readonly string[], options: FetchOptions = {}): Promise<void> {
    const { config = [], isWhole, ...rest } = options;
    // Only fetches know that the copy is partial: for all other commands a missing blob is an answer, not a
    // reason to download it alone.
    const partial =
      this.isPartial && isWhole !== true
        ? ([
            ['remote.origin.promisor', 'true'],
            ['remote.origin.partialCloneFilter', 'blob:none'],
          ] as const)
        : [];
    const remote = { ...this.#remote, config: [...this.#remote.config, ...partial, ...config] };
    const command = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no'];
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#cache.git.run([...command, ...args], { ...rest, remote });
      if (outcome.code === 0) {
        if (!NOT_WHOLE.test(outcome.stderr)) return;
        throw new Refusal('repository-shallow', { remote: remote.url });
      }
      if (LOCKED.test(outcome.stderr) && attempt < LOCK_RETRIES) {
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
        continue;
      }
      if (
        /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i.test(outcome.stderr)
      ) {
        throw new Refusal('commit-unknown', { commit: args.at(-1) ?? '' });
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
