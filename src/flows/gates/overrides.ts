import type { GateResult } from '../../domain/gates/gate.ts';
import type { Override } from '../../domain/policy/override.ts';
import { groupsOf, hasOverriders, names } from '../../domain/policy/policy.ts';
import type { Policy } from '../../domain/policy/service.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import { askedOnce, isMemberNow, membershipsOf, type ServicePeople } from '../run/memberships.ts';
import type { Ports } from '../run/ports.ts';

/** The end of a remedy, where the policy lets somebody break the glass. */
export function inAnEmergency(policy: Policy): string {
  return hasOverriders(policy) ? ' In an emergency, break the glass.' : '';
}

/** The answer of a gate without its barriers where the policy lets nobody override them. */
export function asPolicyHas<G extends Pick<GateResult, 'barriers'>>(answer: G, policy: Policy): G {
  if (hasOverriders(policy)) return answer;
  const { barriers: _barriers, ...firm } = answer;
  return firm as G;
}

/**
 * The overrides of a promotion that count now: proven ones, of people who may still break the glass. As with approvals,
 * whoever was deactivated or left the role covers nothing any more. Throws Unavailable when Slack does not answer.
 */
export async function standingOverrides(
  { ledger, service, people }: Pick<Ports, 'ledger' | 'service' | 'people'>,
  promotionId: string,
  stored: readonly Override[],
): Promise<readonly Override[]> {
  const proven = await ledger.overrides(promotionId, stored);
  const asked = { service, people: askedOnce(people) };
  const standing = await Promise.all(
    proven.map(async (one) => ((await mayStill(asked, one.by)) ? [one] : [])),
  );
  return standing.flat();
}

async function mayStill({ service, people }: ServicePeople, user: string): Promise<boolean> {
  const { override } = service.policy;
  if (!(await isMemberNow(people, user))) return false;
  if (names(override, user, [])) return true;
  for (const group of groupsOf(override)) {
    const found = await membershipsOf({ service, people }, user, [group]).catch(whenRefused(null));
    if (found && names(override, user, found)) return true;
  }
  return false;
}
