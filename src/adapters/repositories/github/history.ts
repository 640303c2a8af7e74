import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Commit, Sha } from '../../../domain/release/release.ts';
import { Lru } from '../lru.ts';
import type { GithubClient } from './api/client.ts';
import type { ListedCommit } from './api/shapes.ts';
import * as shapes from './api/shapes.ts';
import type { KnownCommits } from './known/commits.ts';
import type { KnownDiffs } from './known/diffs.ts';
import { checkSha } from './trees.ts';

const PER_PAGE = 100;
const KEPT_PAGES = 200;

type Page = { readonly commits: readonly ListedCommit[]; readonly total: number };

/** Commits and how they descend from each other. Between two ids nothing ever changes, so answers are kept. */
export class GithubHistory {
  readonly #client: GithubClient;
  readonly #pages = new Lru<Page>(KEPT_PAGES);
  /** Whole ids by their first digits. */
  readonly #names = new Lru<Sha>(1_000);
  readonly #ancestry = new Lru<boolean>(10_000);

  readonly #commits: KnownCommits;
  readonly #diffs: KnownDiffs;

  constructor(client: GithubClient, commits: KnownCommits, diffs: KnownDiffs) {
    this.#client = client;
    this.#commits = commits;
    this.#diffs = diffs;
  }

  /** Newest first. GitHub compares oldest first: the last page is read first. */
  async *between(after: Sha, until: Sha): AsyncIterable<Commit> {
    [after, until].forEach(checkSha);
    if (after === until) return;
    const first = await this.#compared(after, until, 1);
    if (first === null) {
      yield* this.upTo(until);
      return;
    }
    for (let page = Math.ceil(first.total / PER_PAGE); page >= 1; page--) {
      const { commits } = page === 1 ? first : ((await this.#compared(after, until, page)) ?? first);
      for (const commit of [...commits].reverse()) yield toCommit(commit);
    }
  }

  /**
   * Commits reachable from `until` but not from `after`, newest first. Nothing is asked where GitHub has told of all of
   * them, and each has one parent.
   */
  async since(after: Sha, until: Sha): Promise<readonly { readonly sha: Sha; readonly message: string }[]> {
    const line = [];
    for (let sha = until; sha !== after; ) {
      const known = this.#commits.get(sha);
      const [parent, ...others] = known?.parents ?? [];
      if (known === undefined || parent === undefined || others.length > 0) {
        const all: Commit[] = [];
        for await (const commit of this.between(after, until)) all.push(commit);
        return all;
      }
      line.push(known);
      sha = parent.sha;
    }
    return line;
  }

  /** Newest first, all the way back for those who read on. */
  async *upTo(until: Sha): AsyncIterable<Commit> {
    checkSha(until);
    for (let page = 1; ; page++) {
      const { commits } = await this.#listed(until, page);
      for (const commit of commits) yield toCommit(commit);
      if (commits.length < PER_PAGE) return;
    }
  }

  /** Commits that touched a path, newest first, all the way back for those who read on. */
  async *touchingAll(until: Sha, path: string): AsyncIterable<Commit> {
    checkSha(until);
    for (let page = 1; ; page++) {
      const { commits } = await this.#listed(until, page, path);
      for (const commit of commits) yield toCommit(commit);
      if (commits.length < PER_PAGE) return;
    }
  }

  /** Newest commits that touched a path, at most 100. */
  async touching(until: Sha, path: string): Promise<readonly Commit[]> {
    const commits = await this.#client.get(
      'GET /repos/{owner}/{repo}/commits',
      { sha: until, path, per_page: PER_PAGE },
      shapes.CommitList,
      { fixed: true },
    );
    return commits.map(toCommit);
  }

  /** Whether the first is the second or comes before it; null when GitHub does not know one of them. */
  async isAncestor(candidate: Sha, commit: Sha): Promise<boolean | null> {
    [candidate, commit].forEach(checkSha);
    if (candidate === commit) return true;
    const key = `${candidate}...${commit}`;
    const known = this.#ancestry.get(key);
    if (known !== undefined) return known;
    const reply = await this.#client.ask(
      'GET /repos/{owner}/{repo}/compare/{basehead}',
      { basehead: key, per_page: 1 },
      shapes.Comparison,
      { expect: [404], fixed: true },
    );
    if (reply.kind !== 'ok') return /no common ancestor/i.test(reply.message) ? false : null;
    const { status } = reply.data;
    const answer = status === 'ahead' || status === 'identical';
    this.#ancestry.set(key, answer);
    return answer;
  }

  /** Paths that differ between two commits; null where a comparison does not tell all of them. Refusal `commit-unknown`. */
  async changed(from: Sha, to: Sha): Promise<readonly string[] | null> {
    [from, to].forEach(checkSha);
    if (from === to) return [];
    await this.#compared(from, to, 1);
    const paths = this.#diffs.between(from, to);
    return paths && [...paths].sort();
  }

  /** The whole id of a commit given by its first digits; null when there is none. */
  async resolve(name: string): Promise<Sha | null> {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}';
    const reply = await this.#client.ask(route, { ref: name }, shapes.ListedCommit, { expect: [404, 422] });
    if (reply.kind !== 'ok') return null;
    this.#names.set(name, reply.data.sha);
    return reply.data.sha;
  }

  /** Null when the two have nothing in common. Refusal `commit-unknown`. */
  async #compared(after: Sha, until: Sha, page: number): Promise<Page | null> {
    const basehead = `${after}...${until}`;
    const known = this.#pages.get(`${basehead} ${page}`);
    if (known) return known;
    const asked = this.#client.ask(
      'GET /repos/{owner}/{repo}/compare/{basehead}',
      { basehead, per_page: PER_PAGE, ...(page === 1 ? {} : { page }) },
      shapes.Comparison,
      { expect: [404], fixed: true },
    );
    const reply = await this.#diffs.during([after, until], asked);
    if (reply.kind !== 'ok') {
      if (/no common ancestor/i.test(reply.message)) return null;
      throw new Refusal('commit-unknown', { commit: until });
    }
    const { commits, total_commits: total, status } = reply.data;
    if (status === 'ahead' || status === 'identical') this.#ancestry.set(basehead, true);
    if (page === 1) this.#diffs.keep(after, until, reply.data);
    this.#commits.keepListed(commits);
    const answer = { commits, total };
    this.#pages.set(`${basehead} ${page}`, answer);
    return answer;
  }

  async #listed(until: Sha, page: number, path?: string): Promise<Page> {
    const key = path === undefined ? `${until} ${page}` : `${until} ${page} ${path}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const reply = await this.#client.ask(
      'GET /repos/{owner}/{repo}/commits',
      {
        sha: until,
        per_page: PER_PAGE,
        ...(page === 1 ? {} : { page }),
        ...(path === undefined ? {} : { path }),
      },
      shapes.CommitList,
      { expect: [404, 422], fixed: true },
    );
    if (reply.kind !== 'ok') throw new Refusal('commit-unknown', { commit: until });
    this.#commits.keepListed(reply.data);
    const answer = { commits: reply.data, total: reply.data.length };
    this.#pages.set(key, answer);
    return answer;
  }
}

/** The account by which GitHub commits what people do on its pages, and signs it. */
const WEB = 'web-flow';

function toCommit({ sha, commit, author: byAccount, committer: madeBy, parents }: ListedCommit): Commit {
  const { message, author, committer, verification } = commit;
  const [authorAccount, committerAccount] = [byAccount?.login, madeBy?.login];
  // GitHub signs for whoever was signed in, and otherwise checks the signature against the committer's keys.
  const isWeb = committerAccount === WEB;
  const signer = isWeb ? authorAccount : committerAccount;
  return {
    sha,
    message,
    authorName: author?.name ?? '',
    authorEmail: author?.email ?? '',
    ...(committer?.email && !isWeb ? { committerEmail: committer.email } : {}),
    ...(authorAccount ? { authorAccount } : {}),
    ...(committerAccount && !isWeb ? { committerAccount } : {}),
    ...(verification?.verified && signer ? { signedBy: [signer] } : {}),
    at: Date.parse(committer?.date ?? author?.date ?? '') || 0,
    parents: parents.map((parent) => parent.sha),
  };
}
