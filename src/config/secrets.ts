import type { Place } from './document.ts';

/** A secret that stands in the file. Its value is never repeated. */
export interface FoundSecret extends Place {
  readonly what: string;
}

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{8,}/, 'a Slack token'],
  [/\bhttps:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/\S+/, 'a Slack webhook address'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})/, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{16,}/, 'a GitLab token'],
  [/\bnpm_[A-Za-z0-9]{20,}/, 'an npm token'],
  [/\b(?:sk|rk)_live_[A-Za-z0-9]{16,}/, 'a Stripe key'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS key'],
  [/\bdop_v1_[a-f0-9]{32,}/, 'a DigitalOcean token'],
  [/\bHRKU-[A-Za-z0-9_-]{20,}/, 'a Heroku token'],
  [/\bnfp_[A-Za-z0-9]{20,}/, 'a Netlify token'],
  [/\beyJ[A-Za-z0-9_-]{10,400}\.eyJ[A-Za-z0-9_-]{10}/, 'a JSON web token'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"']*:[^\s/@"']+@/i, 'a password in an address'],
];

const SECRET_KEY = /(token|secret|passw(or)?d|passphrase|api[-_]?key|private[-_]?key|credentials?)$/i;
/** Headers that are there to tell who asks; keys by which something is found, cached or sent on are none. */
const SECRET_HEADER =
  /(?:(?<!cache|public|partition|routing|request|idempotency|surrogate)[-_]key|auth|authorization|cookie)$/i;
/** `--token`, and what it is given at once: `--token=…`. */
const FLAG = /^(--?[\w-]*(?:token|secret|passw(?:or)?d|api-?key))(?:=(.+))?$/i;
const IN_QUERY =
  /[?&]([\w-]*(?:token|secret|passw(?:or)?d|signature|(?:api|access|auth|private|secret|function|subscription)[-_]?key)|key|sig|code)=([^&#\s]+)/gi;
/** `${TOKEN}`, `${{ secrets.TOKEN }}`, `$TOKEN` and `{env:TOKEN}` stand for something else. */
const STANDS_FOR = /\$\{\{?[\w. ]*\}|\$[A-Z_][A-Z0-9_]*\b|\{[a-z]+(?:[:.][\w.-]+)?\}/g;
/** A name with a number or a year behind it. */
const NUMBERED = /^(?:[a-z]+|[A-Z]+)\d{1,4}$/;

/** Known shapes of tokens anywhere in the text, comments too. */
export function secretsByShape(text: string): readonly FoundSecret[] {
  return text.split('\n').flatMap((line, index) =>
    SHAPES.flatMap(([shape, what]) => {
      const match = shape.exec(line);
      return match ? [{ what, line: index + 1, column: match.index + 1 }] : [];
    }).slice(0, 1),
  );
}

/**
 * Texts that look like secrets where only the name of an environment variable may stand: under keys such as `token`, in headers
 * that tell who asks, behind arguments such as `--token`, and in the query of an address.
 */
export function secretsByKey(
  value: unknown,
): readonly { readonly path: (string | number)[]; readonly what: string }[] {
  const found: { path: (string | number)[]; what: string }[] = [];
  const walk = (inner: unknown, path: (string | number)[], depth: number): void => {
    if (typeof inner !== 'object' || inner === null || depth > 30) return;
    for (const [key, next] of Object.entries(inner)) {
      const at = [...path, Array.isArray(inner) ? Number(key) : key];
      const before: unknown = Array.isArray(inner) ? inner[Number(key) - 1] : undefined;
      const name =
        typeof next === 'string' || typeof next === 'number' ? secretIn(at, String(next), before) : null;
      if (name !== null) found.push({ path: at, what: `the value of ${JSON.stringify(name)}` });
      walk(next, at, depth + 1);
    }
  };
  walk(value, [], 0);
  return found;
}

/** What a text is the secret of; null where it does not look like one. */
function secretIn(path: readonly (string | number)[], text: string, before: unknown): string | null {
  const key = String(path.at(-1));
  if (SECRET_KEY.test(key) && looksSecret(text)) return key;
  if (path.at(-2) === 'headers' && SECRET_HEADER.test(key) && looksRandom(text)) return key;
  const [, opened, atOnce] = (typeof before === 'string' && FLAG.exec(before)) || [];
  if (opened !== undefined && atOnce === undefined && looksRandom(text)) return opened;
  const [, flag, given = ''] = FLAG.exec(text) ?? [];
  if (flag !== undefined && looksRandom(given)) return flag;
  const queries = text.includes('://') ? [...text.matchAll(IN_QUERY)] : [];
  return queries.find(([, , said = '']) => looksRandom(said))?.[1] ?? null;
}

/** A part of it is so long and mixed that nobody has thought of it: digits and letters, at least 12, 3 bits each. */
export function looksRandom(text: string): boolean {
  const parts = text
    .replace(STANDS_FOR, ' ')
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part.length >= 12 && !NUMBERED.test(part));
  return parts.some((part) => /\d/.test(part) && /[A-Za-z]/.test(part) && entropyPerCharacter(part) >= 3);
}

/** Long and mixed enough to be one: at least 8 characters with 2.5 bits each, and no plain words or variable. */
function looksSecret(text: string): boolean {
  if (text.length < 8 || /^\$\{?\w+\}?$/.test(text) || /^[A-Z][A-Z0-9_]*$/.test(text)) return false;
  return entropyPerCharacter(text) >= 2.5;
}

/** Shannon entropy of the characters of a text, in bits. */
function entropyPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const total = [...text].length;
  return [...counts.values()].reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0);
}
