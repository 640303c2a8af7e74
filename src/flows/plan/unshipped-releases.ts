import type { Plan } from '../../domain/promotion/plan.ts';
import { versionTags } from '../../domain/release/tag-form.ts';
import { isPrerelease } from '../../domain/release/version-key.ts';
import type { Facts } from './facts.ts';
import { commitsBetween } from './known-releases.ts';

/** How many promotions back a rollback is remembered. */
const REMEMBERED = 50;

/**
 * Releases that production gets besides the proposed one, oldest first: those that came after what is live, rolled
 * back or never deployed. Nothing is read where the last release is live.
 */
export async function alsoShips(facts: Facts): Promise<Pick<Plan, 'alsoShips'>> {
  const { repository, service, ledger } = facts.ports;
  const [base, refs, proposed, live] = await Promise.all([
    facts.base(),
    facts.refs(),
    facts.release(),
    facts.rollbackTo(),
  ]);
  const { current, next } = proposed.version;
  if (live === null || live.commit === '') return {};
  if (proposed.release.kind === 'cut' && current === live.version) return {};
  const tags = versionTags(refs.tags, service).filter(
    ({ version }) => version !== next && !isPrerelease(version),
  );
  const since = await commitsBetween(repository, live.commit, base);
  const between = tags.filter(({ commit }) => since.has(commit)).reverse();
  if (between.length === 0) return {};
  const back = await ledger.recent({ service: service.name, states: ['rolled-back'], limit: REMEMBERED });
  const rolledBack = new Set(
    back.flatMap(({ data }) => [data.release?.version, data.rollback?.after?.release.version]),
  );
  return {
    alsoShips: between.map(({ version }) => ({ version, rolledBack: rolledBack.has(version) })),
  };
}
