import { createHash } from 'node:crypto';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { withTrailer } from '../../../domain/release/message.ts';
import { changedFiles } from '../../repositories/commit.ts';
import type { FilesCommit } from '../../repositories/port.ts';
import type { ChangeRequest, RequestHost } from '../../repositories/requests/host.ts';

/** Changes as pull requests on GitHub or merge requests on GitLab, which somebody else merges. */
export class Proposals {
  readonly #host: RequestHost;

  constructor(host: RequestHost) {
    this.#host = host;
  }

  /** As people there call it: "merge request !12". */
  nameOf({ number }: ChangeRequest): string {
    return `${this.#host.noun} ${this.#host.sign}${number}`;
  }

  /** Its branch is named after the key, so that the same order has one request. Refusal `branch-missing`. */
  async propose(change: FilesCommit, key: string): Promise<ChangeRequest> {
    const host = this.#host;
    const { branch } = change;
    const head = `slipway/deploy/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
    const there = await host.from(head, branch);
    if (there) return there;
    const parent = await host.tipOf(branch);
    if (parent === null) throw new Refusal('branch-missing', { branch });
    const message = withTrailer(change.message, 'Slipway-Record', key);
    const files = await changedFiles(host.trees, parent, change);
    await host.place(head, await host.write({ parent, message, files }));
    const [title = ''] = change.message.split('\n', 1);
    const body =
      'Slipway deploys by this change, and goes on once it is merged. Closing it ends the deployment.';
    return host.open({ head, base: branch, title, body });
  }

  get(number: number): Promise<ChangeRequest> {
    return this.#host.get(number);
  }
}
