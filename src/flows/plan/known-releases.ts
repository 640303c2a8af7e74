import type { Refs } from '../../adapters/repositories/port.ts';
import { type FeatureFolder, isReady } from '../../domain/promotion/feature.ts';
import { Refusal, whenRefused } from '../../domain/refusals/refusal.ts';
import { trailerOf } from '../../domain/release/message.ts';
import type { Live, Release, Sha } from '../../domain/release/release.ts';
import { tagOfVersion, versionInTag, withinTag } from '../../domain/release/tag-form.ts';
import { isSameVersion } from '../../domain/release/version-key.ts';
import type { StateReading } from '../../domain/state-file/reading.ts';
import type { Ports } from '../run/ports.ts';
import { oursBy } from './service-commits.ts';

/** The release with this version, by its tag; Refusal `release-unknown` when there is none. */
export async function releaseOf(ports: Ports, version: string): Promise<Release> {
  const { service, repository } = ports;
  const refs = await repository.refs();
  const tag = tagOfVersion(service, refs.tags, version);
  if (!tag) throw new Refusal('release-unknown', { service: service.name, version });
  const release = named(ports, {
    version: withinTag(service, tag.name) ?? version,
    tag: tag.name,
    commit: tag.commit,
  });
  const built = ports.target.promotes ? await buildOf(ports, tag.commit) : null;
  return built === null ? release : { ...release, build: { commit: built } };
}

/**
 * What is live, as a release: by the tag at its commit, else by the release that says that it stands for this
 * build, else by what the target says of itself.
 */
export async function liveRelease(ports: Ports, refs: Refs, live: Live): Promise<Release> {
  const { name: service, ...form } = ports.service;
  const shipped = await ports.ledger.releases(service);
  const asVersion =
    live.commit === ''
      ? shipped.find(({ version }) => isSameVersion(version, live.version ?? ''))
      : undefined;
  // A version that was shipped has its commit, wherever its tag is by now.
  if (asVersion) {
    const { how: _, ...release } = asVersion;
    return named(ports, release);
  }
  const ofService = refs.tags.filter(({ name }) => withinTag(form, name) !== null);
  // Some targets only know the version that they run.
  const at = live.commit === '' ? [] : ofService.filter(({ commit }) => commit === live.commit);
  const tag =
    tagOfVersion(form, live.commit === '' ? ofService : at, live.version ?? '') ??
    at.find(({ name }) => shipped.some(({ tag, commit }) => tag === name && commit === live.commit)) ??
    at.find(({ name }) => versionInTag(form, name) !== null);
  if (tag) {
    return named(ports, { version: withinTag(form, tag.name) ?? '', tag: tag.name, commit: tag.commit });
  }
  const promoted = ports.target.promotes ? await releaseBuiltFrom(ports, refs, live.commit) : null;
  return promoted ?? { version: live.version ?? live.commit.slice(0, 7), tag: '', commit: live.commit };
}

/** The same for all releases that share production. */
export function liveReleases(ports: Ports, refs: Refs, live: Live): Promise<readonly Release[]> {
  return Promise.all((live.of ?? [live]).map((one) => liveRelease(ports, refs, one)));
}

/** The newest release of this service whose commit names that build: it is above the build, on the branch. */
async function releaseBuiltFrom(ports: Ports, refs: Refs, built: Sha): Promise<Release | null> {
  const { service, repository, ledger } = ports;
  const ours = oursBy(ledger);
  const tip = refs.branches[service.branch];
  if (tip === undefined) return null;
  const tags = new Map(
    refs.tags.filter(({ name }) => withinTag(service, name) !== null).map((tag) => [tag.commit, tag.name]),
  );
  try {
    for await (const { sha, message } of repository.commits(built, tip)) {
      const tag = tags.get(sha);
      if (tag === undefined || trailerOf(message, 'Slipway-Build') !== built) continue;
      if ((await ours({ sha, message })) === null) continue;
      const version = withinTag(service, tag) ?? '';
      return named(ports, { version, tag, commit: sha, build: { commit: built } });
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // the repository does not know the commit that is live
  }
  return null;
}

/** The build that a release commit of ours names; null when it names none, and for commits of everybody else. */
async function buildOf({ repository, ledger }: Ports, commit: Sha): Promise<Sha | null> {
  for await (const { sha, message } of repository.commits(null, commit)) {
    const isOurs = (await oursBy(ledger)({ sha, message })) !== null;
    return isOurs ? trailerOf(message, 'Slipway-Build') : null;
  }
  return null;
}

function named(ports: Ports, release: Release): Release {
  const url = ports.repository.links.tag(release.tag);
  return url === undefined ? release : { ...release, url };
}

/** How far back a commit is looked for, in commits. */
const REACH = 5_000;

/** The full id of a commit given by its first digits; null when the history of the base does not have it. */
export async function resolveCommit({ repository }: Ports, base: Sha, wanted: string): Promise<Sha | null> {
  if (base.startsWith(wanted)) return base;
  if (isFullId(wanted)) return wanted;
  return (await resolveCommits(repository, base, [wanted])).get(wanted) ?? null;
}

function isFullId(commit: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit);
}

/** The full ids of those that the history of the base has, by their first digits. */
async function resolveCommits(
  repository: Pick<Ports['repository'], 'commits'>,
  base: Sha,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, Sha>> {
  const found = new Map<string, Sha>();
  if (wanted.length === 0) return found;
  const left = new Set(wanted);
  let seen = 0;
  for await (const { sha } of repository.commits(null, base)) {
    for (const name of left) {
      if (!sha.startsWith(name)) continue;
      found.set(name, sha);
      left.delete(name);
    }
    if (left.size === 0 || ++seen >= REACH) break;
  }
  return found;
}

/** The commits after the first one up to the other; none where the repository does not know the first one, such as what is live. */
export async function commitsBetween(
  repository: Pick<Ports['repository'], 'commits'>,
  after: Sha,
  until: Sha,
): Promise<ReadonlySet<Sha>> {
  const found = new Set<Sha>();
  try {
    for await (const { sha } of repository.commits(after, until)) found.add(sha);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return found;
}

/**
 * Folders of features that went to production with another one: they are ready by their files, but the last shipped release
 * holds what was validated of them.
 */
export async function inProduction(
  ports: Ports,
  features: readonly { readonly folder: FeatureFolder; readonly reading: StateReading }[],
): Promise<ReadonlySet<string>> {
  const { ledger, repository, service } = ports;
  const ready = features.filter(({ reading }) => isReady(reading));
  if (ready.length === 0) return new Set();
  const [last] = await ledger.recent({ service: service.name, states: ['shipped', 'rolled-back'], limit: 1 });
  const shipped = last?.state === 'shipped' ? last.data.release?.commit : last?.data.plan?.rollbackTo?.commit;
  if (!shipped) return new Set();
  // The history of what was shipped stays the same until the next release, whatever comes to the branch.
  const commits = ready.flatMap(({ reading: { validatedCommit } }) =>
    validatedCommit.kind === 'value' ? [validatedCommit.value] : [],
  );
  const named = commits.filter((commit) => !isFullId(commit));
  const inside = new Set((await resolveCommits(repository, shipped, named).catch(whenRefused(NONE))).keys());
  for (const commit of new Set(commits.filter(isFullId))) {
    const found = await repository.firstAncestor(shipped, [commit]).catch(whenRefused(null));
    if (found !== null) inside.add(commit);
  }
  return new Set(
    ready.flatMap(({ folder, reading: { validatedCommit } }) =>
      validatedCommit.kind === 'value' && inside.has(validatedCommit.value) ? [folder.dir] : [],
    ),
  );
}

const NONE: ReadonlyMap<string, Sha> = new Map();
