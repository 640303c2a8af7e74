import { runInNewContext } from 'node:vm';

const MOST_MS = 50;
const MOST_TRIES = 3;
/** Nobody writes longer ones. What compiles an expression calls itself for each group, and ends the process with its stack. */
const MOST_CHARS = 2_000;

/** Where the first capture group lies; null when the match has none. */
interface BoundedMatch {
  readonly group: readonly [start: number, end: number] | null;
}

/**
 * Looks for a configured pattern in a text from outside. Null without a match, and `slow` when the pattern takes longer
 * than 50 ms for it, twice: some patterns go over a text again and again, and everything else in the process would wait. On a
 * machine that gave this process no time it is tried three times.
 *
 * @throws SyntaxError for what is no regular expression, or has more than 2,000 characters
 */
export function searchBounded(pattern: string, flags: string, text: string): BoundedMatch | null | 'slow' {
  regularExpression(pattern, flags);
  for (let tries = 1; ; tries += 1) {
    const began = process.cpuUsage();
    try {
      return search(pattern, flags, text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      const { user, system } = process.cpuUsage(began);
      const isBusyElsewhere = (user + system) / 1_000 < MOST_MS / 2;
      if (tries === MOST_TRIES || (tries > 1 && !isBusyElsewhere)) return 'slow';
    }
  }
}

function search(pattern: string, flags: string, text: string): BoundedMatch | null {
  const indices = runInNewContext(
    'new RegExp(pattern, flags).exec(text)?.indices',
    { pattern, flags: `${flags}d`, text },
    { timeout: MOST_MS },
  ) as ([number, number] | undefined)[] | undefined;
  const group = indices?.[1];
  return indices ? { group: group ? [group[0], group[1]] : null } : null;
}

/**
 * A regular expression that somebody else wrote.
 *
 * @throws SyntaxError for what is none, or has more than 2,000 characters
 */
export function regularExpression(pattern: string, flags = ''): RegExp {
  if (pattern.length > MOST_CHARS) throw new SyntaxError(`more than ${MOST_CHARS} characters`);
  return new RegExp(pattern, flags);
}

/** How many groups a pattern has; null for what is no regular expression. */
export function groupCount(pattern: string, flags = ''): number | null {
  try {
    regularExpression(pattern, flags);
    // With an empty alternative every expression matches, so that its groups can be counted.
    return (new RegExp(`(?:${pattern})|`, flags).exec('')?.length ?? 1) - 1;
  } catch {
    return null;
  }
}

/** A regular expression that finds exactly this text. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
