import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** More than any file of a run needs, and more than a file system keeps beside its own records. */
const RESERVED_BYTES = 4_096;
const AGAIN_MS = 500;

/** Takes the room for a file that is written later: it fits then, however full the disk is. Throws where there is none. */
export async function reserve(folder: string, name: string): Promise<void> {
  try {
    await writeFile(placeOf(folder, name), ' '.repeat(RESERVED_BYTES), { flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    await rm(placeOf(folder, name), { force: true });
    throw error;
  }
}

/**
 * Writes such a file whole. Tries again until the disk takes it, `isWanted` says no, or the folder is gone. For the one
 * process that may write it.
 */
export async function writeReserved(
  folder: string,
  name: string,
  value: unknown,
  isWanted: () => boolean,
): Promise<void> {
  while (isWanted()) {
    try {
      await writeInPlace(placeOf(folder, name), `${JSON.stringify(value)}\n`);
      return await rename(placeOf(folder, name), join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      await sleep(AGAIN_MS);
    }
  }
}

/** What is left of the reserved room stays behind the text, as spaces. */
async function writeInPlace(path: string, text: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function placeOf(folder: string, name: string): string {
  return join(folder, `.${name}`);
}
