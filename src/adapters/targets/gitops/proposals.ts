import { createHash } from 'node:crypto';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { withTrailer } from '../../../domain/release/message.ts';
import { changedFiles } from '../../repositories/commit.ts';
import type { FilesCommit } from '../../repositories/port.ts';
import type { ChangeRequest, RequestHost } from '../../repositories/requests/host.ts';

/** So many earlier tries are looked at. */
const MOST_TRIES = 5;

/** Changes as pull requests on GitHub or merge requests on GitLab, which somebody else merges. */
export class Proposals {
  readonly #host: RequestHost;
  readonly #end: string;

  /** `wave`: where it is one of several targets of the service, its name. */
  constructor(host: RequestHost, wave?: string) {
    this.#host = host;
    this.#end = wave === undefined ? '' : `-${wave}`;
  }

  /** As people there call it: "merge request !12". */
  nameOf({ number }: ChangeRequest): string {
    return `${this.#host.noun} ${this.#host.sign}${number}`;
  }

  /**
   * Its branch is named after the key, so that the same order has one request. One of an earlier try that is still open is
   * that of this one, too. Refusal `branch-missing`.
   */
  async propose(change: FilesCommit, key: string): Promise<ChangeRequest> {
    const host = this.#host;
    const { branch } = change;
    const head = headOf(key);
    const there = await host.from(head, branch);
    if (there) return there;
    for (const earlier of earlierTries(key, this.#end)) {
      const open = await host.from(headOf(earlier), branch);
      if (open?.state === 'open') return open;
    }
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

  /** Nobody can merge it any more. Refusal `platform-refused` where somebody has. */
  async close(number: number): Promise<void> {
    const pull = await this.get(number);
    if (pull.state === 'open') await this.#host.close(number);
    const after = pull.state === 'open' ? await this.get(number) : pull;
    if (after.state !== 'merged') return;
    throw new Refusal('platform-refused', {
      platform: this.#host.name,
      doing: `close ${this.nameOf(pull)}`,
      said: 'it is merged',
    });
  }
}

function headOf(key: string): string {
  return `slipway/deploy/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

/** Tries of one order have the same key but for the number before its end, which names the wave; the newest first. */
function earlierTries(key: string, end: string): readonly string[] {
  const tried = key.endsWith(end) ? key.slice(0, key.length - end.length) : '';
  const [, order = '', nth = ''] = /^(.*-)(\d{1,3})$/.exec(tried) ?? [];
  const count = Math.max(0, Number(nth) - 1);
  const earlier = Array.from({ length: count }, (_, index) => `${order}${index + 1}${end}`);
  return earlier.reverse().slice(0, MOST_TRIES);
}
