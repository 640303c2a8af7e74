import { type Release, releaseName } from '../../domain/release/release.ts';
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
    const name = releaseName(to);
    const why = await onTrust(facts, to);
    const trusted = why === null ? '' : `, taken on trust: ${why} (${to.commit.slice(0, 7)})`;
    const reason = `A rollback returns to ${name}${trusted}. ${proof}`;
    return { verdict: 'passed', reason, notable: true, ...link };
  },
};

/** Why what a rollback returns to is not proven by anything here; null where it is. */
async function onTrust(facts: Facts, { version, tag, commit }: Release): Promise<string | null> {
  const live = await facts.live();
  if (live === null || (live.commit !== '' && !facts.isLiveTold) || tag === '') return null;
  const { ledger, service } = facts.ports;
  const known = await ledger.releases(service.name);
  if (known.some((one) => one.version === version && one.commit === commit)) return null;
  // A tag may be moved by anybody who can push.
  return live.commit === ''
    ? 'production only tells its version, and nothing here has shipped it, so its tag says which commit that is'
    : 'only a version check tells that production runs it, and nothing here has shipped it';
}
