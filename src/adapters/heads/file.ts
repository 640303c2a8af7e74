import { resolve } from 'node:path';
import { z } from 'zod';
import type { AuditHead } from '../../domain/audit/head.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { Duration } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { appendHead, readHeads } from './lines.ts';
import type { HeadContext, HeadPlace } from './port.ts';

const FileHeadSettings = z
  .strictObject({
    use: z.literal('file'),
    path: z.string().min(1).meta({
      description:
        'A line of JSON is added to it for each head. Put it on storage that only takes additions.',
    }),
    every: Duration.prefault('15m').meta({ description: 'How often, when there is something new.' }),
  })
  .meta({ description: 'A file, such as on append-only storage.' });

export const fileHeads = defineKind({
  settings: FileHeadSettings,
  open: ({ path, every }, { configDir }: Pick<HeadContext, 'configDir'>) =>
    fileOfHeads(resolve(configDir, path), every, path),
});

/** Heads in a file, one a line, each number once. `named` is the path as the config writes it, for all replicas the same. */
export function fileOfHeads(path: string, everyMs: number, named = path): HeadPlace {
  let newest: number | null = null;
  const orUnavailable = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new Unavailable(`the file ${path}`, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  };
  return {
    name: `the file ${named}`,
    everyMs,
    publish: async (head: AuditHead) => {
      newest ??= await orUnavailable(async () => (await readHeads(path)).at(-1)?.seq ?? 0);
      if (head.seq <= newest) return;
      await orUnavailable(() => appendHead(path, head));
      newest = head.seq;
    },
    kept: () => orUnavailable(() => readHeads(path)),
  };
}
