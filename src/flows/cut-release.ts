import type { Plan } from '../domain/plan.ts';
import type { PromotionRequest } from '../domain/promotion.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Release } from '../domain/release.ts';
import { planRelease } from './plan-release.ts';
import type { Ports } from './ports.ts';

/**
 * Cuts exactly the release of the plan that people agreed on. Called again after a crash it finds what it
 * pushed. Refusal `branch-moved` when the branch no longer stands where the plan was made.
 */
export async function cutRelease(
  ports: Ports,
  plan: Plan,
  request: PromotionRequest,
  key: string,
): Promise<Release> {
  if (plan.release.kind === 'existing') return plan.release.release;
  const { forge, service, clock } = ports;
  const { commit: base, branch } = plan.candidate;
  const { next: version, tag } = plan.version;
  const refs = await forge.refs();
  const cut = { base, branch, version, tag };

  // The tag is there: either this promotion pushed it before a crash, or somebody else did (Refusal `tag-exists`).
  if (refs.tags.some(({ name }) => name === tag)) {
    return forge.cutRelease({ ...cut, message: '', tagMessage: '', files: [] }, key);
  }
  const planned = await planRelease(forge, service, {
    base,
    refs,
    bump: request.bump,
    lowerConfirmed: request.lowerConfirmed ?? false,
    at: clock.now(),
  });
  if (planned.version.next !== version || planned.changelog !== plan.changelog) {
    throw new Refusal('branch-moved', { branch });
  }
  return forge.cutRelease(
    { ...cut, message: planned.message, tagMessage: planned.tagMessage, files: planned.files },
    key,
  );
}
