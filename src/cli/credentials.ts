import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../domain/refusals/refusal.ts';

/** As variables are named; systemd puts the name of the folder before it when it passes on a whole folder. */
const NAME = /^(?:[a-z][a-z0-9-]*_)?([A-Z][A-Z0-9_]*)$/;
/** No secret is longer; a key in PEM has a few kB. */
const MOST_BYTES = 64 * 1024;

/**
 * The environment, with the files of the folder `CREDENTIALS_DIRECTORY`: each file that is named like a variable is one,
 * without the line end at its end. What the environment has itself wins. Secrets of Docker, Kubernetes and systemd come so.
 * Refusal `credentials-unreadable` when the folder or a file is there and this user may not read it.
 */
export function withCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = env['CREDENTIALS_DIRECTORY'];
  if (!folder) return env;
  for (const file of filesIn(folder)) {
    const name = NAME.exec(file)?.[1];
    const path = join(folder, file);
    if (name === undefined || env[name]) continue;
    const stat = mayRead(path, () => statSync(path));
    if (stat.isFile() && stat.size <= MOST_BYTES)
      env[name] = mayRead(path, () => readFileSync(path, 'utf8')).replace(/\r?\n$/, '');
  }
  return env;
}

function mayRead<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new Refusal('credentials-unreadable', { path, reason: code, user: process.geteuid?.() ?? 'here' });
  }
}

/** None when there is no such folder: an image names it whether or not there are secrets. */
function filesIn(folder: string): readonly string[] {
  try {
    return mayRead(folder, () => readdirSync(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
