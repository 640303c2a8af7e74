import type { Gate } from './port.ts';

/** Passes when the release that a rollback would return to is known and can be deployed. */
export const rollbackTarget: Gate = {
  id: 'rollback-target',
  title: 'Rollback target',
  askedAgain: true,
  async check(facts) {
    const to = await facts.rollbackTo();
    if (to === null) {
      return {
        verdict: 'passed',
        reason: 'Nothing is live yet: this first deployment has nothing to return to.',
        notable: true,
      };
    }
    const proof = await facts.ports.target.deployable(to);
    const link = to.url === undefined ? {} : { link: to.url };
    const reason = `A rollback returns to ${to.tag || to.version}. ${proof}`;
    return { verdict: 'passed', reason, notable: true, ...link };
  },
};
