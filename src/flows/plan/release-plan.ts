import type { Refs, Repository } from '../../adapters/repositories/port.ts';
import { releaseChangelog } from '../../domain/changelog/release-changelog.ts';
import type { Policy, Service } from '../../domain/policy/service.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { Refusal } from '../../domain/refusals/refusal.ts';
import { releaseMessage, tagMessage } from '../../domain/release/message.ts';
import {
  type OtherTag,
  otherTags,
  refuseCalendar,
  refuseOtherTags,
} from '../../domain/release/other-tags.ts';
import type { FileChange, Sha } from '../../domain/release/release.ts';
import { type VersionTag, versionTags } from '../../domain/release/tag-form.ts';
import type { VersionDecision } from '../../domain/release/version.ts';
import { type Bump, compareBumps, decideVersion } from '../../domain/release/version.ts';
import {
  setVersion,
  staysBehind,
  type VersionPlaces,
} from '../../domain/release/version-files/version-files.ts';
import { readFiles } from './release-files.ts';
import { readHistory } from './release-history.ts';
import type { Ours } from './service-commits.ts';

export interface ReleaseQuestion {
  /** Commit that the release is cut on. */
  readonly base: Sha;
  readonly refs: Refs;
  readonly bump: 'auto' | Bump;
  readonly lowerConfirmed: boolean;
  /** ms since the epoch; its UTC day is the day of the release. */
  readonly at: number;
  readonly ours: Ours;
  /** The version that people are asked about, or have agreed to. */
  readonly asked?: VersionDecision | undefined;
}

export interface ReleasePlan {
  readonly version: VersionDecision;
  /** Markdown: the new version's section without its heading. */
  readonly changelog: string;
  readonly files: readonly FileChange[];
  readonly commits: Plan['commits'];
  /** When they were made, ms since the epoch. */
  readonly commitTimes: readonly number[];
  /** Message of the release commit, without trailers. */
  readonly message: string;
  readonly tagMessage: string;
  /** Tag of the last release in the history of the base; null for the first release. */
  readonly lastTag: string | null;
  /** Why files that hold the version, but are not named in the config, stay as they are. */
  readonly left: readonly Refusal[];
}

type ReleaseService = Pick<
  Service,
  'tagPrefix' | 'tagSuffix' | 'scheme' | 'otherTags' | 'changelog' | 'versionFiles' | 'paths'
> & {
  readonly policy: Pick<Policy, 'breakingBelowOne'>;
};

/**
 * Decides version, changelog and files of the release that would be cut on `base`; changes nothing.
 * Refusals: those of `refuseOtherTags`, `decideVersion`, `releaseChangelog`, `findVersions` and `readFiles`.
 */
export async function planRelease(
  repository: Repository,
  service: ReleaseService,
  question: ReleaseQuestion,
): Promise<ReleasePlan> {
  const { base, refs, ours } = question;
  const tags = await tagsOf(repository, service, refs);
  const [history, files] = await Promise.all([
    readHistory({ repository, service, base, ours }, tags),
    readFiles(repository, service, base),
  ]);
  const { outline, reading, places, fragments } = files;
  const { path, before } = files.changelog;

  const releasedNow = [history.last, history.prerelease].flatMap((tag) => (tag ? [tag.version] : []));
  const version = decideVersion(
    {
      current: history.last?.version ?? null,
      prerelease: history.prerelease?.version ?? null,
      files: namedVersions(places, releasedNow.length === 0),
      changelogVersions: reading.versions,
      reasons: [...reading.reasons, ...fragments.reasons, ...history.commits.reasons].sort((a, b) =>
        compareBumps(b.bump, a.bump),
      ),
      tagPrefix: service.tagPrefix,
      tagSuffix: service.tagSuffix,
      scheme: service.scheme,
      at: question.at,
      asked: question.asked,
      tags: new Set(refs.tags.map((tag) => tag.name)),
      breakingBelowOne: service.policy.breakingBelowOne,
    },
    question,
  );
  const presentVersions =
    releasedNow.length > 0 ? releasedNow : places.flatMap(({ hint }) => (hint === null ? [] : [hint]));
  const lastTag = history.last?.name ?? history.prerelease?.name ?? null;
  const changelog = releaseChangelog(before, {
    version: version.next,
    tag: version.tag,
    previousTag: lastTag,
    date: new Date(question.at).toISOString().slice(0, 10),
    generated: history.commits.groups,
    collected: fragments.groups,
    path,
    outline,
    compareUrl: (from, to) => repository.links.compare(from, to),
  });
  const isChanged = changelog.text !== before;
  const raised = setVersion(places, version.next, presentVersions);
  return {
    version,
    changelog: changelog.body,
    files: [...raised, ...(isChanged ? [{ path, text: changelog.text }] : []), ...fragments.files].sort(
      (a, b) => (a.path < b.path ? -1 : 1),
    ),
    commits: { total: history.commits.total, subjects: history.commits.subjects },
    commitTimes: history.commits.times,
    message: releaseMessage(version),
    tagMessage: tagMessage(version, changelog.body),
    lastTag,
    left: [...files.left, ...staysBehind(places, raised, version.next)],
  };
}

/** Those that name a release. Refusals: `tags-otherwise`, `tags-by-calendar`. */
async function tagsOf(
  repository: Repository,
  service: ReleaseService,
  refs: Refs,
): Promise<readonly VersionTag[]> {
  const tags = versionTags(refs.tags, service);
  if (service.otherTags === 'ignore') return tags;
  const others = otherTags(refs.tags, service, tags);
  refuseOtherTags(await withoutHistory(repository, others, tags[0]), service, tags);
  refuseCalendar(service, tags);
  return tags;
}

/** Nobody has changed how releases are numbered more often. */
const MOST_NUMBERINGS = 10;

/** Without the numberings that the last release descends from: it came after them. */
async function withoutHistory(
  repository: Repository,
  others: readonly OtherTag[],
  last: VersionTag | undefined,
): Promise<readonly OtherTag[]> {
  if (last === undefined) return others;
  const highest = new Map([...others].reverse().map(({ prefix, commit }) => [prefix, commit]));
  const asked = [...highest].slice(-MOST_NUMBERINGS).map(async ([prefix, commit]) => {
    const isBefore = (await repository.firstAncestor(last.commit, [commit])) !== null;
    return isBefore ? [prefix] : [];
  });
  const before = new Set((await Promise.all(asked)).flat());
  return others.filter(({ prefix }) => !before.has(prefix));
}

/** What the files name now. Once something was released, what a marker or a convention points at is held against that. */
function namedVersions(places: readonly VersionPlaces[], isFirst: boolean) {
  return places.flatMap(({ path, ranges, version, hint }) => {
    const named = isFirst ? (version ?? hint) : ranges.length > 0 ? version : null;
    return named === null ? [] : [{ path, version: named }];
  });
}
