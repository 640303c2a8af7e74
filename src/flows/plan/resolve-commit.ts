import type { Sha } from '../../domain/release/release.ts';
import type { Ports } from '../run/ports.ts';

/** How far back a commit is looked for, in commits. */
const REACH = 5_000;

/** The full id of a commit given by its first digits; null when the history of the base does not have it. */
export async function resolveCommit({ forge }: Ports, base: Sha, wanted: string): Promise<Sha | null> {
  if (base.startsWith(wanted)) return base;
  let seen = 0;
  for await (const { sha } of forge.commits(null, base)) {
    if (sha.startsWith(wanted)) return sha;
    if (++seen >= REACH) break;
  }
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(wanted) ? wanted : null;
}
