import { Refusal } from '../../domain/refusals/refusal.ts';
import { leftBehind } from '../plan/besides.ts';
import type { Facts } from '../plan/facts.ts';
import type { Gate } from './port.ts';

const NO_CHECKS =
  'This service has no checks: after the deploy nothing asks whether it is healthy, until it is watched.';

/** The target answers, and would take this candidate: a release that could not be deployed must not be cut. */
export const targetConfigured: Gate = {
  id: 'target-configured',
  title: 'Production target',
  askedAgain: true,
  check: async (facts) => {
    const [ready, promotable, lost] = await Promise.all([
      facts.ports.target.preflight(),
      mustBePromotable(facts),
      withoutProduction(facts),
      mustSplit(facts),
    ]);
    const { checks, target } = facts.ports;
    const unproven = checks.length === 0 && !target.verifies ? NO_CHECKS : null;
    const reason = [ready, promotable, lost, unproven].filter((words) => words !== null).join(' ');
    return { verdict: 'passed', reason, ...(lost === null && unproven === null ? {} : { notable: true }) };
  },
};

/** What was validated must still be there, ready to be promoted. Whether it is the candidate is another gate's. */
async function mustBePromotable(facts: Facts): Promise<string | null> {
  const { target } = facts.ports;
  if (!target.promotable) return null;
  const build = await facts.build();
  return build === null ? null : target.promotable(build);
}

async function mustSplit({ ports: { target, service } }: Facts): Promise<void> {
  if (service.stages) await target.mustSplit?.(service.stages.shares.filter((share) => share < 100));
}

/** What production has and this release has not. A target that only goes forward cannot be without it. */
async function withoutProduction(facts: Facts): Promise<string | null> {
  const { repository, target, service } = facts.ports;
  if (!target.forwardOnly) return leftBehind(facts);
  const [live, base] = await Promise.all([facts.live(), facts.base()]);
  if (live === null || (await repository.firstAncestor(base, [live.commit])) !== null) return null;
  throw new Refusal('production-ahead', { target: target.name, branch: service.branch, live: live.commit });
}
