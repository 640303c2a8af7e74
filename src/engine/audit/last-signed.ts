import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { AuditHead } from '../../domain/audit/head.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { jsonIn } from '../../domain/text/json.ts';
import { putFile } from '../database/put-file.ts';

/** The last entry that this machine knows to be signed, kept outside of the database. */
export interface LastSigned {
  /** Null before the first one. Throws Unavailable when the file is there and cannot be read. */
  read(): AuditHead | null;
  /**
   * Keeps a later one; an earlier one changes nothing. It is never seen half written. Throws when it cannot be written.
   */
  keep(head: AuditHead): void;
}

const Head = z.object({
  seq: z.int().min(1),
  hash: z.string(),
  key: z.string(),
  signature: z.string(),
  at: z.number(),
});

/** In a file of this machine. `earlier`: what else it may know from, when there is no such file yet. */
export function lastSignedIn(
  path: string,
  earlier: () => AuditHead | undefined = () => undefined,
): LastSigned {
  const read = (): AuditHead | null => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code === 'ENOENT') return earlier() ?? null;
      throw new Unavailable(`the file ${path}`, code);
    }
    // A power cut may have left anything of it.
    return Head.safeParse(jsonIn(text)).data ?? earlier() ?? null;
  };
  return {
    read,
    keep: (head) => {
      if (head.seq <= (read()?.seq ?? 0)) return;
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      putFile(path, `${JSON.stringify(head)}\n`);
    },
  };
}
