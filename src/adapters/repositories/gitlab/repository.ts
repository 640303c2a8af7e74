import type { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Commit, Release, Sha } from '../../../domain/release/release.ts';
import { checkNames } from '../checked.ts';
import { type Identity, releaseOf } from '../commit.ts';
import type { Clone } from '../git/clone.ts';
import { GitRepository } from '../git/repository.ts';
import type { Signer } from '../git/signing/signer.ts';
import { webLinks } from '../git/web-links.ts';
import type { RecordsDetour } from '../git/writing/record-writer.ts';
import type { ComingRelease, OpenedIssue, ReleaseCut, ReleasePage, Repository } from '../port.ts';
import type { Protection } from '../requests/host.ts';
import type { RecordFiles } from '../requests/record-files.ts';
import { RecordsRequest } from '../requests/records-request.ts';
import { ReleaseRequest } from '../requests/release-request.ts';
import { type GitlabWishes, lackingPermissions, mustBeWritable } from './access.ts';
import { withAccounts } from './accounts.ts';
import { checksOf } from './checks.ts';
import type { GitlabClient } from './client.ts';
import { deploymentOf, GitlabDeployments } from './deployments.ts';
import { openedIssues } from './issues.ts';
import { GitlabOpeners } from './openers.ts';
import { publishRelease } from './release-page.ts';
import { commitOfTag, tagMerged } from './release-tag.ts';
import { GitlabRequestHost } from './request-host.ts';

/** What the settings of the repository say of how it is used. */
export interface GitlabOptions {
  readonly branch: string;
  readonly protected: GitlabWishes['protected'];
  readonly squash: boolean;
  readonly ci: 'all' | 'none' | readonly string[];
  readonly environment: string | false;
  readonly 'staging-environment'?: string | undefined;
}

/** A project on GitLab: its commits by git, all else by its REST API. */
export class GitlabRepository extends GitRepository {
  override readonly kind = 'gitlab';
  readonly checks?: NonNullable<Repository['checks']>;
  readonly staged?: NonNullable<Repository['staged']>;
  readonly recordDeployment?: NonNullable<Repository['recordDeployment']>;
  readonly #client: GitlabClient;
  readonly #wishes: GitlabWishes;
  readonly #openers: GitlabOpeners;
  readonly #request: ReleaseRequest<Protection> | null;
  readonly #files: RecordFiles;

  constructor(
    options: GitlabOptions,
    client: GitlabClient,
    clone: Clone,
    hand: { readonly committer: Identity; readonly signer: Signer | null },
    files: RecordFiles,
  ) {
    const host =
      options.protected === 'refuse' ? null : new GitlabRequestHost(client, clone, hand, options.squash);
    super(clone, hand, webLinks(client.web, 'gitlab'), client.now, host && detourBy(host, files));
    this.#files = files;
    this.#request = host && new ReleaseRequest(host);
    const { branch, ci, environment, protected: how, 'staging-environment': staging } = options;
    this.#client = client;
    this.#openers = new GitlabOpeners(client);
    this.#wishes = { protected: how, committer: hand.committer, signs: hand.signer !== null };
    if (ci !== 'none') this.checks = (commit) => checksOf(client, commit, ci);
    if (staging !== undefined) this.staged = (commit) => deploymentOf(client, commit, staging);
    if (environment !== false) {
      const deployments = new GitlabDeployments(client, environment, branch);
      this.recordDeployment = (record, key) => deployments.record(record, key);
    }
  }

  /** What the API knows of rules first: only a push that is made meets them. */
  override async writable(
    branch: string,
    signal?: AbortSignal,
    coming?: ComingRelease,
  ): Promise<string | void> {
    checkNames(branch);
    const { known } = await mustBeWritable(this.#client, branch, this.#wishes, coming, signal);
    const signed = await super.writable(branch, signal);
    const sentences = [...known, ...(signed ? [signed] : [])];
    if (sentences.length > 0) return sentences.join(' ');
  }

  /**
   * By one push where the branch takes it. On a protected branch the commit comes first, by merge request, and the tag
   * names what it became.
   */
  override async cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    checkNames(cut.branch, cut.tag);
    const request = this.#request;
    if (request === null) return super.cutRelease(cut, key);
    const tagged = await commitOfTag(this.#client, cut.tag);
    // One that is not of a merge request was pushed with its commit, or is somebody else's.
    if (tagged !== null && (await request.mergedAs(cut, key)) !== tagged) return super.cutRelease(cut, key);
    const commit = tagged ?? (await request.release(cut, key));
    if (commit === null) return super.cutRelease(cut, key);
    if (tagged === null) await tagMerged(this.#client, cut, commit);
    // By its branch a release is known again while it has no tag.
    await request.tidy(cut);
    return releaseOf(cut, commit, this.links);
  }

  willWrite(files: Parameters<RecordFiles['add']>[0]): void {
    this.#files.add(files);
  }

  override commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    return withAccounts(super.commits(after, until), this.#client.web);
  }

  openers(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>> {
    return this.#openers.of(commits, branch);
  }

  pushers(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[] | null>> {
    return this.#openers.pushersOf(commits, branch);
  }

  publishRelease({ tag }: Release, page: ReleasePage): Promise<{ readonly url: string }> {
    return publishRelease(this.#client, tag, page);
  }

  openedIssues(
    labels: readonly string[],
    sinceMs: number,
    signal?: AbortSignal,
  ): Promise<readonly OpenedIssue[]> {
    return openedIssues(this.#client, labels, sinceMs, signal);
  }

  lacking(branch: string, signal?: AbortSignal): Promise<readonly Refusal[]> {
    return lackingPermissions(this.#client, branch, signal);
  }
}

function detourBy(host: GitlabRequestHost, files: RecordFiles): RecordsDetour {
  const records = new RecordsRequest(host, files);
  return {
    placeOf: async (branch) => ((await host.protectionOf(branch)).isProtected ? records.tip(branch) : 'open'),
    add: (change, commit, onTop) => records.add(change, commit, onTop),
  };
}
