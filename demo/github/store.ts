import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { ObjectReader } from './reader.ts';
import { changedTree, type TreeChange } from './trees.ts';

export interface StoredRef {
  /** `refs/heads/main` */
  readonly name: string;
  readonly type: string;
  readonly sha: string;
}

export interface TreeLine {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size?: number;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO time */
  readonly date: string;
}

export interface StoredCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  LC_ALL: 'C',
};
const FORMAT = '%H%n%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B';

/** A bare repository, through git's plumbing: everything that the API makes is a real object in it. */
export class ObjectStore {
  readonly path: string;
  readonly #reader: ObjectReader;
  #isEmpty = true;

  constructor(path: string) {
    this.path = path;
    this.#reader = new ObjectReader(path, ENVIRONMENT);
  }

  close(): void {
    this.#reader.close();
  }

  /** Once there is a branch, there always is one. */
  async isEmpty(): Promise<boolean> {
    this.#isEmpty &&= (await this.text('for-each-ref', '--count=1', 'refs/heads')) === '';
    return this.#isEmpty;
  }

  async refs(prefix: string): Promise<readonly StoredRef[]> {
    const lines = await this.text(
      'for-each-ref',
      '--format=%(objecttype) %(objectname) %(refname)',
      'refs/heads',
      'refs/tags',
    );
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [type = '', sha = '', ...name] = line.split(' ');
        return { type, sha, name: name.join(' ') };
      })
      .filter(({ name }) => name.startsWith(`refs/${prefix}`));
  }

  async ref(name: string): Promise<StoredRef | null> {
    const found = await this.#reader.find(`refs/${name}`);
    return found && { name: `refs/${name}`, type: found.type, sha: found.sha };
  }

  /** False when the ref does not stand where it was expected. */
  async moveRef(name: string, to: string | null, expected: string | null): Promise<boolean> {
    const zero = '0'.repeat(40);
    const args = to === null ? ['-d', name, expected ?? zero] : [name, to, expected ?? zero];
    return (await this.run(['update-ref', ...args])).code === 0;
  }

  /** Full id and type of what a name or id leads to. */
  async resolve(name: string, type = 'commit'): Promise<string | null> {
    return (await this.#reader.find(`${name}^{${type}}`))?.sha ?? null;
  }

  /** Id of a file at a commit, branch or tag. */
  async blobAt(name: string, path: string): Promise<string | null> {
    const found = await this.#reader.find(`${name}:${path}`);
    return found?.type === 'blob' ? found.sha : null;
  }

  async typeOf(sha: string): Promise<string | null> {
    return (await this.#reader.find(sha))?.type ?? null;
  }

  async blob(sha: string): Promise<Buffer> {
    return this.#content('blob', sha);
  }

  async object(type: 'tag' | 'commit', sha: string): Promise<string> {
    return (await this.#content(type, sha)).toString();
  }

  async #content(type: string, sha: string): Promise<Buffer> {
    const found = await this.#reader.read(sha);
    if (found?.type !== type) throw new Error(`no ${type} ${sha}`);
    return found.content;
  }

  /** As a loose object, laid down as git does it. */
  async write(type: 'blob' | 'tree' | 'commit' | 'tag', content: string | Buffer): Promise<string> {
    const bytes = Buffer.from(content as string);
    const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
    const sha = createHash('sha1').update(whole).digest('hex');
    const folder = join(this.path, 'objects', sha.slice(0, 2));
    const draft = join(folder, `tmp_obj_${randomUUID()}`);
    await mkdir(folder, { recursive: true });
    await writeFile(draft, deflateSync(whole), { mode: 0o444 });
    await rename(draft, join(folder, sha.slice(2)));
    return sha;
  }

  async tree(treeish: string, recursive: boolean): Promise<readonly TreeLine[]> {
    const args = ['ls-tree', '-l', '-z', ...(recursive ? ['-r', '-t'] : []), treeish];
    const { stdout } = await this.must(args);
    return stdout
      .toString()
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const tab = line.indexOf('\t');
        const [mode = '', type = '', sha = '', size = '-'] = line.slice(0, tab).split(/ +/);
        return {
          path: line.slice(tab + 1),
          mode,
          type,
          sha,
          ...(size === '-' ? {} : { size: Number(size) }),
        };
      });
  }

  writeTree(base: string | null, changes: readonly TreeChange[]): Promise<string> {
    const tree = (sha: string) => this.#content('tree', sha);
    return changedTree({ tree, write: (type, content) => this.write(type, content) }, base, changes);
  }

  async commit(sha: string): Promise<StoredCommit> {
    return readCommit(sha, await this.object('commit', sha));
  }

  async writeCommit(commit: Omit<StoredCommit, 'sha'>): Promise<string> {
    const { tree, parents, author, committer, message } = commit;
    const lines = [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${personOf(author)}`,
      `committer ${personOf(committer)}`,
    ];
    return this.write('commit', `${lines.join('\n')}\n\n${message}`);
  }

  /** Newest first, as `git log` with these arguments has them. */
  async log(args: readonly string[]): Promise<readonly StoredCommit[]> {
    const { stdout } = await this.must([
      'log',
      '-z',
      '--encoding=UTF-8',
      '--no-show-signature',
      `--format=${FORMAT}`,
      ...args,
    ]);
    return stdout
      .toString()
      .split('\0')
      .filter((text) => text !== '')
      .map((text) => {
        const [
          sha = '',
          tree = '',
          parents = '',
          an = '',
          ae = '',
          ad = '',
          cn = '',
          ce = '',
          cd = '',
          ...message
        ] = text.split('\n');
        return {
          sha,
          tree,
          parents: parents === '' ? [] : parents.split(' '),
          author: { name: an, email: ae, date: utc(ad) },
          committer: { name: cn, email: ce, date: utc(cd) },
          message: message.join('\n').replace(/\n+$/, ''),
        };
      });
  }

  async count(range: string): Promise<number> {
    return Number(await this.text('rev-list', '--count', range));
  }

  async mergeBase(one: string, other: string): Promise<string | null> {
    const { code, stdout } = await this.run(['merge-base', one, other]);
    return code === 0 ? stdout.toString().trim() : null;
  }

  async isAncestor(one: string, other: string): Promise<boolean> {
    return (await this.run(['merge-base', '--is-ancestor', one, other])).code === 0;
  }

  /** The merged tree, or null when the two conflict. */
  async mergeTree(one: string, other: string): Promise<string | null> {
    const { code, stdout } = await this.run(['merge-tree', '--write-tree', one, other]);
    return code === 0 ? (stdout.toString().split('\n')[0] ?? null) : null;
  }

  async archive(treeish: string, prefix: string): Promise<Buffer> {
    return (await this.must(['archive', '--format=tar.gz', `--prefix=${prefix}/`, treeish])).stdout;
  }

  async text(...args: string[]): Promise<string> {
    return (await this.must(args)).stdout.toString().trim();
  }

  async must(args: readonly string[]) {
    const outcome = await this.run(args);
    if (outcome.code !== 0) throw new Error(`git ${args[0]} failed: ${outcome.stderr}`);
    return outcome;
  }

  run(
    args: readonly string[],
  ): Promise<{ readonly code: number; readonly stdout: Buffer; readonly stderr: string }> {
    return new Promise((resolve) => {
      const child = execFile(
        'git',
        ['--git-dir', this.path, ...args],
        { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024, env: ENVIRONMENT },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 128;
          resolve({ code, stdout, stderr: stderr.toString() });
        },
      );
      child.stdin?.end();
    });
  }
}

/** `Ada <ada@shop.test> 1700000000 +0000`; what would end the line or the name is left out, as git does. */
export function personOf({ name, email, date }: Signature): string {
  const clean = (text: string) => text.replaceAll(/[<>\n]/g, '');
  return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1_000)} +0000`;
}

/** A commit as git stores it. */
function readCommit(sha: string, raw: string): StoredCommit {
  const end = raw.indexOf('\n\n');
  const head = raw.slice(0, end).split('\n');
  const all = (key: string) =>
    head.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const person = (key: string): Signature => {
    const [, name = '', email = '', seconds = '0'] = /^(.*?) ?<(.*)> (\d+)/.exec(all(key)[0] ?? '') ?? [];
    return { name, email, date: utc(Number(seconds) * 1_000) };
  };
  return {
    sha,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: person('author'),
    committer: person('committer'),
    message: raw.slice(end + 2).replace(/\n+$/, ''),
  };
}

function utc(date: string | number): string {
  return new Date(date).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
