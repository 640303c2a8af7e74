import { Refusal } from '../../refusals/refusal.ts';
import type { Bump } from '../../release/version.ts';
import { smallYaml } from '../../text/yaml-limits.ts';

/** Nobody has a changeset that names more, in characters. */
const MOST_NAMED = 20_000;
const SIZES: ReadonlySet<unknown> = new Set(['major', 'minor', 'patch', 'none']);

export interface Changeset {
  /** The biggest size that it asks for; null for one that asks for none, or names no package. */
  readonly bump: Bump | null;
  readonly summary: string;
  /** What is left of it for other services. */
  readonly others: string | null;
}

/**
 * Reads a changeset; null for a file that is none, or names none of the packages.
 *
 * @param packages in a repository of several services, the packages of this one; null: all are
 * @throws Refusal `changeset-unclear` when it names packages, and not which size each asks for
 */
export function readChangeset(
  path: string,
  text: string,
  packages: ReadonlySet<string> | null,
): Changeset | null {
  const [, opening = '', head, rest = ''] =
    /^(\uFEFF?\s*---[ \t]*\r?\n)((?:[^\n]*\n)*?)(---[ \t]*(?:\r?\n[\s\S]*)?)$/.exec(text) ?? [];
  if (head === undefined) return null;
  const isOurs = (name: string) => packages === null || packages.has(name);
  const lines = head.split(/(?<=\n)/);
  const nameIn = (line: string) => /^\s*["']?([^"':\s{]+)["']?\s*:/.exec(line)?.[1];
  const named = sizesIn(head);
  if (named === null) {
    if (!lines.some((line) => isOurs(nameIn(line) ?? ''))) return null;
    throw new Refusal('changeset-unclear', { path });
  }
  const ours = named.filter(([name]) => isOurs(name));
  if (packages !== null && ours.length === 0) return null;
  const isLeft = (line: string) => packages !== null && !packages.has(nameIn(line) ?? '');
  const left = lines.filter(isLeft).join('');
  const others = named.flatMap(([name]) => (isOurs(name) ? [] : [name]));
  // Lines are what is taken out, and not every map has a line for each package.
  const isApart = others.length === 0 || String(sizesIn(left)?.map(([name]) => name)) === String(others);
  if (!isApart || ours.some(([, size]) => !SIZES.has(size))) throw new Refusal('changeset-unclear', { path });
  const bump = (['major', 'minor', 'patch'] as const).find((size) => ours.some(([, own]) => own === size));
  return {
    bump: bump ?? null,
    summary: rest.slice(3).replaceAll('\r\n', '\n').trim(),
    others: others.length > 0 ? opening + left + rest : null,
  };
}

/** Packages with their sizes, as they are written; null for what is no map. */
function sizesIn(head: string): readonly (readonly [string, unknown])[] | null {
  const read = smallYaml(head, MOST_NAMED);
  if (read === null) return [];
  return typeof read === 'object' && !Array.isArray(read) ? Object.entries(read) : null;
}
