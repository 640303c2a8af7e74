import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * One run of the deploy command is one folder: the order, who carries it out, its output and how it ended.
 * The bot writes the order, the supervisor all the rest; each file is written once, whole, and never changed. Room for what
 * the supervisor must be able to write is taken before it starts: see `reserved.ts`.
 */
export const RunOrder = z.object({
  key: z.string(),
  argv: z.array(z.string()).min(1),
  cwd: z.string(),
  timeoutMs: z.number(),
  /** Between the request to stop and the end by force, in ms. */
  graceMs: z.number(),
  /** Variables of the environment whose values must not show up in the output. */
  secretNames: z.array(z.string()),
  kind: z.enum(['deploy', 'rollback']),
  commit: z.string(),
  version: z.string(),
  /** ms since the epoch */
  startedAt: z.number(),
});
export type RunOrder = z.infer<typeof RunOrder>;

export const RunEnd = z.object({
  /** Why the program could not be started at all: an errno code. */
  notStarted: z.string().optional(),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  timedOut: z.boolean(),
  cancelled: z.boolean(),
  /** Why some of the output was not kept: an errno code. */
  lost: z.string().optional(),
  /** ms since the epoch */
  finishedAt: z.number(),
});
export type RunEnd = z.infer<typeof RunEnd>;

export const FILES = {
  order: 'order.json',
  supervisor: 'supervisor.json',
  child: 'child.json',
  end: 'end.json',
  log: 'output.log',
  /** The supervisor's own trouble. */
  trouble: 'supervisor.log',
  /** `id=…`, `url=…` and `log_url=…`, written by the command if it likes. */
  output: 'output.env',
} as const;

/** Writes a file whole; false when it is there already. Exactly one of several writers gets true. */
export async function writeOnce(folder: string, name: string, value: unknown): Promise<boolean> {
  const temporary = join(folder, `.${name}-${randomUUID()}`);
  try {
    await writeFile(temporary, `${JSON.stringify(value)}\n`, { flush: true });
    await link(temporary, join(folder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Null when there is no such file; throws when it holds something else. */
export async function readOnce<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The last `bytes` of a file as lines; nothing when there is no file. */
export async function lastLines(path: string, bytes: number): Promise<string[]> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - bytes);
    const buffer = Buffer.alloc(size - from);
    await file.read(buffer, 0, buffer.length, from);
    const lines = buffer.toString('utf8').split('\n');
    const whole = from > 0 && lines.length > 2 ? lines.slice(1) : lines; // the first one may have lost its head
    return whole.filter((line) => line.trim() !== '');
  } finally {
    await file.close();
  }
}
