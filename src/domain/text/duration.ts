/** Nobody writes longer ones. */
const MOST_CHARS = 100;
/** A hundred years: nobody means longer, and a date would not hold it. */
const LONGEST_MS = 36_525 * 86_400_000;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `1h 30m`, `500ms` → ms; null when the text is not a duration, is not positive, or is beyond a hundred years. */
export function parseDuration(text: string): number | null {
  if (text.length > MOST_CHARS) return null;
  const compact = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(compact)) return null;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  }
  return total > 0 && total <= LONGEST_MS ? Math.round(total) : null;
}

const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/\b(?:seconds?|secs?)\b/g, 's'],
  [/\b(?:minutes?|mins?)\b/g, 'm'],
  [/\b(?:hours?|hrs?)\b/g, 'h'],
  [/\bdays?\b/g, 'd'],
];

/** As people write it: `2 hours`, `30 min`, `1h 30m`, `2 weeks`; null for what is none. */
export function parseSpokenDuration(text: string): number | null {
  if (text.length > MOST_CHARS) return null;
  const apart = text
    .trim()
    .toLowerCase()
    .replace(/(\d)([a-z])/g, '$1 $2');
  const inDays = apart.replace(/(\d+) (?:weeks?|w)\b/g, (_all, weeks: string) => `${7 * Number(weeks)} d`);
  return parseDuration(SPOKEN.reduce((all, [words, unit]) => all.replace(words, unit), inDays));
}

/** ms → words of at most two units: `42 s`, `3 min 5 s`, `2 h 10 min`, `3 days`. */
export function durationInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'days'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${amount === 1 && unit === 'days' ? 'day' : unit}`)
    .join(' ');
}
