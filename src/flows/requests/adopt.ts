import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import { compareVersions, versionKey } from '../../domain/release/version-key.ts';
import { releaseOf } from '../plan/known-releases.ts';
import { releaseMoved } from '../plan/shipped-release.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowed } from './permission.ts';
import { audited, type Caller, portsOf, type RequestContext } from './request.ts';

/** A release from before Slipway, by its version; with the commit that the person saw. */
export interface AdoptionRequest {
  readonly service: string;
  readonly version: string;
  readonly commit: Sha;
}

/**
 * Lets rollbacks return to a release that was shipped before Slipway came: a person who may approve vouches for its
 * commit. Refusals: those of `mayAdopt`, and `release-moved` when the tag names another commit than they saw.
 */
export async function adoptRelease(
  requests: RequestContext,
  caller: Caller,
  { service, version, commit }: AdoptionRequest,
): Promise<Release> {
  return audited(requests, caller, { action: 'release.adopted', service }, async (request) => {
    const release = await mayAdopt(requests, caller, service, version);
    if (release.commit !== commit) throw releaseMoved({ service, tag: release.tag }, commit, release.commit);
    await request.storing(() =>
      requests.ledger.adopt({ service, release, by: request.user }, request.source),
    );
    return release;
  });
}

/**
 * The release that a person may adopt. It must be part of what is live, and not above it: code that production was
 * built upon. Refusals: `not-allowed`, `person-not-full-member`, `release-unknown`, `release-known`,
 * `release-moved`, `release-not-adoptable`.
 */
export async function mayAdopt(
  requests: RequestContext,
  caller: Caller,
  service: string,
  wanted: string,
): Promise<Release> {
  const ports = portsOf(requests, service);
  await mustBeAllowed(ports, caller.user, 'approve');
  const release = await releaseOf(ports, wanted);
  const { version, tag, commit } = release;
  const known = await requests.ledger.releases(service);
  const ofVersion = known.filter((one) => one.version === version);
  if (ofVersion.some((one) => one.commit === commit)) {
    throw new Refusal('release-known', { service, version });
  }
  // A version that was in production has its commit: whatever the tag names now is something else.
  const [other] = ofVersion;
  if (other) throw releaseMoved({ service, tag }, other.commit, commit);
  await mustBePartOfLive(ports, release);
  return release;
}

async function mustBePartOfLive(ports: Ports, release: Release): Promise<void> {
  const { service, repository } = ports;
  const { version, commit, build } = release;
  const live = await baseline(ports);
  const isOlder =
    live !== null && !(versionKey(live.version ?? '') && compareVersions(version, live.version ?? '') > 0);
  const isIn = async (one: Sha) =>
    live !== null && (await repository.firstAncestor(live.commit, [one])) !== null;
  if (isOlder && (await isIn(commit)) && (build === undefined || (await isIn(build.commit)))) return;
  throw new Refusal('release-not-adoptable', {
    service: service.name,
    version,
    commit: commit.slice(0, 7),
  });
}

/** What is live, else what was last known to be: with its commit. */
async function baseline(ports: Ports): Promise<{ readonly commit: Sha; readonly version?: string } | null> {
  const live = await ports.target.live().catch(whenRefusedOrAway(null));
  if (live !== null && live.commit !== '') return live;
  const [last] = await ports.ledger.releases(ports.service.name);
  return last ?? null;
}
