import type { Git, GitProcess } from './process.ts';

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (link), `40000` (folder), `160000` (other repository). */
  readonly mode: string;
  readonly id: string;
}

type Waiting = (object: GitObject | null) => void;

/** Reads objects through one `git cat-file --batch`; several reads may wait at the same time. Close it. */
export class ObjectReader {
  readonly #process: GitProcess;
  readonly #waiting: { answer: Waiting; fail: (error: Error) => void }[] = [];
  readonly #trees = new Map<string, Promise<ReadonlyMap<string, TreeEntry> | null>>();
  #chunks: Buffer[] = [];
  #size = 0;
  /** So many bytes must be there before the next answer is complete. */
  #needed = 0;
  #ended: Error | null = null;

  constructor(git: Git) {
    this.#process = git.start(['cat-file', '--batch'], { interactive: true });
    this.#process.stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      if (this.#size >= this.#needed) this.#deliver();
    });
    this.#process.done.then(
      ({ code, stderr }) => this.#end(new Error(`git cat-file ended with code ${code}: ${stderr.trim()}`)),
      (error: Error) => this.#end(error),
    );
  }

  /** By id, or by id and suffix such as `^{tree}`; null when it is not in the repository. */
  get(name: string): Promise<GitObject | null> {
    return new Promise((answer, fail) => {
      if (this.#ended) fail(this.#ended);
      else {
        this.#waiting.push({ answer, fail });
        this.#process.stdin?.write(`${name}\n`);
      }
    });
  }

  /** Entries of a folder of a commit by name, `''` for the root; null when there is no such folder. */
  tree(commit: string, folder: string): Promise<ReadonlyMap<string, TreeEntry> | null> {
    const known = this.#trees.get(folder);
    if (known) return known;
    const loading = this.#loadTree(commit, folder);
    this.#trees.set(folder, loading);
    return loading;
  }

  async entry(commit: string, path: string): Promise<TreeEntry | null> {
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '' : path.slice(0, slash);
    return (await this.tree(commit, folder))?.get(path.slice(slash + 1)) ?? null;
  }

  close(): void {
    this.#process.stdin?.end();
  }

  async #loadTree(commit: string, folder: string): Promise<ReadonlyMap<string, TreeEntry> | null> {
    const name = folder === '' ? `${commit}^{tree}` : (await this.entry(commit, folder))?.id;
    const object = name === undefined ? null : await this.get(name);
    return object?.type === 'tree' ? parseTree(object.bytes, object.id.length / 2) : null;
  }

  #deliver(): void {
    const buffer = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = 0;
    for (;;) {
      const lineEnd = buffer.indexOf(10, at);
      if (lineEnd < 0) break;
      const header = buffer.toString('utf8', at, lineEnd);
      const [, id = '', type = '', length] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(header) ?? [];
      const start = lineEnd + 1;
      const end = length === undefined ? start : start + Number(length) + 1;
      if (buffer.length < end) {
        this.#needed = end - at;
        break;
      }
      const bytes = Buffer.from(buffer.subarray(start, end - 1));
      this.#waiting.shift()?.answer(length === undefined ? null : { id, type, bytes });
      at = end;
    }
    const rest = buffer.subarray(at);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }
}

/** A tree object: `mode name NUL id`, again and again. */
function parseTree(bytes: Buffer, idLength: number): ReadonlyMap<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, blank);
    const id = bytes.toString('hex', nul + 1, nul + 1 + idLength);
    entries.set(bytes.toString('utf8', blank + 1, nul), { mode: bytes.toString('latin1', at, blank), id });
    at = nul + 1 + idLength;
  }
  return entries;
}
