import type { Plan } from '../../domain/promotion/plan.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { Sha } from '../../domain/release/release.ts';
import { canonicalJson } from '../../domain/text/json.ts';
import type { Ports } from '../run/ports.ts';
import { readFiles } from './release-files.ts';

/**
 * Whether a commit descends from the candidate of a plan and differs from it in nothing that is this service's: other
 * services of the repository have moved the branch. Never in a repository of its own.
 */
export async function isMovedByOthers(
  { repository, service }: Pick<Ports, 'repository' | 'service'>,
  { candidate }: Pick<Plan, 'candidate'>,
  commit: Sha,
): Promise<boolean> {
  const filter = pathFilter(service.paths);
  if (filter === null || commit === candidate.commit) return false;
  const { sharedStateFiles, changelog, versionFiles } = service;
  const feature = candidate.feature?.dir;
  const own = new Set([...sharedStateFiles, changelog, ...versionFiles.map(({ path }) => path)]);
  const concerns = (path: string): boolean =>
    filter.matches(path) ||
    own.has(path) ||
    (feature !== undefined && (path === feature || path.startsWith(`${feature}/`)));
  if ((await repository.firstAncestor(commit, [candidate.commit])) === null) return false;
  const changed = await repository.changed(candidate.commit, commit);
  if (changed.some(concerns)) return false;
  if (!changed.some((path) => path.startsWith('.changeset/'))) return true;
  const [before, after] = await Promise.all(
    [candidate.commit, commit].map((at) => fragmentsAt({ repository, service }, at)),
  );
  return before === after;
}

/** What the changesets at the root, and other fragments, say of this service. */
async function fragmentsAt({ repository, service }: Pick<Ports, 'repository' | 'service'>, at: Sha) {
  const found = await readFiles(repository, service, at).catch(whenRefused(null));
  return found && canonicalJson([found.fragments.groups, found.fragments.reasons]);
}
