import type { OwnCommit } from '../../domain/promotion/known-release.ts';
import { hasTrailer } from '../../domain/release/message.ts';
import type { Commit } from '../../domain/release/release.ts';
import type { Ledger } from '../run/ledger.ts';

/** What the ledger knows of a commit that Slipway made; null for everybody else's. */
export type Ours = (commit: Pick<Commit, 'sha' | 'message'>) => Promise<OwnCommit | null>;

/**
 * Anybody can write a trailer into a message, so it only says which commits are worth a question: the ledger knows by
 * their ids which ones we made.
 */
export function oursBy(ledger: Pick<Ledger, 'ownCommits'>): Ours {
  return async ({ sha, message }) => {
    if (!hasTrailer(message, 'Slipway-Promotion') && !hasTrailer(message, 'Slipway-Record')) return null;
    const [own = null] = await ledger.ownCommits([sha]);
    return own;
  };
}
