import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Commit, Release, Sha } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { webLinks } from '../git/web-links.ts';
import type { Blob, FilesCommit, Refs, ReleaseCut, ReleasePage, Repository } from '../port.ts';
import type { GithubClient } from './api/client.ts';
import {
  CHECKS,
  CONTENTS,
  DEPLOYMENTS,
  type Need,
  PULL_REQUESTS,
  READ_ACTIONS,
  READ_DEPLOYMENTS,
  STATUSES,
} from './api/permissions.ts';
import { checksOf } from './checks.ts';
import { type GithubClientSet, githubClientSet } from './client-set.ts';
import { isCorrelated } from './correlation.ts';
import { deploymentOf, GithubDeployments } from './deployments.ts';
import type { GithubFiles } from './files.ts';
import type { GithubHistory } from './history.ts';
import { GuardedBranch } from './protected-branch.ts';
import type { GithubRefs } from './refs.ts';
import { GithubWriting } from './release-writer.ts';
import { publishRelease } from './releases.ts';
import { guardOf } from './rules.ts';
import { githubShape, hasOneLogin, ONE_LOGIN } from './settings.ts';
import { GithubWriter } from './write.ts';

export const GithubRepositorySettings = z
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
    protected: z.enum(['pull-request', 'refuse']).default('pull-request').meta({
      description:
        'What to do when the branch takes no pushes: release by a pull request that is merged once its checks have passed, or refuse.',
    }),
    merge: z
      .enum(['merge', 'squash', 'rebase'])
      .default('merge')
      .meta({ description: 'How such a pull request is merged.' }),
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
export type GithubRepositorySettings = z.infer<typeof GithubRepositorySettings>;

export function openGithubRepository(
  settings: GithubRepositorySettings,
  context: AdapterContext,
): Repository {
  return new GithubRepository(settings, githubClientSet(settings, context));
}

class GithubRepository implements Repository {
  readonly kind = 'github';
  readonly links: Repository['links'];
  readonly checks?: NonNullable<Repository['checks']>;
  readonly staged?: NonNullable<Repository['staged']>;
  readonly recordDeployment?: NonNullable<Repository['recordDeployment']>;
  readonly #settings: GithubRepositorySettings;
  readonly #repository: GithubClientSet;
  readonly #client: GithubClient;
  readonly #files: GithubFiles;
  readonly #history: GithubHistory;
  readonly #refs: GithubRefs;
  readonly #writing: GithubWriting;

  constructor(settings: GithubRepositorySettings, repository: GithubClientSet) {
    const { client, files, history, refs } = repository;
    this.#settings = settings;
    this.#repository = repository;
    this.#client = client;
    this.#files = files;
    this.#history = history;
    this.#refs = refs;
    this.links = webLinks(client.web, 'github');
    const writer = new GithubWriter(client, files, settings.committer ?? null);
    const guarded =
      settings.protected === 'refuse' ? null : new GuardedBranch(repository, writer, settings.merge);
    this.#writing = new GithubWriting(repository, writer, guarded, this.links);
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

  writable(branch: string, signal?: AbortSignal): Promise<string | void> {
    return this.#writing.writable(branch, signal);
  }

  cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    return this.#writing.cutRelease(cut, key);
  }

  commitFiles(
    change: FilesCommit,
    key: string,
  ): Promise<{ readonly commit: Sha; readonly waitsIn?: string }> {
    return this.#writing.commitFiles(change, key);
  }

  deleteTag(tag: string): Promise<void> {
    return this.#writing.deleteTag(tag);
  }

  publishRelease({ tag }: Release, page: ReleasePage): Promise<{ readonly url: string }> {
    return publishRelease(this.#client, tag, page);
  }

  async lacking(branch: string, signal?: AbortSignal): Promise<readonly Refusal[]> {
    const { client, permissions } = this.#repository;
    const needs = await this.#needs(branch, signal);
    const first = await permissions.lacking(needs, signal);
    // What a token does not see as check runs it may see as jobs of Actions; see `checksOf`.
    const isBlind = first.includes('checks: read') && client.login.kind === 'token';
    const otherwise = isBlind && this.#settings.ci !== 'all';
    const lacking = otherwise
      ? [
          ...first.filter((permission) => permission !== 'checks: read'),
          ...(await permissions.lacking([READ_ACTIONS], signal)),
        ]
      : first;
    const { name: repository, login } = client;
    return lacking.map(
      (permission) => new Refusal('github-permission', { repository, login: login.kind, permission }),
    );
  }

  /** By what is configured, and by how the branch is guarded now. */
  async #needs(branch: string, signal: AbortSignal | undefined): Promise<readonly Need[]> {
    const { ci, environment, protected: how, 'staging-environment': staging } = this.#settings;
    const { tip, isProtected } = await guardOf(this.#repository.client, branch, signal);
    const throughPull = isProtected && how === 'pull-request';
    const wantsChecks = ci !== 'none' || throughPull;
    return [
      CONTENTS,
      ...(throughPull ? [PULL_REQUESTS(branch)] : []),
      ...(environment === false ? [] : [DEPLOYMENTS]),
      ...(staging === undefined ? [] : [READ_DEPLOYMENTS]),
      ...(wantsChecks ? [CHECKS(tip), STATUSES(tip)] : []),
    ];
  }

  async close(): Promise<void> {}
}

function isBelow(path: string, folder: string): boolean {
  const bare = folder.replace(/\/+$/, '');
  return path === bare || path.startsWith(`${bare}/`);
}
