import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What git says of a folder; empty where it is no repository. */
export interface GitFacts {
  /** Addresses by the name of the remote. */
  readonly remotes: ReadonlyMap<string, string>;
  /** The branch that releases are cut on. */
  readonly branch: string;
  /** Branches that the remote has, and local ones. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  /** Paths from the root of the repository, those that are ignored left out. */
  readonly files: readonly string[];
}

const MOST_BYTES = 64_000_000;

export async function gitFacts(folder: string): Promise<GitFacts> {
  const git = async (...args: string[]): Promise<readonly string[]> => {
    try {
      const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args], {
        timeout: 20_000,
        maxBuffer: MOST_BYTES,
      });
      return stdout.split(/[\0\n]/).filter((line) => line !== '');
    } catch {
      return [];
    }
  };
  const [remotes, head, refs, tags, files] = await Promise.all([
    git('config', '--get-regexp', String.raw`^remote\..*\.url$`),
    git('symbolic-ref', '--short', 'refs/remotes/origin/HEAD'),
    git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads', 'refs/remotes'),
    git('tag', '--list', '--sort=-creatordate'),
    git('ls-files', '-z', '--cached', '--others', '--exclude-standard'),
  ]);
  const branches = [...new Set(refs.map((name) => name.replace(/^origin\//, '')))];
  const known = ['main', 'master', 'trunk', 'develop'].find((name) => branches.includes(name));
  return {
    remotes: new Map(remotes.map(remoteLine)),
    branch: head[0]?.replace(/^origin\//, '') ?? known ?? 'main',
    branches,
    tags,
    files,
  };
}

function remoteLine(line: string): [string, string] {
  const [, name = '', url = ''] = /^remote\.(.+)\.url (.*)$/.exec(line) ?? [];
  return [name, withoutLogin(url)];
}

/** A token in the address of a remote stays where it is. */
function withoutLogin(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}

/** The text of a file of the repository; empty when there is none, or when it is too long to be a setting. */
export type Texts = (path: string) => Promise<string>;

const MOST_TEXT_BYTES = 1_000_000;

export function textsOf(folder: string): Texts {
  return async (path) => {
    try {
      const file = join(folder, path);
      const { size } = await stat(file);
      return size > MOST_TEXT_BYTES ? '' : await readFile(file, 'utf8');
    } catch {
      return '';
    }
  };
}
