import type { Repository } from '../../adapters/repositories/port.ts';
import type { Service } from '../../domain/policy/service.ts';
import { CommitCollector, type CommitSummary } from '../../domain/release/commits.ts';
import type { Sha } from '../../domain/release/release.ts';
import type { VersionTag } from '../../domain/release/tag-form.ts';
import { isPrerelease } from '../../domain/release/version-key.ts';
import { commitsOf, type Ours } from './service-commits.ts';

/** Where commits are read, up to which one, and who knows the ones that are ours. */
export interface Source {
  readonly repository: Repository;
  readonly service: Pick<Service, 'paths'>;
  readonly base: Sha;
  readonly ours: Ours;
}

export interface History {
  /** Tag of the last release that is no prerelease. */
  readonly last: VersionTag | null;
  /** Highest prerelease above it. */
  readonly prerelease: VersionTag | null;
  readonly commits: CommitSummary;
}

/**
 * The last release is the highest version tag, prereleases aside, that the base descends from: not the newest
 * tag, which may belong to another line. The commits since then are read in the same pass that proves it.
 */
export async function readHistory(source: Source, tags: readonly VersionTag[]): Promise<History> {
  const { repository, base } = source;
  const releases = tags.filter((tag) => !isPrerelease(tag.version));
  const guess = releases[0] ?? null;
  const first = await collect(source, guess);
  if (first.descends) {
    const prerelease = await firstMerged(repository, base, prereleasesAbove(tags, guess));
    if (guess || !prerelease) return { last: guess, prerelease, commits: first.summary };
    return { last: null, prerelease, commits: (await collect(source, prerelease)).summary };
  }
  const last = await firstMerged(repository, base, releases.slice(1));
  const prerelease = await firstMerged(repository, base, prereleasesAbove(tags, last));
  const since = last ?? prerelease;
  return { last, prerelease, commits: (await collect(source, since)).summary };
}

function prereleasesAbove(tags: readonly VersionTag[], last: VersionTag | null): readonly VersionTag[] {
  const end = last === null ? tags.length : tags.indexOf(last);
  return tags.slice(0, end).filter((tag) => isPrerelease(tag.version));
}

async function firstMerged(
  repository: Repository,
  base: Sha,
  tags: readonly VersionTag[],
): Promise<VersionTag | null> {
  if (tags.length === 0) return null;
  const commit = await repository.firstAncestor(
    base,
    tags.map((tag) => tag.commit),
  );
  return tags.find((tag) => tag.commit === commit) ?? null;
}

/**
 * Sums up the commits after a tag. The base descends from the tag exactly when it is the tag's commit or one of
 * these commits has it as a parent.
 */
async function collect(
  { repository, service, base, ours }: Source,
  since: VersionTag | null,
): Promise<{ readonly summary: CommitSummary; readonly descends: boolean }> {
  const collector = new CommitCollector();
  let descends = since === null || since.commit === base;
  for await (const { commit, isOurs } of commitsOf(repository, service, since?.commit ?? null, base)) {
    collector.add(commit, isOurs && (await ours(commit)) !== null, isOurs);
    descends ||= commit.parents?.includes(since?.commit ?? '') ?? false;
  }
  if (!descends && since) descends = (await repository.firstAncestor(base, [since.commit])) !== null;
  const lost = descends
    ? await notIn(repository, base, collector.doubtful.slice(0, MOST_DOUBTFUL))
    : undefined;
  return { summary: collector.summary(lost), descends };
}

/** Nobody has more reverts that name ids of before a rebase. */
const MOST_DOUBTFUL = 20;

async function notIn(repository: Repository, base: Sha, commits: readonly Sha[]): Promise<ReadonlySet<Sha>> {
  const found = new Set<Sha>();
  for (const commit of commits) {
    if ((await repository.firstAncestor(base, [commit])) === null) found.add(commit);
  }
  return found;
}
