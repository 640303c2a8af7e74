import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Ports } from '../run/ports.ts';
import { unavailableOf } from '../run/unavailable.ts';

/** Deletes the tag of the release that was rolled back. A tag that may not be deleted stays, and why is answered. */
export async function removeTag(
  { ledger, repository }: Ports,
  id: string,
): Promise<{ readonly tag: string; readonly reason: string } | null> {
  const { release } = (await ledger.get(id)).data;
  if (!release) return null;
  try {
    await repository.deleteTag(release.tag);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal) || unavailableOf(error, true)) throw error;
    return { tag: release.tag, reason: explain(error).text };
  }
}
