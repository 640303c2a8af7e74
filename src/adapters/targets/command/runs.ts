import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, RunEnd, RunOrder, readOnce } from './folder.ts';

const KEPT_RUNS = 100;

/** A run that ended well. */
export interface PastRun extends RunOrder {
  readonly id: string;
  /** ms since the epoch */
  readonly finishedAt: number;
}

/** The runs of one service's command on this machine, each in a folder of its own. */
export class CommandRuns {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  folderOf(id: string): string {
    return join(this.#root, id);
  }

  /** Those that ended well, newest first. */
  async past(): Promise<readonly PastRun[]> {
    const all = await Promise.all(
      (await this.#ids()).map(async (id) => {
        const [order, end] = await Promise.all([
          readOnce(this.folderOf(id), FILES.order, RunOrder),
          readOnce(this.folderOf(id), FILES.end, RunEnd),
        ]);
        return order && end?.code === 0 && !end.cancelled && !end.timedOut
          ? [{ ...order, id, finishedAt: end.finishedAt }]
          : [];
      }),
    );
    return all.flat().sort((a, b) => b.finishedAt - a.finishedAt);
  }

  /** Makes room for one more: the oldest that have ended go. */
  async prune(): Promise<void> {
    const ids = await this.#ids();
    if (ids.length < KEPT_RUNS) return;
    const ends = await Promise.all(
      ids.map(async (id) => ({ id, end: await readOnce(this.folderOf(id), FILES.end, RunEnd) })),
    );
    const ended = ends.flatMap(({ id, end }) => (end === null ? [] : [{ id, at: end.finishedAt }]));
    const old = ended.sort((a, b) => a.at - b.at).slice(0, ids.length - KEPT_RUNS + 1);
    for (const { id } of old) await rm(this.folderOf(id), { recursive: true, force: true });
  }

  #ids(): Promise<readonly string[]> {
    return readdir(this.#root).catch(() => []);
  }
}

/** A folder name that shows the key and is different for different keys. */
export function idOf(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${key.replace(/[^\w-]+/g, '-').slice(0, 60)}-${hash}`;
}
