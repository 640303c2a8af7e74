import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Release } from '../../../domain/release/release.ts';
import type { GitlabClient } from '../../repositories/gitlab/client.ts';
import { commitOfTag } from '../../repositories/gitlab/release-tag.ts';
import { short } from '../shared/words.ts';

const LOOK_AGAIN_MS = 15_000;

/** The tag that a pipeline runs on, in the project where it runs. */
export class PipelineTag {
  readonly #client: GitlabClient;
  readonly #patienceMs: number;
  /** Since when it is missed, by tag, ms since the epoch. */
  readonly #missed = new Map<string, number>();

  /** `patienceMs`: so long a mirror may take to bring a tag; 0 for the repository of the service itself. */
  constructor(client: GitlabClient, patienceMs: number) {
    this.#client = client;
    this.#patienceMs = patienceMs;
  }

  /** Throws Unavailable while a mirror may still bring it, then as `mustBeThere`. */
  async mustCome(release: Release): Promise<void> {
    const { tag, commit } = release;
    if (this.#patienceMs > 0 && tag !== '' && (await commitOfTag(this.#client, tag)) === null) {
      const now = this.#client.now();
      const since = this.#missed.get(tag) ?? now;
      this.#missed.set(tag, since);
      const reason = `does not have the tag ${tag} (${short(commit)}) yet, which its mirroring is to bring`;
      if (now - since < this.#patienceMs)
        throw new Unavailable(this.#client.name, reason, { retryAfterMs: LOOK_AGAIN_MS });
    }
    await this.mustBeThere(release);
    this.#missed.delete(tag);
  }

  /** The tag is there and names the commit of the release. Refusal `release-not-deployable`. */
  async mustBeThere({ tag, commit }: Release): Promise<void> {
    const named = tag === '' ? null : await commitOfTag(this.#client, tag);
    if (named === commit) return;
    const missing = tag === '' ? `no tag names ${short(commit)}` : 'its tag is not in the repository';
    const reason = named === null ? missing : `the tag names ${short(named)} now`;
    throw new Refusal('release-not-deployable', { tag, reason });
  }
}
