import { Worker } from 'node:worker_threads';
import type { CellResult } from './cell.ts';

export interface Task {
  readonly id: string;
  readonly windows: number;
}

/** Runs cells in as many threads, each taking the next one when it is done. The threads run the same program. */
export async function runAll(
  program: URL,
  tasks: readonly Task[],
  threads: number,
  onDone: (done: number) => void,
): Promise<ReadonlyMap<string, CellResult>> {
  const results = new Map<string, CellResult>();
  const waiting = [...tasks];
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(program);
      const next = () => {
        const task = waiting.shift();
        if (task === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage(task);
      };
      worker.on('error', reject);
      worker.on('message', ({ id, result }: { id: string; result: CellResult }) => {
        results.set(id, result);
        onDone(results.size);
        next();
      });
      next();
    });
  await Promise.all(Array.from({ length: threads }, work));
  return results;
}
