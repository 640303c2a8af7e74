import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Facts } from '../plan/facts.ts';
import type { Gate } from './port.ts';

/** The target answers, and would take this candidate: a release that could not be deployed must not be cut. */
export const targetConfigured: Gate = {
  id: 'target-configured',
  title: 'Production target',
  askedAgain: true,
  check: async (facts) => {
    const [ready, promotable] = await Promise.all([
      facts.ports.target.preflight(),
      mustBePromotable(facts),
      mustContainProduction(facts),
      mustSplit(facts),
    ]);
    return { verdict: 'passed', reason: promotable === null ? ready : `${ready} ${promotable}` };
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

async function mustContainProduction(facts: Facts): Promise<void> {
  const { repository, target, service } = facts.ports;
  if (!target.forwardOnly) return;
  const [live, base] = await Promise.all([facts.live(), facts.base()]);
  if (live === null || (await repository.firstAncestor(base, [live.commit])) !== null) return;
  throw new Refusal('production-ahead', { target: target.name, branch: service.branch, live: live.commit });
}
