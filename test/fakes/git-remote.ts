import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Sha } from '../../src/domain/release/release.ts';

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_COMMITTER_NAME: 'Dev',
  GIT_COMMITTER_EMAIL: 'dev@shop.test',
  LC_ALL: 'C',
};

/** What is no plain file: a symbolic link, or a commit of another repository. */
type Special = { readonly link: string } | { readonly submodule: Sha };

/** A real bare repository in a temporary folder, and the people who push to it. */
export class GitRemote {
  readonly folder: string;
  readonly path: string;
  #seconds = 1_700_000_000;

  /** `path`: of one that somebody else makes. */
  constructor(path?: string) {
    this.path = path ?? join(mkdtempSync(join(tmpdir(), 'slipway-remote-')), 'shop.git');
    this.folder = dirname(this.path);
    if (path === undefined)
      this.git('init', '--quiet', '--bare', '--initial-branch=main', '--template=', this.path);
  }

  git(...args: readonly string[]): string {
    return this.#run(args).trimEnd();
  }

  /** Somebody pushes a commit; files given as null are removed. A branch that does not exist begins empty. */
  push(
    branch: string,
    message: string,
    files: Readonly<Record<string, string | Buffer | Special | null>> = {},
    author: { name: string; email: string } = { name: 'Dev', email: 'dev@shop.test' },
  ): Sha {
    this.#seconds += 10;
    const parent = this.tip(branch);
    const parts: (string | Buffer)[] = [
      `commit refs/heads/${branch}\n`,
      `author ${author.name} <${author.email}> ${this.#seconds} +0000\n`,
      `committer Dev <dev@shop.test> ${this.#seconds} +0000\n`,
      ...data(message),
    ];
    if (parent) parts.push(`from ${parent}\n`);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) parts.push(`D ${quoted(path)}\n`);
      else if (typeof content === 'object' && 'link' in content)
        parts.push(`M 120000 inline ${quoted(path)}\n`, ...data(content.link));
      else if (typeof content === 'object' && 'submodule' in content)
        parts.push(`M 160000 ${content.submodule} ${quoted(path)}\n`);
      else parts.push(`M 100644 inline ${quoted(path)}\n`, ...data(content));
    }
    this.#run(['fast-import', '--quiet', '--force'], Buffer.concat(parts.map((part) => Buffer.from(part))));
    return this.tip(branch) ?? '';
  }

  tag(name: string, commit: Sha, annotated = true): void {
    if (annotated) this.git('tag', '-a', '-m', name, name, commit);
    else this.git('tag', name, commit);
  }

  tip(branch: string): Sha | null {
    try {
      const loose = readFileSync(join(this.path, 'refs', 'heads', branch), 'utf8').trim();
      if (/^[0-9a-f]{40}$/.test(loose)) return loose;
    } catch {
      // It is packed, or there is none.
    }
    try {
      return this.git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`);
    } catch {
      return null;
    }
  }

  count(range: string): number {
    return Number(this.git('rev-list', '--count', range));
  }

  /** A hook of the server, as a shell script; null takes it away. */
  hook(name: 'pre-receive' | 'update' | 'post-receive', script: string | null): void {
    const path = join(this.path, 'hooks', name);
    if (script === null) rmSync(path, { force: true });
    else {
      execFileSync('mkdir', ['-p', join(this.path, 'hooks')]);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
    }
  }

  /** The next push is taken, but whoever pushed never hears of it. */
  loseNextAnswer(): void {
    this.hook('post-receive', `rm -f "$GIT_DIR/hooks/post-receive"; kill -9 $PPID; sleep 0.1`);
  }

  fsck(): string {
    return this.git('fsck', '--full', '--strict', '--no-dangling');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #run(args: readonly string[], input?: Buffer): string {
    const repository = args[0] === 'init' ? [] : ['--git-dir', this.path];
    return execFileSync('git', [...repository, ...args], {
      env: ENVIRONMENT,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input ? { input } : {}),
    });
  }
}

function data(content: string | Buffer): (string | Buffer)[] {
  const bytes = Buffer.from(content as string);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
