import {
  authorsOf,
  changedCommits,
  lastReleases,
  touchedFiles,
  usualSize,
} from '../../domain/promotion/earlier/risk.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { Risk } from '../../domain/promotion/risk-facts.ts';
import { whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import { given } from '../../domain/text/given.ts';
import type { Ports } from '../run/ports.ts';
import { serviceCommits } from './service-commits.ts';

/** So many promotions and commits are looked at. */
const REMEMBERED = 20;
const MOST_COMMITS = 300;

/** What people look at before they approve a plan. What does not answer now is left out: it holds nothing up. */
export async function riskOf({ ledger, repository, service }: Ports, id: string, plan: Plan): Promise<Risk> {
  const earlier = (await ledger.recent({ service: service.name, limit: REMEMBERED })).filter(
    (promotion) => promotion.id !== id,
  );
  const { commit } = plan.candidate;
  const live = plan.rollbackTo?.commit || null;
  const filter = pathFilter(service.paths);
  const paths = live === null ? null : await repository.changed(live, commit).catch(whenRefusedOrAway(null));
  const ours = paths?.filter((path) => filter?.matches(path) ?? true);
  const commits = await serviceCommits(MOST_COMMITS, repository, service, live, commit).catch(
    whenRefusedOrAway(null),
  );
  return {
    ...given({ files: ours?.length, commits: commits === null ? undefined : changedCommits(commits) }),
    touched: touchedFiles(ours ?? []),
    authors: authorsOf((commits ?? []).map(({ authorName }) => authorName)),
    last: lastReleases(earlier),
    ...usualSize(earlier),
  };
}
