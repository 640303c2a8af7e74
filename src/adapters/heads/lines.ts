import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { AuditHead } from '../../domain/audit/head.ts';

/** So much of the end of a file is read, some 250 heads: it grows for as long as the installation lives. */
const TAIL_BYTES = 65_536;

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
export async function appendHead(file: string, head: AuditHead): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Behind a line that was torn, by a disk that was full, the next one begins anew; empty lines are no heads.
  await appendFile(file, `${(await endsInLine(file)) ? '' : '\n'}${headLine(head)}\n`, { mode: 0o644 });
}

/** Whether the last line is whole; so it is where there is no file. */
async function endsInLine(file: string): Promise<boolean> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      return size === 0 || buffer.toString() === '\n';
    } finally {
      await handle.close();
    }
  } catch (error) {
    return noneWithoutFile(error).length === 0;
  }
}

/**
 * The newest heads of a file, in its order; lines that are none are left out, and there may be no file. Throws
 * otherwise.
 */
export async function readHeads(file: string): Promise<readonly AuditHead[]> {
  try {
    const handle = await open(file);
    try {
      const { buffer, position } = tailOf((await handle.stat()).size);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      return headsIn(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return noneWithoutFile(error);
  }
}

/** The same, for what must know before it goes on. */
export function readHeadsSync(file: string): readonly AuditHead[] {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { buffer, position } = tailOf(fstatSync(descriptor).size);
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, position);
      return headsIn(buffer.subarray(0, bytesRead));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return noneWithoutFile(error);
  }
}

function tailOf(size: number): { readonly buffer: Buffer; readonly position: number } {
  const position = Math.max(0, size - TAIL_BYTES);
  return { buffer: Buffer.alloc(Math.max(1, size - position)), position };
}

/** The first line may be the end of one: that is none. */
function headsIn(tail: Buffer): readonly AuditHead[] {
  return tail
    .toString('utf8')
    .split('\n')
    .flatMap((line) => headIn(line) ?? []);
}

function noneWithoutFile(error: unknown): readonly AuditHead[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}
