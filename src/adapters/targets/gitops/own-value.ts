import { hasTrailer } from '../../../domain/release/message.ts';
import type { Commit, Sha } from '../../../domain/release/release.ts';
import type { Repository } from '../../repositories/port.ts';

/** So many commits are looked through for the one that wrote a value. */
const MOST_COMMITS = 300;

/** What a commit of an order for this service begins with. */
export function titleOf(kind: 'deploy' | 'rollback', service: string): string {
  return `${kind}(${service}): `;
}

/**
 * Whether the value at the tip was written by an order for this service. It follows the value down to the commit that brought
 * it; `has` says whether a revision has the value.
 */
export async function isOwnValue(
  repository: Pick<Repository, 'commits'>,
  tip: Sha,
  service: string,
  has: (revision: Sha) => Promise<boolean>,
): Promise<boolean> {
  let at = tip;
  let left = MOST_COMMITS;
  for await (const commit of repository.commits(null, tip)) {
    if (left-- === 0) return false;
    if (commit.sha !== at) continue;
    const before = await firstWith(commit.parents ?? [], has);
    if (before === null) return isOwn(commit, service);
    at = before;
  }
  return false;
}

async function firstWith(parents: readonly Sha[], has: (revision: Sha) => Promise<boolean>) {
  for (const parent of parents) if (await has(parent)) return parent;
  return null;
}

function isOwn({ message }: Commit, service: string): boolean {
  const isNamed = (['deploy', 'rollback'] as const).some((kind) =>
    message.startsWith(titleOf(kind, service)),
  );
  return isNamed && hasTrailer(message, 'Slipway-Record');
}
