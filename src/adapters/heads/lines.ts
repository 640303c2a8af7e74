import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { AuditHead } from '../../domain/audit/head.ts';

const Head = z.object({
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  key: z.string(),
  signature: z.string(),
  at: z.number(),
});

/** One head as one line of text. */
export function headLine({ seq, hash, key, signature, at }: AuditHead): string {
  return JSON.stringify({ seq, hash, key, signature, at });
}

/** Null for what is no head. */
export function headIn(line: string): AuditHead | null {
  try {
    return Head.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Adds a line to a file of heads. Throws when it cannot be written. */
export function appendHead(file: string, head: AuditHead): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${headLine(head)}\n`, { mode: 0o644 });
}

/** The heads of a file, in its order; lines that are none are left out, and there may be no file. Throws otherwise. */
export function readHeads(file: string): readonly AuditHead[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => headIn(line) ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
