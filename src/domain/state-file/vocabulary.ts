/** What a word of a state file leans to. Only words that people and tools were seen to write are known. */
export type Leaning = 'yes' | 'no' | 'open' | 'skipped' | 'other';

const LEANINGS: Readonly<Record<string, Leaning>> = {
  approved: 'yes',
  passed: 'yes',
  rejected: 'no',
  failed: 'no',
  blocked: 'no',
  declined: 'no',
  pending: 'open',
  in_progress: 'open',
  not_started: 'open',
  not_applicable: 'skipped',
  auto_skipped: 'skipped',
  skipped: 'skipped',
};

/** `Auto-Skipped` → `auto_skipped`. */
export function gateWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[-\s]+/g, '_');
}

export function leaningOf(word: string): Leaning {
  return Object.hasOwn(LEANINGS, word) ? (LEANINGS[word] as Leaning) : 'other';
}

/** `ship:ship_prod` → `ship-prod`. */
export function phaseWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^ship:/, '');
}

/** Whether an id in a file (`014-checkout`, `14`, `checkout`, `specs/014-checkout`) means this feature folder. */
export function namesFeature(id: string, slug: string): boolean {
  const wanted = lastPart(id).toLowerCase();
  const own = slug.toLowerCase();
  if (wanted === own) return true;
  const number = featureNumber(own);
  if (/^\d+$/.test(wanted)) return number !== null && Number(wanted) === number;
  return number !== null && own.replace(/^\d+-/, '') === wanted;
}

/** The number that a slug starts with, or null: `014-checkout` → 14. */
export function featureNumber(slug: string): number | null {
  const digits = /^(\d+)(-|$)/.exec(slug)?.[1];
  return digits === undefined ? null : Number(digits);
}

function lastPart(path: string): string {
  return path.trim().split('/').filter(Boolean).at(-1) ?? '';
}
