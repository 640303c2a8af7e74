import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../demo/project-root.ts';

const run = promisify(execFile);

/** The packages that the npm package `node` gets its programs from. */
const PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const CACHE = join(projectRoot, 'node_modules', '.cache', 'node-versions');
const PATIENCE_MS = 60_000;

/**
 * The program of a version (`26.0.0`) or the newest of its line (`26`), from the npm registry; kept in node_modules.
 * Throws when the registry is not to be had.
 */
export async function nodeProgram(version: string): Promise<string> {
  const folder = join(CACHE, `${PACKAGE}-${version}`);
  const program = join(folder, 'bin', 'node');
  if (existsSync(program)) return program;
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    const args = ['pack', `${PACKAGE}@${version}`, '--pack-destination', fresh, '--loglevel=error', '--json'];
    const { stdout } = await run('npm', args, { timeout: PATIENCE_MS });
    const [packed] = JSON.parse(stdout) as { readonly filename: string }[];
    const file = join(fresh, (packed?.filename ?? '').replace('/', '-').replace('@', ''));
    await run('tar', ['-xzf', file, '-C', fresh, '--strip-components=1', 'package/bin/node']);
    await rm(file);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return program;
}
