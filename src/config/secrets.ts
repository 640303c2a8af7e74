import type { Place } from './document.ts';

/** A secret that stands in the file. Its value is never repeated. */
export interface FoundSecret extends Place {
  readonly what: string;
  /** Path of the key, when the value was found by its key. */
  readonly path?: readonly (string | number)[];
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

/** Known shapes of tokens anywhere in the text, comments too. */
export function secretsByShape(text: string): readonly FoundSecret[] {
  return text.split('\n').flatMap((line, index) =>
    SHAPES.flatMap(([shape, what]) => {
      const match = shape.exec(line);
      return match ? [{ what, line: index + 1, column: match.index + 1 }] : [];
    }).slice(0, 1),
  );
}

/** Texts under keys such as `token` or `password`, where only the name of an environment variable may stand. */
export function secretsByKey(
  value: unknown,
): readonly { readonly path: (string | number)[]; readonly what: string }[] {
  const found: { path: (string | number)[]; what: string }[] = [];
  const walk = (inner: unknown, path: (string | number)[], depth: number): void => {
    if (typeof inner !== 'object' || inner === null || depth > 30) return;
    for (const [key, next] of Object.entries(inner)) {
      const at = [...path, Array.isArray(inner) ? Number(key) : key];
      if (
        SECRET_KEY.test(key) &&
        (typeof next === 'string' || typeof next === 'number') &&
        looksSecret(String(next))
      ) {
        found.push({ path: at, what: `the value of ${JSON.stringify(key)}` });
      }
      walk(next, at, depth + 1);
    }
  };
  walk(value, [], 0);
  return found;
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
