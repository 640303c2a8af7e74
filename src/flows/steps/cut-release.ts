import type { Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { withTrailer } from '../../domain/release/message.ts';
import type { Release } from '../../domain/release/release.ts';
import { oursBy } from '../plan/own-commits.ts';
import { planRelease } from '../plan/release-plan.ts';
import type { Ports } from '../run/ports.ts';

/**
 * Cuts exactly the release of the plan that people agreed on. Called again after a crash it finds what it
 * pushed. Refusal `branch-moved` when the branch no longer stands where the plan was made. Where a build is
 * promoted, the release commit names it (`Slipway-Build: <commit>`): so what runs in production is known again.
 */
export async function cutRelease(
  ports: Ports,
  plan: Plan,
  request: PromotionRequest,
  key: string,
): Promise<Release> {
  const { build } = plan.candidate;
  const release = await cut(ports, plan, request, key);
  // What the gates have looked at is what is deployed.
  return build === undefined ? release : { ...release, build };
}

async function cut(ports: Ports, plan: Plan, request: PromotionRequest, key: string): Promise<Release> {
  if (plan.release.kind === 'existing') return plan.release.release;
  const { repository, service, clock, ledger } = ports;
  const { commit: base, branch, build } = plan.candidate;
  const { next: version, tag } = plan.version;
  const refs = await repository.refs();
  const where = { base, branch, version, tag };

  // The tag may be there: this promotion pushed it before a crash, or somebody else did. The repository tells by what
  // its commit holds, so the release is planned as if it were not.
  const others = { ...refs, tags: refs.tags.filter(({ name }) => name !== tag) };
  const planned = await planRelease(repository, service, {
    base,
    refs: others,
    bump: request.bump,
    lowerConfirmed: request.lowerConfirmed ?? false,
    at: clock.now(),
    ours: oursBy(ledger),
  });
  if (planned.version.next !== version || planned.changelog !== plan.changelog) {
    throw new Refusal('branch-moved', { branch });
  }
  const message = build ? withTrailer(planned.message, 'Slipway-Build', build.commit) : planned.message;
  return repository.cutRelease(
    { ...where, message, tagMessage: planned.tagMessage, files: planned.files },
    key,
  );
}
