import type { GateResult } from '../../domain/gates/gate.ts';
import { hasOverriders } from '../../domain/policy/policy.ts';
import type { Policy } from '../../domain/policy/service.ts';

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
