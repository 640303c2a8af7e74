import { createHash } from 'node:crypto';
import { withTrailer } from '../../../domain/release/message.ts';
import { changedFiles } from '../../repositories/commit.ts';
import { type GithubClientSet, githubClientSet } from '../../repositories/github/client-set.ts';
import type { GithubRepositorySettings } from '../../repositories/github/repository-port.ts';
import { notWritable, placeBranch } from '../../repositories/github/writing/branches.ts';
import { GithubObjects } from '../../repositories/github/writing/objects.ts';
import { GithubPullRequests, type PullRequest } from '../../repositories/github/writing/pull-requests.ts';
import type { FilesCommit } from '../../repositories/port.ts';
import type { AdapterContext } from '../../shared/context.ts';

/** Changes as pull requests on GitHub, which somebody else merges. */
export class Proposals {
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;
  readonly #pulls: GithubPullRequests;

  constructor(settings: GithubRepositorySettings, context: AdapterContext) {
    this.#repository = githubClientSet(settings, context);
    this.#objects = new GithubObjects(this.#repository, settings.committer ?? null);
    this.#pulls = new GithubPullRequests(this.#repository.client);
  }

  /** Its branch is named after the key, so that the same order has one pull request. */
  async propose(change: FilesCommit, key: string): Promise<PullRequest> {
    const { client, files, refs } = this.#repository;
    const { branch } = change;
    const head = `slipway/deploy/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
    const there = await this.#pulls.from(head, branch);
    if (there) return there;
    const parent = await refs.tip(branch);
    const message = withTrailer(change.message, 'Slipway-Record', key);
    const changed = await changedFiles(files, parent, change);
    const commit = await this.#objects.commit({ parent, message, files: changed });
    const placed = await placeBranch(refs, head, commit);
    if (typeof placed === 'object') throw notWritable(client, head, placed.refused);
    const [title = ''] = change.message.split('\n', 1);
    const body =
      'Slipway deploys by this change, and goes on once it is merged. Closing it ends the deployment.';
    return this.#pulls.open({ head, base: branch, title, body });
  }

  get(number: number): Promise<PullRequest> {
    return this.#pulls.get(number);
  }
}
