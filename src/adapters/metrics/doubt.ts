import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';

/** How far back it is looked for one error, and in which steps. */
const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * A sentence where something that fails was never seen: what is spelt wrong looks like a service without errors.
 * `unseen` gives the names of what has no value in the range. Null when nothing is to be said, or that cannot be told
 * now.
 */
export async function doubtOf(
  title: string,
  nowMs: number,
  unseen: (range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly stepMs: number;
  }) => Promise<readonly string[]>,
): Promise<string | null> {
  const toMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const names = await unseen({ fromMs: toMs - WEEK_MS, toMs, stepMs: HOUR_MS }).catch((error: unknown) => {
    if (error instanceof Refusal || error instanceof Unavailable) return [];
    throw error;
  });
  if (names.length === 0) return null;
  return `No error was ever counted by ${title} in the last week (${names.join(', ')}): check the query, because what it does not find counts as none.`;
}
