import type { Refs, Repository } from '../../adapters/repositories/port.ts';
import { readOutline } from '../../domain/changelog/changelog.ts';
import {
  FRAGMENT_FOLDERS,
  fragmentFolderIn,
  isFragment,
  readFragments,
} from '../../domain/changelog/fragments.ts';
import { outlineOf } from '../../domain/changelog/outline.ts';
import { releaseChangelog } from '../../domain/changelog/release-changelog.ts';
import type { Policy, Service } from '../../domain/policy/service.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { CommitCollector, type CommitSummary } from '../../domain/release/commits.ts';
import { releaseMessage, tagMessage } from '../../domain/release/message.ts';
import { refuseOtherTags } from '../../domain/release/other-tags.ts';
import type { FileChange, Sha } from '../../domain/release/release.ts';
import type { VersionDecision } from '../../domain/release/version.ts';
import {
  type Bump,
  compareBumps,
  decideVersion,
  isPrerelease,
  type VersionTag,
  versionTags,
} from '../../domain/release/version.ts';
import { VERSION_MARKER } from '../../domain/release/version-files/checked.ts';
import { moreVersionPaths } from '../../domain/release/version-files/more-paths.ts';
import {
  findVersions,
  setVersion,
  type VersionPlaces,
  WELL_KNOWN_FILES,
} from '../../domain/release/version-files/version-files.ts';
import type { Ours } from './own-commits.ts';

export interface ReleaseQuestion {
  /** Commit that the release is cut on. */
  readonly base: Sha;
  readonly refs: Refs;
  readonly bump: 'auto' | Bump;
  readonly lowerConfirmed: boolean;
  /** ms since the epoch; its UTC day is the day of the release. */
  readonly at: number;
  readonly ours: Ours;
}

export interface ReleasePlan {
  readonly version: VersionDecision;
  /** Markdown: the new version's section without its heading. */
  readonly changelog: string;
  readonly files: readonly FileChange[];
  readonly commits: Plan['commits'];
  /** Message of the release commit, without trailers. */
  readonly message: string;
  readonly tagMessage: string;
  /** Tag of the last release in the history of the base; null for the first release. */
  readonly lastTag: string | null;
}

type ReleaseService = Pick<Service, 'tagPrefix' | 'otherTags' | 'changelog' | 'versionFiles'> & {
  readonly policy: Pick<Policy, 'breakingBelowOne'>;
};

/**
 * Decides version, changelog and files of the release that would be cut on `base`; changes nothing.
 * Refusals: those of `refuseOtherTags`, `decideVersion`, `releaseChangelog` and `findVersions`, and `file-not-text`.
 */
export async function planRelease(
  repository: Repository,
  service: ReleaseService,
  question: ReleaseQuestion,
): Promise<ReleasePlan> {
  const { base, refs, ours } = question;
  const tags = versionTags(refs.tags, service.tagPrefix);
  if (service.otherTags !== 'ignore') {
    refuseOtherTags(
      refs.tags.map(({ name }) => name),
      service.tagPrefix,
      tags,
    );
  }
  const [history, files] = await Promise.all([
    readHistory({ repository, base, ours }, tags),
    readFiles(repository, service, base),
  ]);
  const { changelogBefore, outline, reading, places, fragments } = files;

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
      tags: new Set(refs.tags.map((tag) => tag.name)),
      breakingBelowOne: service.policy.breakingBelowOne,
    },
    question,
  );
  const presentVersions =
    releasedNow.length > 0 ? releasedNow : places.flatMap(({ hint }) => (hint === null ? [] : [hint]));
  const lastTag = history.last?.name ?? history.prerelease?.name ?? null;
  const changelog = releaseChangelog(changelogBefore, {
    version: version.next,
    tag: version.tag,
    previousTag: lastTag,
    date: new Date(question.at).toISOString().slice(0, 10),
    generated: history.commits.groups,
    collected: fragments.groups,
    path: service.changelog,
    outline,
    compareUrl: (from, to) => repository.links.compare(from, to),
  });
  const isChanged = changelog.text !== changelogBefore;
  return {
    version,
    changelog: changelog.body,
    files: [
      ...setVersion(places, version.next, presentVersions),
      ...(isChanged ? [{ path: service.changelog, text: changelog.text }] : []),
      ...fragments.paths.map((path) => ({ path, text: null })),
    ].sort((a, b) => (a.path < b.path ? -1 : 1)),
    commits: { total: history.commits.total, subjects: history.commits.subjects },
    message: releaseMessage(version),
    tagMessage: tagMessage(version, changelog.body),
    lastTag,
  };
}

/** What the files name now. Once something was released, what a marker or a convention points at is held against that. */
function namedVersions(places: readonly VersionPlaces[], isFirst: boolean) {
  return places.flatMap(({ path, ranges, version, hint }) => {
    const named = isFirst ? (version ?? hint) : ranges.length > 0 ? version : null;
    return named === null ? [] : [{ path, version: named }];
  });
}

/** Changelog, version files and files with a marker, and what they say; done while the commits still come in. */
async function readFiles(repository: Repository, service: ReleaseService, base: Sha) {
  const [texts, listed] = await Promise.all([
    readTexts(repository, service, base),
    repository.list(base, FRAGMENT_FOLDERS),
  ]);
  const changelogBefore = texts.get(service.changelog) ?? null;
  const outline = changelogBefore === null ? null : outlineOf(changelogBefore, service.changelog);
  texts.delete(service.changelog);
  const folder = fragmentFolderIn(texts.get('pyproject.toml') ?? null);
  const others = folder === null ? [] : await repository.list(base, [folder]);
  const wanted = [...listed, ...others].filter(
    (path) => isFragment(path, folder) && path !== service.changelog,
  );
  const found = await readAll(repository, base, wanted);
  return {
    changelogBefore,
    fragments: readFragments(found.flatMap(([path, text]) => (text === null ? [] : [{ path, text }]))),
    outline,
    reading: readOutline(outline),
    places: findVersions(
      [...texts].map(([path, text]) => ({ path, text })),
      service.versionFiles,
    ),
  };
}

/** By path; null for files that are not there. */
async function readTexts(
  repository: Repository,
  service: ReleaseService,
  base: Sha,
): Promise<Map<string, string | null>> {
  const paths = new Set([
    service.changelog,
    ...WELL_KNOWN_FILES,
    ...service.versionFiles.map((file) => file.path),
  ]);
  const [named, marked, all] = await Promise.all([
    readAll(repository, base, [...paths]),
    repository.containing(base, VERSION_MARKER),
    repository.list(base, []),
  ]);
  const texts = new Map(named);
  texts.delete(service.changelog);
  const wanted = new Set([...marked.filter((path) => !paths.has(path)), ...moreVersionPaths(all, texts)]);
  return new Map([...named, ...(await readAll(repository, base, [...wanted]))]);
}

async function readAll(
  repository: Repository,
  base: Sha,
  paths: readonly string[],
): Promise<readonly (readonly [string, string | null])[]> {
  if (paths.length === 0) return [];
  const blobs = await repository.read(base, paths);
  return paths.map((path, index) => {
    const blob = blobs[index] ?? null;
    return [path, blob === null ? null : textOf(path, blob.bytes)] as const;
  });
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('file-not-text', { path });
  }
}

/** Where commits are read, up to which one, and who knows the ones that are ours. */
interface Source {
  readonly repository: Repository;
  readonly base: Sha;
  readonly ours: Ours;
}

interface History {
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
async function readHistory(source: Source, tags: readonly VersionTag[]): Promise<History> {
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
  { repository, base, ours }: Source,
  since: VersionTag | null,
): Promise<{ readonly summary: CommitSummary; readonly descends: boolean }> {
  const collector = new CommitCollector();
  let descends = since === null || since.commit === base;
  for await (const commit of repository.commits(since?.commit ?? null, base)) {
    collector.add(commit, (await ours(commit)) !== null);
    descends ||= commit.parents?.includes(since?.commit ?? '') ?? false;
  }
  if (!descends && since) descends = (await repository.firstAncestor(base, [since.commit])) !== null;
  return { summary: collector.summary(), descends };
}
