import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import { textOf } from '../../repositories/checked.ts';
import type { FilesCommit, Repository } from '../../repositories/port.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { commitsOf, liveBefore, mustNotHaveMoved } from '../shared/order.ts';
import type { ReleaseNames } from '../shared/release-name.ts';
import { failed, running, SHOWN_MS, succeeded } from '../shared/status.ts';
import { short } from '../shared/words.ts';
import type { Agent } from './agent.ts';
import { isOwnValue, titleOf } from './own-value.ts';
import { type FoundValue, findValue, type ValuePlace } from './place.ts';
import type { Proposals } from './proposals.ts';

interface Options {
  readonly service: string;
  readonly branch: string;
  readonly file: string;
  readonly place: ValuePlace;
  readonly url?: string | undefined;
  /** ms */
  readonly deadline: number;
}

interface Parts {
  /** Where the file is. */
  readonly repository: Repository;
  readonly names: ReleaseNames;
  /** Null: the commit alone is the deployment. */
  readonly agent: Agent | null;
  /** Null: changes go to the branch. */
  readonly proposals: Proposals | null;
  readonly now: () => number;
}

type Found = Extract<FoundValue, { kind: 'found' }>;

/** Writes a release into a file of a repository, and waits until what deploys that repository says that it is live. */
export class GitopsTarget implements Target {
  readonly kind = 'gitops';
  readonly name: string;
  readonly url?: string;
  readonly resumes = true;
  readonly notUndone = ['what else was changed in that repository'];
  readonly #options: Options;
  readonly #parts: Parts;

  constructor(options: Options, parts: Parts) {
    this.name = parts.agent?.name ?? `${options.file} on ${options.branch}`;
    if (options.url !== undefined) this.url = options.url;
    this.#options = options;
    this.#parts = parts;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { repository, agent } = this.#parts;
    const { branch, file } = this.#options;
    await repository.writable(branch, signal);
    const value = await this.#valueAt(await this.#tip(signal));
    const watched = {
      name: branch,
      has: async (revision: string) => (await this.#valueIn(revision)) !== null,
      hasBranch: async (name: string) => (await repository.refs(signal)).branches[name] !== undefined,
      head: async () => (await repository.defaultBranch?.(signal)) ?? null,
    };
    const said = await agent?.preflight(watched, signal);
    return `${file} says ${value || 'nothing'} and can be changed.${said ? ` ${said}` : ''}`;
  }

  /** What was deployed from the repository, else what the file says. */
  async live(signal?: AbortSignal): Promise<Live | null> {
    const { agent, names } = this.#parts;
    for (const revision of (await agent?.deployed(signal)) ?? []) {
      const value = await this.#valueIn(revision);
      if (value !== null) return names.live(value, signal);
    }
    return names.live(await this.#valueAt(await this.#tip(signal)), signal);
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    await this.#parts.names.mustKnow(release, signal);
    const wanted = this.#parts.names.of(release);
    this.#written(await this.#foundAt(await this.#tip(signal)), wanted);
    return `${release.tag} is in the repository, and ${this.#options.file} can say ${wanted}.`;
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const { names, repository, proposals, now } = this.#parts;
    const { service, branch, file } = this.#options;
    const wanted = names.of(order.release);
    const tip = await this.#tip();
    const value = await this.#valueAt(tip);
    const [commit = ''] = commitsOf(order.release);
    const handle = { id: `${service}@${commit.slice(0, 12)}`, startedAt: now() };
    // Written already, by this order or by others: nothing is to be committed.
    if (value === wanted) {
      await this.#parts.agent?.tryAgain?.((revision) => this.#has(revision, wanted, null));
      return { ...handle, state: { commit: null, before: value, tip } };
    }
    await this.#mustBeExpected(order, value, tip);
    const change: FilesCommit = {
      branch,
      message: `${titleOf(order.kind, service)}${order.release.tag}\n\nCommit: ${order.release.commit}`,
      edits: [{ path: file, edit: (before) => this.#edit(before, value, wanted) }],
    };
    if (proposals) {
      const pull = await proposals.propose(change, key);
      return { ...handle, state: { commit: null, pull: pull.number, before: value } };
    }
    const done = await repository.commitFiles(change, key);
    const waits = done.waitsIn ?? null;
    const written = done.written !== undefined && waits === null ? done.commit : null;
    return { ...handle, state: { commit: written, waits, before: value, writtenAt: now() } };
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { names, agent, now } = this.#parts;
    const { branch, file, deadline } = this.#options;
    const { pull, before } = handle.state;
    const wanted = names.of(order.release);
    const proposed = typeof pull === 'number' ? await this.#proposed(handle, pull) : null;
    if (proposed?.status) return proposed.status;
    const tip = await this.#tip();
    const value = await this.#valueAt(tip);
    const commit = proposed?.commit ?? handle.state['commit'];
    if (value !== wanted) {
      const waits = handle.state['waits'];
      if (typeof waits === 'string' && value === before)
        return running(handle, now(), `it waits in ${waits}`, null, deadline);
      const { writtenAt = handle.startedAt } = handle.state;
      const isNew = proposed !== null || now() - Number(writtenAt) < SHOWN_MS;
      if (isNew && (await this.#isBefore(tip, commit ?? handle.state['tip'])))
        return running(handle, now(), `${branch} is not shown with the commit yet`, null, deadline);
      return failed(`${file} says ${value} now, not ${wanted}: somebody else has changed it.`);
    }
    if (agent === null) return succeeded(handle.id, handle.startedAt, now(), { url: this.url });
    const isOurs = (revision: string) =>
      this.#has(revision, wanted, typeof commit === 'string' ? commit : null);
    const status = await agent.follow({ isOurs, value: wanted, since: handle.startedAt });
    const links = { url: this.url, logUrl: agent.url };
    if (status.state === 'done') return succeeded(handle.id, handle.startedAt, now(), links);
    if (status.state === 'failed') {
      const reason = `${agent.name}: ${status.detail.replace(/\.$/, '')}. ${file} still says ${wanted}, which goes live as soon as it can.`;
      return failed(reason, { ...links, goesOn: true });
    }
    return running(handle, now(), status.detail, agent.url, deadline);
  }

  /** Closes the request that waits to be merged: whoever merged it later would deploy it then. */
  async stop({ state: { pull } }: DeployHandle): Promise<void> {
    if (typeof pull === 'number') await this.#parts.proposals?.close(pull);
  }

  /** Where a pull request is: a status while it is not merged, then its commit. */
  async #proposed(
    handle: DeployHandle,
    number: number,
  ): Promise<{ readonly status?: DeployStatus; readonly commit?: Sha } | null> {
    const { proposals } = this.#parts;
    if (proposals === null) return null;
    const pull = await proposals.get(number);
    if (pull.state === 'merged') return pull.merged === null ? {} : { commit: pull.merged };
    const name = `${proposals.nameOf(pull)} (${pull.url})`;
    if (pull.state === 'closed') return { status: failed(`${name} was closed without being merged.`) };
    const detail = `it waits for ${name} to be merged`;
    return { status: running(handle, this.#parts.now(), detail, pull.url, this.#options.deadline) };
  }

  /**
   * The file says what the order expects. Where an agent deploys, it may also be ahead by what an order of ours wrote and the
   * agent could not deploy: production is where it is expected then.
   */
  async #mustBeExpected(order: DeployOrder, value: string, tip: Sha): Promise<void> {
    const { agent, names, repository } = this.#parts;
    try {
      mustNotHaveMoved(this.name, order, await names.live(value));
    } catch (error) {
      if (agent === null || !(error instanceof Refusal)) throw error;
      const has = async (revision: Sha) => (await this.#valueIn(revision)) === value;
      if (!(await isOwnValue(repository, tip, this.#options.service, has))) throw error;
      const live = await liveBefore(order, () => this.live());
      if (live !== 'unsaid') mustNotHaveMoved(this.name, order, live);
    }
  }

  #edit(before: string | null, expected: string, wanted: string): string {
    if (before === null) throw this.#wrong('it is not there');
    const found = this.#found(before);
    if (found.value !== expected && found.value !== wanted) {
      throw new Refusal('target-diverged', { target: this.name, expected, found: found.value });
    }
    return found.value === wanted ? before : this.#written(found, wanted);
  }

  #written(found: Found, wanted: string): string {
    const text = found.write(wanted);
    if (text !== null) return text;
    throw this.#wrong(`${wanted} in the place of ${found.value || 'nothing'} would not be found there again`);
  }

  /** Whether a revision says what is wanted, and comes after our commit, where there is one. */
  async #has(revision: string, wanted: string, commit: Sha | null): Promise<boolean> {
    if ((await this.#valueIn(revision)) !== wanted) return false;
    if (commit === null || revision === commit) return true;
    return (await this.#parts.repository.firstAncestor(revision, [commit])) === commit;
  }

  /** Whether a tip that was read is from before a commit; false where nobody knows that commit. */
  async #isBefore(tip: Sha, commit: unknown): Promise<boolean> {
    if (typeof commit !== 'string') return false;
    return (await this.#parts.repository.firstAncestor(tip, [commit])) === null;
  }

  /** What the file says at a revision; null where that is of another repository, or says nothing. */
  async #valueIn(revision: string): Promise<string | null> {
    if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) return null;
    try {
      return await this.#valueAt(revision);
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }

  async #tip(signal?: AbortSignal): Promise<Sha> {
    const { branch } = this.#options;
    const tip = (await this.#parts.repository.refs(signal)).branches[branch];
    if (tip === undefined) throw new Refusal('branch-missing', { branch });
    return tip;
  }

  async #valueAt(commit: Sha): Promise<string> {
    return (await this.#foundAt(commit)).value;
  }

  async #foundAt(commit: Sha): Promise<Found> {
    const [blob = null] = await this.#parts.repository.read(commit, [this.#options.file]);
    const text = textOf(blob);
    if (text === null) throw this.#wrong(`it is not in the repository at ${short(commit)}`);
    return this.#found(text);
  }

  #found(text: string): Found {
    const found = findValue(text, this.#options.place);
    if (found.kind === 'problem') throw this.#wrong(found.reason);
    return found;
  }

  #wrong(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.#options.file, reason });
  }
}
