import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../domain/release/message.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { few } from '../../../domain/text/few.ts';
import { holdsExactly } from '../checked.ts';
import type { CommitCheck, ReleaseCut } from '../port.ts';
import type { ChangeRequest, Protection, RequestHost } from './host.ts';

/** How often a waiting request is looked at, in ms. */
const LOOK_AGAIN_MS = 15_000;
const SHOWN = 3;

/** Releases get to a branch that takes no pushes by a request whose checks have passed. */
export class ReleaseRequest<P extends Protection> {
  readonly #host: RequestHost<P>;

  constructor(host: RequestHost<P>) {
    this.#host = host;
  }

  /**
   * The release commit, once the branch has it; null when the branch is not protected and can simply be pushed.
   * Nothing is kept in memory between calls: branch and request are found again. Throws Unavailable while the
   * request waits. Refusals: `branch-moved`, `release-checks-failed`, `release-pull-request-closed`,
   * `release-queue-removed`, `release-overtaken`.
   */
  async release(cut: ReleaseCut, key: string): Promise<Sha | null> {
    const host = this.#host;
    const head = releaseBranch(cut);
    const protection = await host.protectionOf(cut.branch);
    if (!protection.isProtected) return null;
    const [found, marker] = await Promise.all([host.from(head, cut.branch), host.tipOf(head)]);
    const request = found && (await this.#isOurs(found.head, cut, key)) ? found : null;
    if (request?.state === 'merged') return this.#merged(cut, request);
    if (request?.state === 'closed' && marker !== null) {
      await host.remove(head);
      throw new Refusal('release-pull-request-closed', factsOf(host, request));
    }
    if (found?.state === 'open' && request === null) await abandon(host, found, head);

    const written = marker !== null && (await this.#isOurs(marker, cut, key)) ? marker : null;
    if (protection.tip !== cut.base) {
      if (written && (await host.isAncestor(written, protection.tip))) return written;
      if (request?.state === 'open') await abandon(host, request, head);
      throw new Refusal('branch-moved', { branch: cut.branch, expected: cut.base, found: protection.tip });
    }
    const commit = written ?? (await this.#write(cut, key));
    const open = request?.state === 'open' ? request : null;
    if (open === null && (await host.push(cut.branch, commit, protection))) return commit;
    const merged = await host.merge(open ?? (await this.#open(cut)), { cut, key, commit, protection });
    return typeof merged === 'string' ? merged : this.#merged(cut, merged);
  }

  /** What a release by request became on its branch; null when there is none that was merged. */
  async mergedAs(cut: ReleaseCut, key: string): Promise<Sha | null> {
    const request = await this.#host.from(releaseBranch(cut), cut.branch);
    if (request?.state !== 'merged' || !(await this.#isOurs(request.head, cut, key))) return null;
    return request.merged !== null && (await this.#holds(request.merged, cut)) ? request.merged : null;
  }

  /** The release is whole: its branch is not needed any more. */
  async tidy(cut: ReleaseCut): Promise<void> {
    await this.#host.remove(releaseBranch(cut));
  }

  /** A merge on top of anything but the commit that people approved is not what they approved. */
  async #merged(cut: ReleaseCut, request: ChangeRequest): Promise<Sha> {
    const { name, sign } = this.#host;
    const { number, merged } = request;
    if (merged === null) throw new Unavailable(name, `does not say what ${sign}${number} was merged as`);
    if (!(await this.#holds(merged, cut))) {
      const { branch, tag } = cut;
      throw new Refusal('release-overtaken', { ...factsOf(this.#host, request), branch, tag });
    }
    return merged;
  }

  async #write(cut: ReleaseCut, key: string): Promise<Sha> {
    const message = withTrailer(cut.message, 'Slipway-Promotion', key);
    const commit = await this.#host.write({ parent: cut.base, message, files: cut.files });
    await this.#host.place(releaseBranch(cut), commit);
    return commit;
  }

  #open(cut: ReleaseCut): Promise<ChangeRequest> {
    return this.#host.open({
      head: releaseBranch(cut),
      base: cut.branch,
      title: cut.message.split('\n', 1)[0] ?? cut.tag,
      body: `${cut.tagMessage.trim()}\n\n---\nSlipway opened this because ${cut.branch} takes no pushes. It merges it once all checks have passed, then tags and deploys. Closing it stops the promotion.`,
    });
  }

  async #isOurs(commit: Sha, cut: ReleaseCut, key: string): Promise<boolean> {
    const { message } = await this.#host.commit(commit);
    return hasTrailer(message, 'Slipway-Promotion', key) && this.#holds(commit, cut);
  }

  /** On the approved commit, and exactly the files of the release. */
  async #holds(commit: Sha, { base, files }: ReleaseCut): Promise<boolean> {
    const { parents } = await this.#host.commit(commit);
    return parents[0] === base && holdsExactly(this.#host.trees, { base, commit }, files);
  }
}

export function releaseBranch({ tag }: Pick<ReleaseCut, 'tag'>): string {
  return `slipway/release/${tag}`;
}

/** Closes a request that nothing comes of, so that the next try begins with one of its own. */
export async function abandon(host: RequestHost, { number }: ChangeRequest, head: string): Promise<void> {
  await host.close(number);
  await host.remove(head);
}

/** That a release waits in its request, and what for. */
export function waits(
  { noun, sign }: Pick<RequestHost, 'noun' | 'sign'>,
  { number, url }: ChangeRequest,
  reason: string,
  retryAfterMs = LOOK_AGAIN_MS,
): Unavailable {
  return new Unavailable(`the release ${noun} ${sign}${number}`, `${reason} (${url})`, { retryAfterMs });
}

/** Throws unless all checks have passed: Refusal `release-checks-failed`, Unavailable while some have not finished. */
export function mustHavePassed(
  host: Pick<RequestHost, 'name' | 'noun' | 'sign'>,
  request: ChangeRequest,
  checks: readonly CommitCheck[],
): void {
  const named = (state: string) => checks.filter((check) => check.state === state).map(({ name }) => name);
  const failed = named('failed');
  if (failed.length > 0) {
    throw new Refusal('release-checks-failed', { ...factsOf(host, request), checks: failed });
  }
  const pending = named('pending');
  if (pending.length === 0) return;
  const have = pending.length === 1 ? '1 check has' : `${pending.length} checks have`;
  throw waits(host, request, `${have} not finished yet: ${few(pending, SHOWN)}`);
}

/** What a refusal says of a request. */
export function factsOf({ name: host }: Pick<RequestHost, 'name'>, { number, url }: ChangeRequest) {
  return { host, number, url };
}
