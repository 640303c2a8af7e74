import { Refusal } from '../../../domain/refusals/refusal.ts';
import { hasTrailer } from '../../../domain/release/message.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { FilesCommit } from '../port.ts';
import type { RequestHost } from './host.ts';
import type { RecordFiles } from './record-files.ts';

/** With more commits than this waiting, somebody has to merge them. */
const MOST_WAITING = 200;

/** On a branch that takes no pushes, reports and state files gather in a request that nothing waits for. */
export class RecordsRequest {
  readonly #host: RequestHost;
  readonly #files: RecordFiles;
  /** Up to these, all that waits is Slipway's. */
  readonly #ours = new Set<Sha>();

  /** `files`: what Slipway writes there. */
  constructor(host: RequestHost, files: RecordFiles) {
    this.#host = host;
    this.#files = files;
  }

  /** Where the next report belongs: on top of those that wait; null when none do. */
  async tip(branch: string): Promise<Sha | null> {
    const head = recordsBranch(branch);
    const request = await this.#host.from(head, branch);
    // What the host says of the request may be older than its branch.
    return request?.state === 'open' ? this.#host.tipOf(head) : null;
  }

  /**
   * Puts a commit of reports where they wait, and merges them if that can be done at once and all of them are Slipway's:
   * what others put there, who may push but not merge, waits for somebody who may. `onTop`: the newest that waits already.
   * `waitsIn`: "pull request #12 (https://…)". Null when somebody else put something there meanwhile.
   */
  async add(
    change: FilesCommit,
    commit: Sha,
    onTop: Sha | null,
  ): Promise<{ readonly commit: Sha; readonly waitsIn?: string } | null> {
    const host = this.#host;
    const { branch } = change;
    const head = recordsBranch(branch);
    if (!(await host.place(head, commit, onTop !== null))) return null;
    const request = await host.open({
      head,
      base: branch,
      title: 'docs(ship): ship reports and state files',
      body: `Slipway writes these after a deployment, and ${branch} takes changes only by ${host.noun}s. It merges this by itself with the next report once that is possible; merging it by hand is fine.`,
    });
    const name = `${host.sign}${request.number}`;
    const waitsIn = `${host.noun} ${name} (${request.url})`;
    if (onTop !== null && !(await this.#areOurs(change, onTop))) {
      const why = 'which somebody has to merge: not all of its commits are Slipway’s';
      return { commit, waitsIn: `${waitsIn}, ${why}` };
    }
    this.#ours.add(commit);
    const merged = await host.mergeNow(request, commit, `docs(ship): ship reports (${name})`);
    if (merged === null) return { commit, waitsIn };
    // A report that was put on top meanwhile waits there.
    if ((await host.tipOf(head)) === commit) await host.remove(head);
    return { commit: merged };
  }

  /**
   * Whether every commit that waits has the trailer of a record and touches only files that records write, or brings in
   * what the branch has.
   */
  async #areOurs(change: FilesCommit, newest: Sha): Promise<boolean> {
    const host = this.#host;
    const tip = await host.tipOf(change.branch);
    if (tip === null) return false;
    const places = await this.#placesAt(tip, [...change.edits.map(({ path }) => path), ...this.#files.paths]);
    const isOurs = (path: string) => places.has(path) || this.#files.has(path);
    // What was merged into them last: no other commit of the branch may be newer.
    let base = tip;
    for (let commit = newest, seen = 0; seen < MOST_WAITING; seen++) {
      if (base === tip && this.#ours.has(commit)) return true;
      if (await host.isAncestor(commit, base)) return true;
      const { message, parents } = await host.commit(commit);
      const [parent, merged, ...more] = parents;
      if (parent === undefined || more.length > 0) return false;
      if (
        merged === undefined ? !hasTrailer(message, 'Slipway-Record') : !(await host.isAncestor(merged, base))
      )
        return false;
      const changed = await host.trees.changed(merged ?? parent, commit);
      if (!changed.every(isOurs)) return false;
      base = merged ?? base;
      commit = parent;
    }
    return false;
  }

  /** By the links of the branch: whoever pushes to what waits may make others. */
  async #placesAt(tip: Sha, paths: readonly string[]): Promise<ReadonlySet<string>> {
    const { trees } = this.#host;
    const found = paths.map((path) =>
      trees.placesOf(tip, [path]).catch((error: unknown): readonly string[] => {
        if (error instanceof Refusal) return [];
        throw error;
      }),
    );
    return new Set((await Promise.all(found)).flat());
  }
}

/** Where reports for a branch wait. */
export function recordsBranch(branch: string): string {
  return `slipway/records/${branch}`;
}
