import { Refusal } from '../../domain/refusal.ts';
import type { FileChange, Sha } from '../../domain/release.ts';
import type { GithubClient } from './client.ts';
import type { GithubFiles } from './files.ts';
import type { GitCommit } from './shapes.ts';
import * as shapes from './shapes.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface NewCommit {
  readonly parent: Sha;
  readonly message: string;
  readonly files: readonly FileChange[];
}

/**
 * Makes git objects through the API. Nothing points at them until a ref is moved, and the same content gives the
 * same object, so every request may be made again.
 */
export class GithubWriter {
  readonly #client: GithubClient;
  readonly #files: GithubFiles;
  /** Null: GitHub fills in who the token belongs to, and signs what an app commits. */
  readonly #by: Person | null;

  constructor(client: GithubClient, files: GithubFiles, by: Person | null) {
    this.#client = client;
    this.#files = files;
    this.#by = by;
  }

  async commit({ parent, message, files }: NewCommit): Promise<Sha> {
    const [{ tree }, before] = await Promise.all([this.read(parent), this.#files.of(parent)]);
    const entries = files.map(({ path, text }) => ({
      path,
      mode: modeOf(before.get(path)?.mode),
      type: 'blob',
      content: text,
    }));
    const written = entries.length === 0 ? tree : await this.#tree(tree.sha, entries);
    const by = this.#signature();
    const { sha } = await this.#make('POST /repos/{owner}/{repo}/git/commits', {
      message,
      tree: written.sha,
      parents: [parent],
      ...(by === null ? {} : { author: by, committer: by }),
    });
    return sha;
  }

  /** An annotated tag object; its ref is made apart. */
  async tag(name: string, commit: Sha, message: string): Promise<Sha> {
    const by = this.#signature();
    const { sha } = await this.#make('POST /repos/{owner}/{repo}/git/tags', {
      tag: name,
      message,
      object: commit,
      type: 'commit',
      ...(by === null ? {} : { tagger: by }),
    });
    return sha;
  }

  read(commit: Sha): Promise<GitCommit> {
    return this.#client.get(
      'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
      { commit_sha: commit },
      shapes.GitCommit,
      { fixed: true },
    );
  }

  async exists(commit: Sha): Promise<boolean> {
    const route = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
    const reply = await this.#client.ask(route, { commit_sha: commit }, shapes.GitCommit, {
      expect: [404, 422],
    });
    return reply.kind === 'ok';
  }

  /** GitHub hides behind "not found" that workflow files take a permission of their own. */
  async #tree(base: Sha, entries: readonly { readonly path: string }[]): Promise<{ readonly sha: Sha }> {
    const route = 'POST /repos/{owner}/{repo}/git/trees';
    const body = { base_tree: base, tree: entries };
    if (!entries.some(({ path }) => path.startsWith('.github/workflows/'))) return this.#make(route, body);
    const reply = await this.#client.send(route, body, shapes.Written, { again: true, expect: [403, 404] });
    if (reply.kind === 'ok') return reply.data;
    const { name: repository, login } = this.#client;
    const permission = 'workflows: write';
    throw new Refusal('github-permission', { repository, login: login.kind, permission });
  }

  async #make(route: string, body: Readonly<Record<string, unknown>>): Promise<{ readonly sha: Sha }> {
    const reply = await this.#client.send(route, body, shapes.Written, { again: true });
    if (reply.kind !== 'ok') throw new Error(`status ${reply.status} was not expected`);
    return reply.data;
  }

  #signature() {
    return (
      this.#by && { ...this.#by, date: new Date(this.#client.now()).toISOString().replace(/\.\d{3}Z$/, 'Z') }
    );
  }
}

/** A file keeps its executable bit; what was a link becomes a file. */
function modeOf(before: string | undefined): string {
  return before === '100755' ? before : '100644';
}
