import type { Sha } from '../../../domain/release/release.ts';
import type { RequestHost } from './host.ts';

/** On a branch that takes no pushes, reports and state files gather in a request that nothing waits for. */
export class RecordsRequest {
  readonly #host: RequestHost;

  constructor(host: RequestHost) {
    this.#host = host;
  }

  /** Where the next report belongs: on top of those that wait; null when none do. */
  async tip(branch: string): Promise<Sha | null> {
    const request = await this.#host.from(recordsBranch(branch), branch);
    return request?.state === 'open' ? request.head : null;
  }

  /**
   * Puts a commit of reports where they wait, and merges them if that can be done at once. `onTop`: some wait
   * already. `waitsIn`: "pull request #12 (https://…)". Null when somebody else put something there meanwhile.
   */
  async add(
    branch: string,
    commit: Sha,
    onTop: boolean,
  ): Promise<{ readonly commit: Sha; readonly waitsIn?: string } | null> {
    const host = this.#host;
    const head = recordsBranch(branch);
    if (!(await host.place(head, commit, onTop))) return null;
    const request = await host.open({
      head,
      base: branch,
      title: 'docs(ship): ship reports and state files',
      body: `Slipway writes these after a deployment, and ${branch} takes changes only by ${host.noun}s. It merges this by itself with the next report once that is possible; merging it by hand is fine.`,
    });
    const name = `${host.sign}${request.number}`;
    const merged = await host.mergeNow(request, commit, `docs(ship): ship reports (${name})`);
    if (merged === null) return { commit, waitsIn: `${host.noun} ${name} (${request.url})` };
    await host.remove(head);
    return { commit: merged };
  }
}

/** Where reports for a branch wait. */
export function recordsBranch(branch: string): string {
  return `slipway/records/${branch}`;
}
