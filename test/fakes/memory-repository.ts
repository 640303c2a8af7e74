import { createHash } from 'node:crypto';
import type {
  Blob,
  CommitCheck,
  DeploymentRecord,
  FilesCommit,
  Refs,
  ReleaseCut,
  ReleasePage,
  Repository,
} from '../../src/adapters/repositories/port.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../src/domain/release/message.ts';
import type { PathFilter } from '../../src/domain/release/paths.ts';
import type { Commit, FileChange, Release, Sha } from '../../src/domain/release/release.ts';

type Files = ReadonlyMap<string, string>;
type StoredCommit = Commit & { readonly parents: readonly Sha[]; readonly files: Files };
type Method =
  | 'refs'
  | 'read'
  | 'writable'
  | 'cutRelease'
  | 'commitFiles'
  | 'deleteTag'
  | 'checks'
  | 'publishRelease'
  | 'recordDeployment';

/** A repository in memory that keeps the promises of the repository port; `test/contracts/repository.ts` proves it. */
export class MemoryRepository implements Repository {
  readonly kind: string = 'memory';
  readonly branches = new Map<string, Sha>();
  readonly tags = new Map<string, { commit: Sha; annotated: boolean; message: string }>();
  readonly #commits = new Map<Sha, StoredCommit>();
  readonly #failures = new Map<Method, { error: Error; when: 'before' | 'after' }[]>();
  readonly protectedBranches = new Set<string>();
  /** What CI says of single commits; all others are green. */
  readonly ci = new Map<Sha, readonly CommitCheck[]>();
  /** Pages of releases, by tag. */
  readonly pages = new Map<string, ReleasePage>();
  /** What was recorded of each deployment, by key. */
  readonly deployments = new Map<string, DeploymentRecord[]>();
  /** Accounts that opened the pull requests of commits; undefined: a host that tells nothing. */
  openedBy: Map<Sha, readonly string[]> | undefined;
  #clock = 1_700_000_000_000;

  readonly links: Repository['links'] = {
    commit: (sha) => `https://repository.test/commit/${sha}`,
    tag: (name) => `https://repository.test/tag/${name}`,
    file: (path, at) => `https://repository.test/file/${at}/${path}`,
    compare: (from, to) => `https://repository.test/compare/${from}...${to}`,
  };

  /** Somebody pushes a commit; files given as null are removed. */
  push(
    branch: string,
    message: string,
    files: Readonly<Record<string, string | null>> = {},
    author: { name: string; email: string; account?: string | undefined } = {
      name: 'Dev',
      email: 'dev@shop.test',
    },
  ): Sha {
    const tip = this.branches.get(branch);
    const tree = new Map(tip ? this.#commit(tip).files : []);
    for (const [path, text] of Object.entries(files)) {
      if (text === null) tree.delete(path);
      else tree.set(path, text);
    }
    const sha = this.#store(message, tip ? [tip] : [], tree, author);
    this.branches.set(branch, sha);
    return sha;
  }

  tag(name: string, commit: Sha, annotated = true): void {
    this.tags.set(name, { commit, annotated, message: name });
  }

  /** The next call of the method throws: before it does anything, or after it has done everything. */
  failNext(
    method: Method,
    error: Error = new Unavailable('the git remote', 'cut off'),
    when: 'before' | 'after' = 'before',
  ): void {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), { error, when }]);
  }

  text(ref: string, path: string): string | undefined {
    return this.#commit(this.branches.get(ref) ?? this.tags.get(ref)?.commit ?? ref).files.get(path);
  }

  async refs(): Promise<Refs> {
    return this.#guarded('refs', () => {
      if (this.branches.size === 0) throw new Refusal('repository-empty', { remote: 'memory' });
      return {
        branches: Object.fromEntries(this.branches),
        tags: [...this.tags].map(([name, { commit, annotated }]) => ({ name, commit, annotated })),
      };
    });
  }

  async read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#guarded('read', () => {
      const { files } = this.#commit(commit);
      return paths.map((path) => {
        const text = files.get(path);
        if (text === undefined) return null;
        const bytes = new TextEncoder().encode(text);
        const header = `blob ${bytes.byteLength}\0`;
        return { path, bytes, blob: createHash('sha1').update(header).update(bytes).digest('hex') };
      });
    });
  }

  async placesOf(_commit: Sha, paths: readonly string[]): Promise<readonly string[]> {
    return paths;
  }

  async list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    const paths = [...this.#commit(commit).files.keys()].sort();
    if (folders.length === 0) return paths;
    return paths.filter((path) => folders.some((folder) => path.startsWith(`${folder.replace(/\/$/, '')}/`)));
  }

  async *commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    const hidden = after === null ? new Set<Sha>() : this.#ancestors(after);
    const shown = [...this.#ancestors(until)]
      .filter((sha) => !hidden.has(sha))
      .map((sha) => this.#commit(sha));
    for (const { files: _, ...commit } of shown.sort((a, b) => b.at - a.at)) yield commit;
  }

  async touching(after: Sha | null, until: Sha, { matches }: PathFilter): Promise<ReadonlySet<Sha>> {
    const hidden = after === null ? new Set<Sha>() : this.#ancestors(after);
    const shown = [...this.#ancestors(until)].filter((sha) => !hidden.has(sha));
    return new Set(shown.filter((sha) => this.#changedBy(sha).some(matches)));
  }

  get openers(): NonNullable<Repository['openers']> {
    const told = this.openedBy;
    return (told && (async () => told)) as NonNullable<Repository['openers']>;
  }

  async firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    const ancestors = this.#ancestors(commit);
    return candidates.find((candidate) => ancestors.has(candidate)) ?? null;
  }

  async containing(commit: Sha, text: string): Promise<readonly string[]> {
    const { files } = this.#commit(commit);
    return [...files].flatMap(([path, content]) => (content.includes(text) ? [path] : [])).sort();
  }

  async changed(from: Sha, to: Sha): Promise<readonly string[]> {
    const before = this.#commit(from).files;
    const after = this.#commit(to).files;
    const paths = new Set([...before.keys(), ...after.keys()]);
    return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
  }

  #changedBy(sha: Sha): readonly string[] {
    const { files, parents } = this.#commit(sha);
    const before = parents[0] === undefined ? new Map<string, string>() : this.#commit(parents[0]).files;
    return [...new Set([...before.keys(), ...files.keys()])].filter(
      (path) => before.get(path) !== files.get(path),
    );
  }

  async writable(branch: string): Promise<void> {
    return this.#guarded('writable', () => {
      this.#tip(branch);
      if (this.protectedBranches.has(branch))
        throw new Refusal('not-writable', { remote: 'memory', branch, reason: 'protected' });
    });
  }

  async cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    return this.#guarded('cutRelease', () => {
      const existing = this.tags.get(cut.tag);
      if (existing) {
        const { message, parents } = this.#commit(existing.commit);
        const isOurs = hasTrailer(message, 'Slipway-Promotion', key) && parents[0] === cut.base;
        if (!isOurs || !this.#holds(existing.commit, cut.base, cut.files)) {
          throw new Refusal('tag-exists', { tag: cut.tag });
        }
        return this.#release(cut, existing.commit);
      }
      const tip = this.#tip(cut.branch);
      if (tip !== cut.base)
        throw new Refusal('branch-moved', { branch: cut.branch, expected: cut.base, found: tip });
      if (this.protectedBranches.has(cut.branch))
        throw new Refusal('not-writable', { remote: 'memory', branch: cut.branch, reason: 'protected' });
      const commit = this.#commitOn(
        cut.branch,
        tip,
        withTrailer(cut.message, 'Slipway-Promotion', key),
        cut.files,
      );
      this.tags.set(cut.tag, { commit, annotated: true, message: cut.tagMessage });
      return this.#release(cut, commit);
    });
  }

  async commitFiles(
    change: FilesCommit,
    key: string,
  ): Promise<{ readonly commit: Sha; readonly written?: Sha }> {
    return this.#guarded('commitFiles', () => {
      const tip = this.#tip(change.branch);
      const done = [...this.#ancestors(tip)].find((sha) => {
        const { message, parents } = this.#commit(sha);
        const [base] = parents;
        if (base === undefined || !hasTrailer(message, 'Slipway-Record', key)) return false;
        return this.#holds(sha, base, this.#edited(base, change));
      });
      if (done) return { commit: done, written: done };
      const changed = this.#edited(tip, change);
      if (changed.length === 0) return { commit: tip };
      if (this.protectedBranches.has(change.branch))
        throw new Refusal('not-writable', { remote: 'memory', branch: change.branch, reason: 'protected' });
      const message = withTrailer(change.message, 'Slipway-Record', key);
      const commit = this.#commitOn(change.branch, tip, message, changed);
      return { commit, written: commit };
    });
  }

  async deleteTag(tag: string): Promise<void> {
    return this.#guarded('deleteTag', () => {
      this.tags.delete(tag);
    });
  }

  async checks(commit: Sha): Promise<readonly CommitCheck[]> {
    return this.#guarded(
      'checks',
      () => this.ci.get(commit) ?? [{ name: 'build', state: 'passed', word: 'success' }],
    );
  }

  async publishRelease({ tag }: Release, page: ReleasePage): Promise<{ readonly url: string }> {
    return this.#guarded('publishRelease', () => {
      this.pages.set(tag, page);
      return { url: `https://repository.test/tag/${tag}` };
    });
  }

  async recordDeployment(record: DeploymentRecord, key: string): Promise<void> {
    return this.#guarded('recordDeployment', () => {
      this.deployments.set(key, [...(this.deployments.get(key) ?? []), record]);
    });
  }

  async close(): Promise<void> {}

  #edited(commit: Sha, { edits }: FilesCommit): readonly FileChange[] {
    const before = this.#commit(commit).files;
    return edits
      .map(({ path, edit }) => ({ path, text: edit(before.get(path) ?? null) }))
      .filter((file): file is FileChange => file.text !== null && before.get(file.path) !== file.text);
  }

  /** Whether a commit differs from its base in exactly these files. */
  #holds(commit: Sha, base: Sha, files: readonly FileChange[]): boolean {
    const before = this.#commit(base).files;
    const after = this.#commit(commit).files;
    const paths = new Set([...before.keys(), ...after.keys()]);
    const changed = [...paths].filter((path) => before.get(path) !== after.get(path));
    return (
      changed.every((path) => files.some((file) => file.path === path)) &&
      files.every(({ path, text }) => sameBut(after.get(path), text))
    );
  }

  #release({ version, tag }: ReleaseCut, commit: Sha): Release {
    return { version, tag, commit, url: `https://repository.test/tag/${tag}` };
  }

  #commitOn(branch: string, tip: Sha, message: string, files: readonly FileChange[]): Sha {
    const tree = new Map(this.#commit(tip).files);
    for (const { path, text } of files) {
      if (text === null) tree.delete(path);
      else tree.set(path, text);
    }
    const sha = this.#store(message, [tip], tree, { name: 'Slipway', email: 'slipway@shop.test' });
    this.branches.set(branch, sha);
    return sha;
  }

  #store(
    message: string,
    parents: readonly Sha[],
    files: Files,
    author: { name: string; email: string; account?: string | undefined },
  ): Sha {
    this.#clock += 1_000;
    const at = this.#clock;
    const sha = createHash('sha1')
      .update(JSON.stringify([message, parents, [...files], author, at]))
      .digest('hex');
    this.#commits.set(sha, {
      sha,
      authorName: author.name,
      authorEmail: author.email,
      ...(author.account === undefined ? {} : { authorAccount: author.account }),
      at,
      message,
      parents,
      files,
    });
    return sha;
  }

  #tip(branch: string): Sha {
    if (this.branches.size === 0) throw new Refusal('repository-empty', { remote: 'memory' });
    const tip = this.branches.get(branch);
    if (!tip) throw new Refusal('branch-missing', { branch, remote: 'memory' });
    return tip;
  }

  #commit(sha: Sha): StoredCommit {
    const commit = this.#commits.get(sha);
    if (!commit) throw new Refusal('commit-unknown', { commit: sha });
    return commit;
  }

  #ancestors(sha: Sha): ReadonlySet<Sha> {
    const seen = new Set<Sha>();
    for (const queue = [sha]; queue.length > 0; ) {
      const next = queue.pop() as Sha;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(...this.#commit(next).parents);
    }
    return seen;
  }

  #guarded<T>(method: Method, work: () => T): T {
    const failure = this.#failures.get(method)?.shift();
    if (failure?.when === 'before') throw failure.error;
    const answer = work();
    if (failure) throw failure.error;
    return answer;
  }
}

/** A release that is planned anew after a crash may have another day in the heading of its changelog. */
function sameBut(found: string | undefined, text: string | null): boolean {
  if (text === null) return found === undefined;
  const withoutDay = (one: string) => one.replace(/^(## .*)\d{4}-\d{2}-\d{2}/gm, '$1');
  return found !== undefined && withoutDay(found) === withoutDay(text);
}
