import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Puts a text that only this account may read into its place; it is never seen half written, however full the disk is. With
 * `linkSync` as `place` it takes the place of nothing: false where there is something.
 */
export function putFile(
  path: string,
  text: string,
  place: (from: string, to: string) => void = renameSync,
): boolean {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(fresh, text, { flag: 'wx', mode: 0o600 });
    place(fresh, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(fresh, { force: true });
  }
}
