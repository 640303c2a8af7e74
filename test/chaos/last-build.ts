import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The first build whose runs this one has to understand; from the first release on, it is the last release. */
const FIRST = 'first-build';

/**
 * The compiled `cli.js` of the release before this one: the nearest tag of a version, or the build that is named in
 * `first-build`. It is compiled once, from the history of this repository, and runs with the packages of today.
 */
export async function lastBuild(): Promise<{ readonly cli: string; readonly commit: string }> {
  const commit = await lastCommit();
  const dir = join('node_modules', '.cache', 'builds', commit);
  const cli = join(dir, 'dist', 'src', 'cli.js');
  if (existsSync(cli)) return { cli, commit };
  await mkdir(join('node_modules', '.cache', 'builds'), { recursive: true });
  const making = await mkdtemp(`${dir}-`);
  const archive = join(making, 'tree.tar');
  await git('archive', '--output', archive, commit);
  await run('tar', ['-xf', archive, '-C', making]);
  await rm(archive);
  await compileIn(making);
  await rename(making, dir);
  return { cli, commit };
}

/** Releases compile themselves in one of two ways. */
async function compileIn(folder: string): Promise<void> {
  const config = join(folder, 'tsconfig.build.json');
  const tsc = [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', config, '--noCheck'];
  const own = ['--eval', `import('./scripts/compile.mjs').then((own) => own.compileAll(process.cwd()))`];
  await (existsSync(config) ? run(process.execPath, tsc) : run(process.execPath, own, { cwd: folder }));
}

async function lastCommit(): Promise<string> {
  const tag = await git('describe', '--tags', '--match', 'v*', '--abbrev=0', 'HEAD').catch(() => null);
  const named = tag ?? (await readFile(new URL(FIRST, import.meta.url), 'utf8')).trim();
  return git('rev-parse', '--verify', `${named}^{commit}`).catch(() => {
    throw new Error(`The history has no ${named}: fetch all of it (git fetch --unshallow).`);
  });
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args)).stdout.trim();
}
