import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { hasTrailer } from '../../domain/release/message.ts';
import { liveInWords, type Release } from '../../domain/release/release.ts';
import { withinTag } from '../../domain/release/tag-form.ts';
import type { Ports } from '../run/ports.ts';

/** How many commits since the candidate are looked at. */
const REACH = 1_000;

/**
 * The release that the repository says was cut for this promotion, while the ledger knows of none: the database was
 * restored from a backup that is older. Null when there is none. A commit message is no proof, so nothing is done with
 * the release but not to cut it again.
 */
export async function releasedBefore(
  { repository, service, ledger }: Pick<Ports, 'repository' | 'service' | 'ledger'>,
  { id, data: { plan, release } }: Pick<Promotion, 'id' | 'data'>,
): Promise<Release | null> {
  if (plan === undefined || release !== undefined) return null;
  const { commit, branch } = plan.candidate;
  const { tags, branches } = await repository.refs();
  const tip = branches[branch];
  if (tip === undefined || tip === commit) return null;
  const tagged = new Map(tags.map((tag) => [tag.commit, tag.name]));
  let seen = 0;
  try {
    for await (const { sha, message } of repository.commits(commit, tip)) {
      const tag = tagged.get(sha);
      const version = tag === undefined ? null : withinTag(service, tag);
      if (tag !== undefined && version !== null && hasTrailer(message, 'Slipway-Promotion', id)) {
        const [known] = await ledger.ownCommits([sha]);
        if (known === undefined) return { version, tag, commit: sha };
      }
      if (++seen >= REACH) break;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // the branch was written anew and does not have the candidate
  }
  return null;
}

/** Why a promotion ends whose release was cut before, for people. Asks what is live. */
export async function releasedBeforeInWords(
  { service: { name }, target }: Pick<Ports, 'service' | 'target'>,
  release: Release,
): Promise<string> {
  const { tag, version } = release;
  const live = await target.live().then((answer) => liveInWords(answer, [release]), whenRefusedOrAway(null));
  return [
    `${tag} was already released for this promotion, and Slipway's database does not know that: it was probably restored from an older backup.`,
    ...(live === null ? [] : [live]),
    'Nothing was released or deployed again.',
    `So that rollbacks can return to it: /ship-prod adopt ${name} ${version}`,
  ].join(' ');
}
