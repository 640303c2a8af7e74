import type { Release } from '../../domain/release/release.ts';
import type { Facts } from '../plan/facts.ts';
import type { Gate } from './port.ts';

/** Passes when the release that a rollback would return to is known and can be deployed. */
export const rollbackTarget: Gate = {
  id: 'rollback-target',
  title: 'Rollback target',
  askedAgain: true,
  async check(facts) {
    const to = await facts.rollbackTo();
    if (to === null && !(await facts.isLiveKnown())) {
      const { name } = facts.ports.service;
      return {
        verdict: 'unknown',
        reason: `What is live cannot be told: there are releases of ${name}, ${facts.ports.target.name} has deployed none of them from here, and no version check tells what production runs.`,
        remedy: `Set target.live of ${name} to a command that prints the live version, or add a check \`use: version\` that production answers now.`,
      };
    }
    if (to === null) {
      return {
        verdict: 'passed',
        reason: 'Nothing is live yet: this first deployment has nothing to return to.',
        notable: true,
      };
    }
    const proof = await facts.ports.target.deployable(to);
    const link = to.url === undefined ? {} : { link: to.url };
    const name = to.tag || to.version;
    const reason = (await isOnTrust(facts, to))
      ? `A rollback returns to ${name}, taken on trust: production only tells its version, and nothing here has shipped it, so its tag says which commit that is (${to.commit.slice(0, 7)}). ${proof}`
      : `A rollback returns to ${name}. ${proof}`;
    return { verdict: 'passed', reason, notable: true, ...link };
  },
};

/** Whether only a tag, which anybody may move who can push, says which commit the version that is live has. */
async function isOnTrust(facts: Facts, { version, tag, commit }: Release): Promise<boolean> {
  const live = await facts.live();
  if (live === null || live.commit !== '' || tag === '') return false;
  const { ledger, service } = facts.ports;
  const known = await ledger.releases(service.name);
  return !known.some((one) => one.version === version && one.commit === commit);
}
