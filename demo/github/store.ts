import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  /** Null removes the path. */
  readonly sha: string | null;
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

const FORMAT = '%H%n%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B';

/** A bare repository, through git's plumbing: everything that the API makes is a real object in it. */
export class ObjectStore {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.text('for-each-ref', '--count=1', 'refs/heads')) === '';
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
    return (await this.refs(name)).find((ref) => ref.name === `refs/${name}`) ?? null;
  }

  /** False when the ref does not stand where it was expected. */
  async moveRef(name: string, to: string | null, expected: string | null): Promise<boolean> {
    const zero = '0'.repeat(40);
    const args = to === null ? ['-d', name, expected ?? zero] : [name, to, expected ?? zero];
    return (await this.run(['update-ref', ...args])).code === 0;
  }

  /** Full id and type of what a name or id leads to. */
  async resolve(name: string, type = 'commit'): Promise<string | null> {
    if (name.startsWith('-')) return null;
    const { code, stdout } = await this.run([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}^{${type}}`,
    ]);
    return code === 0 ? stdout.toString().trim() : null;
  }

  /** Id of a file at a commit, branch or tag. */
  async blobAt(name: string, path: string): Promise<string | null> {
    if (name.startsWith('-')) return null;
    const { code, stdout } = await this.run([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}:${path}`,
    ]);
    const sha = stdout.toString().trim();
    return code === 0 && (await this.typeOf(sha)) === 'blob' ? sha : null;
  }

  async typeOf(sha: string): Promise<string | null> {
    const { code, stdout } = await this.run(['cat-file', '-t', sha]);
    return code === 0 ? stdout.toString().trim() : null;
  }

  async blob(sha: string): Promise<Buffer> {
    return (await this.must(['cat-file', 'blob', sha])).stdout;
  }

  async object(type: 'tag' | 'commit', sha: string): Promise<string> {
    return (await this.must(['cat-file', type, sha])).stdout.toString();
  }

  async write(type: 'blob' | 'commit' | 'tag', content: string | Buffer): Promise<string> {
    return (await this.must(['hash-object', '-t', type, '-w', '--stdin'], content)).stdout.toString().trim();
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

  async writeTree(base: string | null, changes: readonly TreeChange[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-index-'));
    const index = { GIT_INDEX_FILE: join(folder, 'index') };
    try {
      await this.must(base === null ? ['read-tree', '--empty'] : ['read-tree', base], '', index);
      const info = changes.map(({ path, mode, sha }) =>
        sha === null ? `0 ${'0'.repeat(40)}\t${path}\0` : `${mode} ${sha}\t${path}\0`,
      );
      await this.must(['update-index', '-z', '--index-info'], info.join(''), index);
      return (await this.must(['write-tree'], '', index)).stdout.toString().trim();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async commit(sha: string): Promise<StoredCommit> {
    const [found] = await this.log(['--max-count=1', sha]);
    if (!found) throw new Error(`no commit ${sha}`);
    return found;
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

  async must(
    args: readonly string[],
    input: string | Buffer = '',
    env: Readonly<Record<string, string>> = {},
  ) {
    const outcome = await this.run(args, input, env);
    if (outcome.code !== 0) throw new Error(`git ${args[0]} failed: ${outcome.stderr}`);
    return outcome;
  }

  run(
    args: readonly string[],
    input: string | Buffer = '',
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly code: number; readonly stdout: Buffer; readonly stderr: string }> {
    return new Promise((resolve) => {
      const child = execFile(
        'git',
        ['--git-dir', this.path, ...args],
        {
          encoding: 'buffer',
          maxBuffer: 256 * 1024 * 1024,
          env: {
            PATH: process.env['PATH'],
            GIT_CONFIG_NOSYSTEM: '1',
            GIT_CONFIG_GLOBAL: '/dev/null',
            LC_ALL: 'C',
            ...env,
          },
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 128;
          resolve({ code, stdout, stderr: stderr.toString() });
        },
      );
      child.stdin?.on('error', () => {}); // git ended before it read everything: its exit status says why
      child.stdin?.end(input);
    });
  }
}

/** `Ada <ada@shop.test> 1700000000 +0000`; what would end the line or the name is left out, as git does. */
export function personOf({ name, email, date }: Signature): string {
  const clean = (text: string) => text.replaceAll(/[<>\n]/g, '');
  return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1_000)} +0000`;
}

function utc(date: string): string {
  return new Date(date).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
