/** What a word of a state file leans to. Only words that people and tools were seen to write are known. */
export type Leaning = 'yes' | 'no' | 'open' | 'skipped' | 'other';

const LEANINGS: ReadonlyMap<string, Leaning> = new Map(
  (
    [
      [
        'yes',
        'approved passed pass ok okay done complete completed success successful succeeded accepted validated verified',
      ],
      ['yes', 'confirmed signed_off green lgtm tested available yes true on y'],
      ['no', 'rejected failed fail failing failure blocked declined denied refused error errored red broken'],
      [
        'no',
        'changes_requested not_approved not_passed unapproved cancelled canceled aborted revoked withdrawn expired no false off',
      ],
      [
        'open',
        'pending in_progress not_started waiting awaiting_approval open todo tbd started running queued',
      ],
      [
        'open',
        'in_review needs_review ready on_hold paused incomplete to_do not_completed not_done not_yet wip none',
      ],
      ['skipped', 'not_applicable auto_skipped skipped skip n/a na not_required not_needed waived bypassed'],
      ['skipped', 'disabled exempt not_tested untested not_validated not_available unavailable'],
    ] as const
  ).flatMap(([leaning, words]) => words.split(' ').map((word) => [word, leaning] as const)),
);

/** `Auto-Skipped` → `auto_skipped`. */
export function gateWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[-\s]+/g, '_');
}

export function leaningOf(word: string): Leaning {
  return LEANINGS.get(word) ?? 'other';
}

/** Whether a text says nothing: a null that was put in quotes, or nothing but space. */
export function isBlank(text: string): boolean {
  return ['', '~', 'null'].includes(text.trim().toLowerCase());
}

/** What a flag or a count says, in YAML's and in people's spellings; null for any other word. */
export function flagOf(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (['true', 'yes', 'on', 'y'].includes(word)) return true;
  if (['false', 'no', 'off', 'n'].includes(word)) return false;
  return /^\d{1,4}$/.test(word) ? Number(word) > 0 : null;
}

/** One spelling for a key: `validateStaging`, `validate-staging` and `ship:validate_staging` are `validate_staging`. */
export function keyWord(key: string): string {
  return key
    .trim()
    .replace(/^ship:/i, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[-\s]+/g, '_')
    .toLowerCase();
}

/** `ship:ship_prod` → `ship-prod`. */
export function phaseWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s]+/g, '-')
    .replace(/^ship:/, '');
}

/** Whether a phase, as `phaseWord` gives it, is the one that ships to production. */
export function isShipProd(phase: string): boolean {
  return ['ship-prod', 'ship-production', 'ship-to-prod', 'ship-to-production', 'phase-2-ship'].includes(
    phase,
  );
}

/** Whether a phase, as `phaseWord` gives it, follows production. */
export function isAfterProduction(phase: string): boolean {
  return PHASES_AFTER.includes(phase);
}

const PHASES_AFTER: readonly string[] = [
  'shipped',
  'released',
  'deployed',
  'finalize',
  'finalized',
  'finalise',
  'finalised',
  'finalizing',
  'finalization',
  'complete',
  'completed',
  'closed',
  'archived',
  'done',
];

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
