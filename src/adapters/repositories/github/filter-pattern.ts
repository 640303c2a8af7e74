/** One step of a pattern: which characters it takes, and how many of them. */
interface Step {
  takes(character: string): boolean;
  readonly optional: boolean;
  readonly repeats: boolean;
}

/** Nobody writes longer ones. */
const MOST_CHARS = 1_000;

const PARTS = /\*\*\/?|\*|\[[^[\]]*\]|[?+]|[^*[?+]|\[/g;

/**
 * Whether a name of a branch or tag fits a filter of a workflow: `*` stops at a slash, `**` does not; `?` and `+`
 * repeat what is before them, `[]` is a set of characters. A pattern that cannot be read, or of more than 1,000
 * characters, is taken for one that fits. In time of pattern by name, whatever the pattern is. Source: GitHub's filter pattern cheat sheet.
 */
export function fitsFilter(pattern: string, name: string): boolean {
  const steps = pattern.length > MOST_CHARS ? null : stepsOf(pattern);
  if (steps === null) return true;
  // The steps that could come next.
  let at = withOptional(new Set([0]), steps);
  for (const character of name) {
    const next = new Set<number>();
    for (const index of at) {
      const step = steps[index];
      if (!step?.takes(character)) continue;
      next.add(index + 1);
      if (step.repeats) next.add(index);
    }
    at = withOptional(next, steps);
  }
  return at.has(steps.length);
}

/** The same, with those behind steps that may be left out. */
function withOptional(at: ReadonlySet<number>, steps: readonly Step[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (let index of at) {
    while (!all.has(index)) {
      all.add(index);
      if (steps[index]?.optional) index += 1;
    }
  }
  return all;
}

function stepsOf(pattern: string): readonly Step[] | null {
  const steps: Step[] = [];
  let quantified = true;
  for (const [part] of pattern.matchAll(PARTS)) {
    if (part === '?' || part === '+') {
      const last = steps.at(-1);
      if (quantified || !last) return null;
      steps[steps.length - 1] = { ...last, optional: part === '?', repeats: part === '+' };
      quantified = true;
      continue;
    }
    const any = part.startsWith('*');
    const takes = any ? (part === '*' ? notSlash : () => true) : setOf(part);
    if (takes === null) return null;
    steps.push({ takes, optional: any, repeats: any });
    quantified = any;
  }
  return steps;
}

const notSlash = (character: string): boolean => character !== '/';

/** What one character, or a set such as `[0-9a-z]`, takes; null for a set that is none. */
function setOf(part: string): Step['takes'] | null {
  if (!part.startsWith('[')) return (character) => character === part;
  try {
    const set = new RegExp(`^${part}$`, 'u');
    return (character) => set.test(character);
  } catch {
    return null;
  }
}
