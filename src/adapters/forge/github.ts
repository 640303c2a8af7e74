import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import type { Commit, FileChange, Release, Sha } from '../../domain/release.ts';
import { hasTrailer, withTrailer } from '../../domain/release-message.ts';
import type { AdapterContext } from '../context.ts';
import { isRefName } from '../git/refs.ts';
import { webLinks } from '../git/web-links.ts';
import { checksOf } from '../github/checks.ts';
import type { GithubClient } from '../github/client.ts';
import { isCorrelated } from '../github/correlation.ts';
import { deploymentOf, GithubDeployments } from '../github/deployments.ts';
import { checkSha, type GithubFiles } from '../github/files.ts';
import type { GithubHistory } from '../github/history.ts';
import type { GithubRefs } from '../github/refs.ts';
import { publishRelease } from '../github/releases.ts';
import { type GithubRepository, githubRepository } from '../github/repository.ts';
import { githubShape, hasOneLogin, ONE_LOGIN } from '../github/settings.ts';
import { GithubWriter } from '../github/write.ts';
import type { Blob, FilesCommit, Forge, Refs, ReleaseCut, ReleasePage } from './port.ts';

const MOST_ATTEMPTS = 8;

export const GithubForgeSettings = z
  .strictObject({
    use: z.literal('github'),
    ...githubShape,
    committer: z
      .strictObject({ name: z.string().min(1), email: z.string().min(3) })
      .optional()
      .meta({
        description:
          'Who the release commits and tags are by. Default: the account of the token, or the app, whose commits GitHub signs.',
      }),
    ci: z
      .union([z.enum(['all', 'none']), z.array(z.string().min(1)).min(1).max(50)], {
        error: 'all, none, or a list of names of checks',
      })
      .default('all')
      .meta({
        description:
          'Checks and commit statuses that the candidate must have passed: all that report, none, or these by name.',
      }),
    environment: z
      .union([z.string().min(1).max(255), z.literal(false)], {
        error: 'the name of an environment, or false',
      })
      .default('production')
      .meta({
        description:
          'Environment in which GitHub shows what Slipway deploys; false where something else records that, such as a job with `environment`.',
      }),
    'staging-environment': z.string().min(1).max(255).optional().meta({
      description:
        'Environment of staging on GitHub: it must show a successful deployment of exactly the validated commit.',
    }),
  })
  .refine(hasOneLogin, { error: ONE_LOGIN })
  .meta({ description: 'A repository on GitHub, through its REST API; no git program and no clone.' });
export type GithubForgeSettings = z.infer<typeof GithubForgeSettings>;

export function openGithubForge(settings: GithubForgeSettings, context: AdapterContext): Forge {
  return new GithubForge(settings, githubRepository(settings, context));
}

class GithubForge implements Forge {
  readonly kind = 'github';
  readonly links: Forge['links'];
  readonly checks?: NonNullable<Forge['checks']>;
  readonly staged?: NonNullable<Forge['staged']>;
  readonly recordDeployment?: NonNullable<Forge['recordDeployment']>;
  readonly #client: GithubClient;
  readonly #files: GithubFiles;
  readonly #history: GithubHistory;
  readonly #refs: GithubRefs;
  readonly #writer: GithubWriter;

  constructor(settings: GithubForgeSettings, { client, files, history, refs }: GithubRepository) {
    this.#client = client;
    this.#files = files;
    this.#history = history;
    this.#refs = refs;
    this.#writer = new GithubWriter(client, files, settings.committer ?? null);
    this.links = webLinks(client.web, 'github');
    const { ci, environment, 'staging-environment': staging } = settings;
    if (ci !== 'none') this.checks = (commit) => checksOf(client, commit, ci, isCorrelated);
    if (staging !== undefined) this.staged = (commit) => deploymentOf(client, commit, staging);
    if (environment !== false) {
      const deployments = new GithubDeployments(client, environment);
      this.recordDeployment = (record, key) => deployments.record(record, key);
    }
  }

  refs(signal?: AbortSignal): Promise<Refs> {
    return this.#refs.all(signal);
  }

  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#files.read(commit, paths);
  }

  async list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    const files = await this.#files.of(commit);
    return [...files.values()]
      .filter(({ mode }) => mode.startsWith('100'))
      .map(({ path }) => path)
      .filter((path) => folders.length === 0 || folders.some((folder) => isBelow(path, folder)))
      .sort();
  }

  commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    return after === null ? this.#history.upTo(until) : this.#history.between(after, until);
  }

  async firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    for (const candidate of candidates) {
      if (await this.#history.isAncestor(candidate, commit)) return candidate;
    }
    return null;
  }

  containing(commit: Sha, text: string): Promise<readonly string[]> {
    return this.#files.containing(commit, text);
  }

  changed(from: Sha, to: Sha): Promise<readonly string[]> {
    return this.#files.changed(from, to);
  }

  /** Writes an object that nothing points at: that takes the same permission as a push. */
  async writable(branch: string, signal?: AbortSignal): Promise<string | void> {
    await this.#tip(branch, signal);
    await this.#writer.probe(signal);
  }

  /**
   * Commit and tag are objects that nobody sees until their refs exist. The tag's ref comes first: it alone ships
   * nothing and can be taken back; the branch then moves only forward. A crash in between is found by the tag.
   */
  async cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    checkNames(cut.branch, cut.tag);
    const made = await this.#findRelease(cut, key);
    if (made) return made;
    const tip = await this.#tip(cut.branch);
    if (tip !== cut.base) throw moved(cut, tip);

    const message = withTrailer(cut.message, 'Slipway-Promotion', key);
    const commit = await this.#writer.commit({ parent: cut.base, message, files: cut.files });
    const tag = await this.#writer.tag(cut.tag, commit, cut.tagMessage);
    const created = await this.#refs.create(`tags/${cut.tag}`, tag);
    if (created === 'exists') {
      const found = await this.#findRelease(cut, key);
      if (found) return found;
      throw new Refusal('tag-exists', { tag: cut.tag });
    }
    if (created !== 'created') throw this.#notWritable(cut.tag, created.refused);
    return this.#moveBranch(cut, commit);
  }

  async commitFiles(change: FilesCommit, key: string): Promise<{ readonly commit: Sha }> {
    checkNames(change.branch);
    const paths = change.edits.map(({ path }) => path);
    for (let attempt = 1; ; attempt++) {
      const tip = await this.#tip(change.branch);
      const done = await this.#findRecord(tip, paths, key);
      if (done) return { commit: done };

      const blobs = await this.#files.read(tip, paths);
      const files = change.edits.flatMap(({ path, edit }, index): FileChange[] => {
        const before = textOf(blobs[index] ?? null);
        const text = edit(before);
        return text === before ? [] : [{ path, text }];
      });
      if (files.length === 0) return { commit: tip };

      const message = withTrailer(change.message, 'Slipway-Record', key);
      const commit = await this.#writer.commit({ parent: tip, message, files });
      const result = await this.#refs.move(change.branch, commit);
      if (result === 'moved') return { commit };
      if (result !== 'not-forward') throw this.#notWritable(change.branch, result.refused);
      if (attempt === MOST_ATTEMPTS) throw new Refusal('branch-moved', { branch: change.branch });
    }
  }

  async deleteTag(tag: string): Promise<void> {
    checkNames(tag);
    const problem = await this.#refs.remove(`tags/${tag}`);
    if (problem) throw this.#notWritable(tag, problem.refused);
  }

  publishRelease({ tag }: Release, page: ReleasePage): Promise<{ readonly url: string }> {
    return publishRelease(this.#client, tag, page);
  }

  async close(): Promise<void> {}

  /**
   * What an earlier call with this key made, by its tag and trailer; null when there is no such tag. A tag that
   * got there while the branch did not is finished, or taken back when the branch has moved on meanwhile.
   */
  async #findRelease(cut: ReleaseCut, key: string): Promise<Release | null> {
    const tag = await this.#refs.tag(cut.tag);
    if (tag === null) return null;
    const { message, parents } = await this.#writer.read(tag.commit);
    const isOurs =
      hasTrailer(message, 'Slipway-Promotion', key) && parents.some(({ sha }) => sha === cut.base);
    if (!isOurs) throw new Refusal('tag-exists', { tag: cut.tag });
    const tip = await this.#tip(cut.branch);
    if (tip === cut.base) return this.#moveBranch(cut, tag.commit);
    if (await this.#history.isAncestor(tag.commit, tip)) return this.#release(cut, tag.commit);
    if (!(await this.#history.isAncestor(cut.base, tip))) {
      throw new Refusal('branch-diverged', { branch: cut.branch, found: tip });
    }
    await this.deleteTag(cut.tag);
    throw moved(cut, tip);
  }

  /** The last step: from here on the release is complete. When it is refused, the tag goes again. */
  async #moveBranch(cut: ReleaseCut, commit: Sha): Promise<Release> {
    const result = await this.#refs.move(cut.branch, commit);
    if (result === 'moved') return this.#release(cut, commit);
    const tip = await this.#tip(cut.branch);
    if (await this.#history.isAncestor(commit, tip)) return this.#release(cut, commit);
    await this.deleteTag(cut.tag);
    if (result === 'not-forward' || tip !== cut.base) throw moved(cut, tip);
    throw this.#notWritable(cut.branch, result.refused);
  }

  async #findRecord(tip: Sha, paths: readonly string[], key: string): Promise<Sha | null> {
    for (const path of paths) {
      const commits = await this.#history.touching(tip, path);
      const found = commits.find(({ message }) => hasTrailer(message, 'Slipway-Record', key));
      if (found) return found.sha;
    }
    return null;
  }

  #release(cut: ReleaseCut, commit: Sha): Release {
    const url = this.links.tag(cut.tag);
    return { version: cut.version, tag: cut.tag, commit, ...(url ? { url } : {}) };
  }

  async #tip(branch: string, signal?: AbortSignal): Promise<Sha> {
    checkNames(branch);
    const tip = await this.#refs.branch(branch, signal);
    if (tip === null) throw new Refusal('branch-missing', { branch, remote: this.#client.web });
    checkSha(tip);
    return tip;
  }

  #notWritable(branch: string, reason: string): Refusal {
    return new Refusal('not-writable', { remote: this.#client.web, branch, reason });
  }
}

function moved({ branch, base }: ReleaseCut, found: Sha): Refusal {
  return new Refusal('branch-moved', { branch, expected: base, found });
}

function isBelow(path: string, folder: string): boolean {
  const bare = folder.replace(/\/+$/, '');
  return path === bare || path.startsWith(`${bare}/`);
}

function checkNames(...names: readonly string[]): void {
  for (const branch of names) {
    if (!isRefName(branch)) throw new Refusal('branch-missing', { branch });
  }
}

function textOf(blob: Blob | null): string | null {
  if (blob === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(blob.bytes);
  } catch {
    throw new Refusal('file-not-text', { path: blob.path });
  }
}
