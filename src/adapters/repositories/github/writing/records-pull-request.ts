import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClientSet } from '../client-set.ts';
import { notWritable, placeBranch } from './branches.ts';
import { GithubPullRequests, type MergeMethod, type PullRequest } from './pull-requests.ts';

/** On a branch that takes no pushes, reports and state files gather in a pull request that nothing waits for. */
export class RecordsPullRequest {
  readonly #repository: GithubClientSet;
  readonly #pulls: GithubPullRequests;
  readonly #method: MergeMethod;

  constructor(repository: GithubClientSet, method: MergeMethod) {
    this.#repository = repository;
    this.#pulls = new GithubPullRequests(repository.client);
    this.#method = method;
  }

  /** Where the next report belongs: on top of those that wait; null when none do. */
  async tip(branch: string): Promise<Sha | null> {
    const pull = await this.#pulls.from(headOf(branch), branch);
    return pull?.state === 'open' ? pull.head : null;
  }

  /**
   * Puts a commit of reports where they wait, and merges them if that can be done at once. `onTop`: some wait
   * already. Null when somebody else put something there meanwhile.
   */
  async add(
    branch: string,
    commit: Sha,
    onTop: boolean,
  ): Promise<{ readonly commit: Sha; readonly waitsIn?: PullRequest } | null> {
    const { client, refs } = this.#repository;
    const head = headOf(branch);
    const done = onTop ? await refs.move(head, commit) : await placeBranch(refs, head, commit);
    if (done === 'not-forward') return null;
    if (typeof done === 'object') throw notWritable(client, head, done.refused);
    const pull = await this.#pulls.open({
      head,
      base: branch,
      title: 'docs(ship): ship reports and state files',
      body: `Slipway writes these after a deployment, and ${branch} takes changes only by pull requests. It merges this by itself with the next report once that is possible; merging it by hand is fine.`,
    });
    const merged = await this.#pulls.merge(pull.number, {
      head: commit,
      method: this.#method,
      title: `docs(ship): ship reports (#${pull.number})`,
      message: '',
    });
    if ('refused' in merged) return { commit, waitsIn: pull };
    await refs.remove(`heads/${head}`);
    return { commit: merged.sha };
  }
}

function headOf(branch: string): string {
  return `slipway/records/${branch}`;
}
