import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const mounted = (folder: string) =>
  run('mount', '-t', 'tmpfs', '-o', 'size=64m,mode=700', 'slipway-chaos', folder);
const FILLER = 'filler';
const CHUNK = Buffer.alloc(64 * 1024, 1);

/** Whether this machine lets us have a disk of our own: for that one is root on Linux. */
export const hasSmallDisks = (() => {
  if (process.platform !== 'linux') return false;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-disk-'));
  const is = mounted(folder);
  if (is) run('umount', folder);
  rmSync(folder, { recursive: true, force: true });
  return is;
})();

/** A disk of 64 MB, to which `link` will lead; remove the link first. */
export function smallDisk(link: string): { remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-disk-'));
  if (!mounted(folder)) throw new Error(`No disk could be mounted at ${folder}.`);
  symlinkSync(folder, link);
  return {
    remove: () => {
      run('umount', '-l', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing more can be written there until what it returns is called. */
export function fill(folder: string): () => void {
  const file = join(folder, FILLER);
  const handle = openSync(file, 'w');
  try {
    for (;;) writeSync(handle, CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
  return () => rmSync(file, { force: true });
}
