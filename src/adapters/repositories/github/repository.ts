import { z } from 'zod';
import type { Refusal } from '../../../domain/refusals/refusal.ts';
import type { PathFilter } from '../../../domain/release/paths.ts';
import type { Commit, Release, Sha } from '../../../domain/release/release.ts';
import { checkNames, isRefName } from '../checked.ts';
import { isCorrelated } from '../correlation.ts';
import { webLinks } from '../git/web-links.ts';
import type {
  Blob,
  ComingRelease,
  FilesCommit,
  OpenedIssue,
  Refs,
  ReleaseCut,
  ReleasePage,
  Repository,
} from '../port.ts';
import type { RecordFiles } from '../requests/record-files.ts';
import { RecordsRequest } from '../requests/records-request.ts';
import { ReleaseRequest } from '../requests/release-request.ts';
import { lackingPermissions, mustBeWritable, type Wishes } from './access.ts';
import { checksOf } from './checks/checks.ts';
import type { GithubClientSet } from './client-set.ts';
import { deploymentOf, GithubDeployments } from './deployments.ts';
import { GithubOpeners } from './openers.ts';
import { openedIssues } from './reports/issues.ts';
import { GithubTouching } from './touching.ts';
import { GithubObjects } from './writing/objects.ts';
import { GithubRecordWriter } from './writing/record-writer.ts';
import { publishRelease } from './writing/release-page.ts';
import { GithubReleaseWriter } from './writing/release-writer.ts';
import { GithubRequestHost } from './writing/request-host.ts';

const AboutRepository = z.object({ default_branch: z.string() });

/** A repository on GitHub, through its REST API. */
export class GithubRepository implements Repository {
  readonly kind = 'github';
  readonly links: Repository['links'];
  readonly checks?: NonNullable<Repository['checks']>;
  readonly staged?: NonNullable<Repository['staged']>;
  readonly recordDeployment?: NonNullable<Repository['recordDeployment']>;
  readonly #options: Wishes;
  readonly #repository: GithubClientSet;
  readonly #releases: GithubReleaseWriter;
  readonly #records: GithubRecordWriter;
  readonly #openers: GithubOpeners;
  /** Tags that have a page. */
  readonly #published = new Set<string>();
  readonly #touching: GithubTouching;
  readonly #files: RecordFiles;

  constructor(options: Wishes, repository: GithubClientSet, files: RecordFiles) {
    this.#files = files;
    const { client, commits } = repository;
    this.#options = options;
    this.#openers = new GithubOpeners(client);
    this.#touching = new GithubTouching(client, repository.history);
    this.#repository = repository;
    this.links = webLinks(client.web, 'github');
    const objects = new GithubObjects(repository, options.committer ?? null);
    const { ci, environment, merge, protected: how, 'staging-environment': staging } = options;
    const host = how === 'pull-request' ? new GithubRequestHost(repository, objects, merge) : null;
    const releasePull = host && new ReleaseRequest(host);
    const recordsPull = host && new RecordsRequest(host, files);
    this.#releases = new GithubReleaseWriter(repository, objects, releasePull, this.links);
    this.#records = new GithubRecordWriter(repository, objects, recordsPull);
    if (ci !== 'none') this.checks = (commit) => checksOf(client, commit, ci, isCorrelated);
    if (staging !== undefined) this.staged = (commit) => deploymentOf(client, commit, staging);
    if (environment !== false) {
      const deployments = new GithubDeployments(client, environment, commits);
      this.recordDeployment = (record, key) => deployments.record(record, key);
    }
  }

  refs(signal?: AbortSignal): Promise<Refs> {
    return this.#repository.refs.all(this.#options.branch, signal);
  }

  async defaultBranch(signal?: AbortSignal): Promise<string | null> {
    const { client } = this.#repository;
    const about = await client.get('GET /repos/{owner}/{repo}', {}, AboutRepository, { signal });
    return about.default_branch;
  }

  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#repository.files.read(commit, paths);
  }

  placesOf(commit: Sha, paths: readonly string[]): Promise<readonly string[]> {
    return this.#repository.files.placesOf(commit, paths);
  }

  list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    return this.#repository.files.list(commit, folders);
  }

  commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    const { history } = this.#repository;
    return after === null ? history.upTo(until) : history.between(after, until);
  }

  touching(after: Sha | null, until: Sha, paths: PathFilter): Promise<ReadonlySet<Sha>> {
    return this.#touching.of(after, until, paths);
  }

  openers(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>> {
    return this.#openers.of(commits, branch);
  }

  pushers(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[] | null>> {
    return this.#openers.pushersOf(commits, branch);
  }

  async firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    for (const candidate of candidates) {
      if (await this.#repository.history.isAncestor(candidate, commit)) return candidate;
    }
    return null;
  }

  openedIssues(
    labels: readonly string[],
    sinceMs: number,
    signal?: AbortSignal,
  ): Promise<readonly OpenedIssue[]> {
    return openedIssues(this.#repository.client, labels, sinceMs, signal);
  }

  async tipOf(branch: string): Promise<Sha | null> {
    return isRefName(branch) ? this.#repository.refs.branch(branch) : null;
  }

  containing(commit: Sha, text: string): Promise<readonly string[]> {
    return this.#repository.files.containing(commit, text);
  }

  async changed(from: Sha, to: Sha): Promise<readonly string[]> {
    const { files, history } = this.#repository;
    return (await history.changed(from, to)) ?? files.changed(from, to);
  }

  async writable(branch: string, signal?: AbortSignal, coming?: ComingRelease): Promise<string | void> {
    checkNames(branch);
    return mustBeWritable(this.#repository, branch, this.#options, coming, signal);
  }

  cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    return this.#releases.cut(cut, key);
  }

  willWrite(files: Parameters<RecordFiles['add']>[0]): void {
    this.#files.add(files);
  }

  commitFiles(change: FilesCommit, key: string): ReturnType<Repository['commitFiles']> {
    return this.#records.commit(change, key);
  }

  deleteTag(tag: string): Promise<void> {
    return this.#releases.deleteTag(tag);
  }

  publishRelease(release: Release, page: ReleasePage): Promise<{ readonly url: string }> {
    return publishRelease(this.#repository, release, page, this.#published);
  }

  lacking(branch: string, signal?: AbortSignal): Promise<readonly Refusal[]> {
    return lackingPermissions(this.#repository, branch, this.#options, signal);
  }

  async close(): Promise<void> {}
}
