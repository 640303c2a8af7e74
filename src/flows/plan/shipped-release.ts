import { gt, valid } from 'semver';
import type { KnownRelease } from '../../domain/promotion/known-release.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import type { Ports } from '../run/ports.ts';
import { releaseOf } from './known-releases.ts';

/** A release by its version, and by its commit where somebody has seen it with that one. */
export interface WantedRelease {
  readonly version: string;
  readonly commit?: Sha | undefined;
}

/**
 * The release with this version, which was in production with exactly the commit that its tag names now. A tag alone
 * proves nothing: whoever may push can make one. Refusals: `release-unknown`, `release-moved`,
 * `release-never-shipped`.
 */
export async function shippedRelease(ports: Ports, wanted: WantedRelease): Promise<Release> {
  const service = ports.service.name;
  const { build: _unproven, ...release } = await releaseOf(ports, wanted.version);
  const { version, tag, commit } = release;
  const ofVersion = (await ports.ledger.releases(service)).filter((one) => one.version === version);
  const [known] = [...ofVersion.filter((one) => one.commit === commit)].sort(buildFirst);
  const before = wanted.commit ?? (known ? commit : ofVersion[0]?.commit);
  if (before !== undefined && before !== commit) {
    throw releaseMoved({ service, tag }, before, commit);
  }
  if (!known) throw new Refusal('release-never-shipped', { service, version, commit: short(commit) });
  return known.build ? { ...release, build: known.build } : release;
}

/**
 * Refusal `release-newer`: what is above the version that is live goes forward, and that takes approvals. So does
 * every release while nobody knows what is live; versions that cannot be compared are people's to judge.
 */
export function mustNotBeNewer(service: string, { version }: Release, live: string | undefined): void {
  if (!valid(version)) return;
  if (live !== undefined && valid(live) && !gt(version, live)) return;
  throw new Refusal('release-newer', { service, version, live: live ?? 'unknown' });
}

/**
 * Refusal `release-moved` when the tag of a release names another commit by now. A tag that is gone deploys nothing
 * else: that is for the target to say.
 */
export async function mustStillBeTagged({ service, repository }: Ports, release: Release): Promise<void> {
  if (release.tag === '' || release.commit === '') return;
  const tag = (await repository.refs()).tags.find(({ name }) => name === release.tag);
  if (tag === undefined || tag.commit === release.commit) return;
  throw releaseMoved({ service: service.name, tag: release.tag }, release.commit, tag.commit);
}

/** The tag of a release named one commit, and names another one now. */
export function releaseMoved(
  about: { readonly service: string; readonly tag: string },
  was: Sha,
  now: Sha,
): Refusal {
  return new Refusal('release-moved', { ...about, was: short(was), now: short(now) });
}

function buildFirst(a: KnownRelease, b: KnownRelease): number {
  return Number(b.build !== undefined) - Number(a.build !== undefined);
}

function short(commit: Sha): string {
  return commit.slice(0, 7);
}
