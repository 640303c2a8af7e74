import type { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';

/** What was noted as JSON where it runs; null for what is none, or of another shape. */
export function parseNote<T>(type: z.ZodType<T>, text: string | undefined): T | null {
  try {
    return type.safeParse(JSON.parse(text ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

/** For what only explains a failure: nothing where it cannot be read. */
export async function orNothing<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unavailable) return [];
    throw error;
  }
}
