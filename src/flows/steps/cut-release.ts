import type { Refs } from '../../adapters/repositories/port.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../domain/release/message.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import { isMovedByOthers } from '../plan/moved-by-others.ts';
import { planRelease } from '../plan/release-plan.ts';
import { oursBy } from '../plan/service-commits.ts';
import type { Ports } from '../run/ports.ts';

/** How often the branch may move while a release is pushed before people are asked again. */
const ATTEMPTS = 5;

/**
 * Cuts exactly the release of the plan that people agreed on. Called again after a crash it finds what it
 * pushed. Refusal `branch-moved` when the branch no longer stands where the plan was made; what happened there to
 * other services of the repository does not count, and the release then stands on top of it. Where a build is
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
  for (let attempt = 1; ; attempt++) {
    const refs = await ports.repository.refs();
    const base = await baseOf(ports, plan, refs, key);
    try {
      return await cutOn(ports, { plan, request, refs, base }, key);
    } catch (error) {
      const isMoved = error instanceof Refusal && error.code === 'branch-moved';
      if (!isMoved || ports.service.paths === undefined || attempt >= ATTEMPTS) throw error;
      const now = await ports.repository.refs();
      if ((await baseOf(ports, plan, now, key)) === base) throw error;
    }
  }
}

async function cutOn(
  { repository, service, clock, ledger }: Ports,
  on: { readonly plan: Plan; readonly request: PromotionRequest; readonly refs: Refs; readonly base: Sha },
  key: string,
): Promise<Release> {
  const { plan, request, refs, base } = on;
  const { branch, build } = plan.candidate;
  const { next: version, tag } = plan.version;

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
    asked: plan.version,
  });
  if (planned.version.next !== version || planned.changelog !== plan.changelog) {
    throw new Refusal('branch-moved', { branch });
  }
  const message = build ? withTrailer(planned.message, 'Slipway-Build', build.commit) : planned.message;
  return repository.cutRelease(
    { base, branch, version, tag, message, tagMessage: planned.tagMessage, files: planned.files },
    key,
  );
}

/**
 * The commit that the release stands on: the one that was approved, or what other services of the repository have made of
 * the branch since. A release that was begun stays where it is.
 */
async function baseOf(ports: Ports, plan: Plan, refs: Refs, key: string): Promise<Sha> {
  const { commit: approved, branch } = plan.candidate;
  const tip = refs.branches[branch];
  if (ports.service.paths === undefined || tip === undefined || tip === approved) return approved;
  const begun = refs.tags.find(({ name }) => name === plan.version.tag)?.commit;
  for (const end of begun === undefined ? [tip] : [begun, tip]) {
    for await (const { message, parents } of ports.repository.commits(approved, end)) {
      const [parent] = parents ?? [];
      if (parent === undefined || !hasTrailer(message, 'Slipway-Promotion', key)) continue;
      // A message proves nothing: the repository looks at what that commit holds.
      return (await isMovedByOthers(ports, plan, parent)) ? parent : approved;
    }
  }
  return (await isMovedByOthers(ports, plan, tip)) ? tip : approved;
}
