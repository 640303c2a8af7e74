import type { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import { isoTime } from '../../../../domain/text/calendar.ts';
import type { Identity, NewCommit } from '../../commit.ts';
import type { GithubClient } from '../api/client.ts';
import type { GitCommit } from '../api/shapes.ts';
import * as shapes from '../api/shapes.ts';
import type { GithubClientSet } from '../client-set.ts';
import { modeOf } from '../files.ts';

/**
 * Makes git objects through the API. Nothing points at them until a ref is moved, and the same content gives the
 * same object, so every request may be made again.
 */
export class GithubObjects {
  readonly #client: GithubClient;
  readonly #repository: Pick<GithubClientSet, 'files' | 'commits' | 'refs'>;
  /** Null: GitHub fills in who the token belongs to, and signs what an app commits. */
  readonly #by: Identity | null;

  constructor(repository: GithubClientSet, by: Identity | null) {
    this.#client = repository.client;
    this.#repository = repository;
    this.#by = by;
  }

  /** Whether commits are by somebody whom the settings name, and not by the login. */
  get areByOthers(): boolean {
    return this.#by !== null;
  }

  /** Refusal `not-a-file` where a file would take the place of a folder, a link or a submodule. */
  async commit({ parent, message, files }: NewCommit): Promise<Sha> {
    const { files: known, commits } = this.#repository;
    const [{ tree }, before] = await Promise.all([this.read(parent), known.of(parent)]);
    await known.mustBeFiles(
      parent,
      files.filter(({ text }) => text !== null).map(({ path }) => path),
    );
    const entries = files.map(({ path, text }) => ({
      path,
      mode: modeOf(before.get(path)?.mode),
      type: 'blob',
      // No object: the file goes.
      ...(text === null ? { sha: null } : { content: text }),
    }));
    const written = entries.length === 0 ? tree : await this.#tree(tree.sha, entries);
    const by = this.#signature();
    const route = 'POST /repos/{owner}/{repo}/git/commits';
    const body = {
      message,
      tree: written.sha,
      parents: [parent],
      ...(by === null ? {} : { author: by, committer: by }),
    };
    const made = await this.#make(route, body, shapes.GitCommit);
    commits.made(made);
    await known.wrote(parent, { commit: made.sha, tree: made.tree.sha }, files);
    return made.sha;
  }

  /** An annotated tag object; its ref is made apart. */
  async tag(name: string, commit: Sha, message: string): Promise<Sha> {
    const by = this.#signature();
    const body = {
      tag: name,
      message,
      object: commit,
      type: 'commit',
      ...(by === null ? {} : { tagger: by }),
    };
    const { sha } = await this.#make('POST /repos/{owner}/{repo}/git/tags', body, shapes.WrittenObject);
    this.#repository.refs.made({ object: sha, commit });
    return sha;
  }

  async read(commit: Sha): Promise<GitCommit> {
    const { commits } = this.#repository;
    const known = commits.get(commit);
    if (known) return known;
    const route = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
    const read = await this.#client.get(route, { commit_sha: commit }, shapes.GitCommit, { fixed: true });
    commits.keep(read);
    return read;
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
    if (!entries.some(({ path }) => path.startsWith('.github/workflows/')))
      return this.#make(route, body, shapes.WrittenObject);
    const reply = await this.#client.send(route, body, shapes.WrittenObject, {
      again: true,
      expect: [403, 404],
    });
    if (reply.kind === 'ok') return reply.data;
    const { name: repository, login } = this.#client;
    const permission = 'workflows: write';
    throw new Refusal('github-permission', { repository, login: login.kind, permission });
  }

  async #make<T>(route: string, body: Readonly<Record<string, unknown>>, shape: z.ZodType<T>): Promise<T> {
    const reply = await this.#client.send(route, body, shape, { again: true, expect: [422] });
    if (reply.kind === 'ok') return reply.data;
    // What it names was made a moment ago.
    if (/does not exist/i.test(reply.message))
      this.#client.lag.mustBeOver(`${body['tree'] ?? body['object']}`);
    const what = route.replace('/repos/{owner}/{repo}', '');
    throw new Refusal('github-refused', { repository: this.#client.name, what, reason: reply.message });
  }

  #signature() {
    return this.#by && { ...this.#by, date: isoTime(this.#client.now()) };
  }
}
