import type { Release } from '../../domain/release/release.ts';
import type { Ports } from '../run/ports.ts';

/** How many promotions before one can have a card that offers to roll them back. */
const EARLIER = 5;

/**
 * Cards of what is not live offer to roll it back no more: it would undo the wrong release. After the promotion has
 * deployed this release no other is live; after it was rolled back to this, the one that shipped it is, again.
 */
export async function supersedeOthers(
  { ledger, slack, service }: Ports,
  id: string,
  release: Release,
  how: 'deployed' | 'rolled-back',
): Promise<null> {
  const all = await ledger.recent({ service: service.name, states: ['shipped', 'failed'], limit: EARLIER });
  const others = all.filter((other) => other.id !== id);
  const live =
    how === 'deployed'
      ? undefined
      : others.find(({ data }) => data.deployment && data.release?.version === release.version);
  for (const other of others) {
    const isMarked = other.data.superseded !== undefined;
    if (isMarked !== (other === live)) continue;
    await ledger.change(other.id, { data: { superseded: other === live ? null : release.version } });
    await slack.refresh(other.id);
  }
  return null;
}
