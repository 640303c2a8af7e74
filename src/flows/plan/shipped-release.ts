import type { KnownRelease } from '../../domain/promotion/known-release.ts';
import { digestOf } from '../../domain/promotion/plan.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import { compareVersions, versionKey } from '../../domain/release/version-key.ts';
import type { Ledger } from '../run/ledger.ts';
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
 * `release-never-shipped`, `release-unproven`.
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
  if (!known) {
    const stored = await ports.ledger.unprovenReleases(service);
    const isStored = stored.some((one) => one.version === version && one.commit === commit);
    const code = isStored ? 'release-unproven' : 'release-never-shipped';
    throw new Refusal(code, { service, version, commit: short(commit) });
  }
  return known.build ? { ...release, build: known.build } : release;
}

/**
 * Refusal `release-newer`: what is above the version that is live goes forward, and that takes approvals. So does
 * every release while nobody knows what is live; versions that cannot be compared are people's to judge.
 */
export function mustNotBeNewer(service: string, { version }: Release, live: string | undefined): void {
  if (versionKey(version) === null) return;
  if (live !== undefined && versionKey(live) !== null && compareVersions(version, live) <= 0) return;
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

/** Refusal `audit-cut-off` when entries are gone that were signed: what they took back or decided would not be seen. */
export async function mustHoldEnd({
  ledger,
}: {
  readonly ledger: Pick<Ledger, 'missingEnd'>;
}): Promise<void> {
  const missing = await ledger.missingEnd();
  if (missing !== null) throw new Refusal('audit-cut-off', { ...missing });
}

/**
 * Refusal `release-unproven` unless this release was in production by the audit: it was known to be, or the plan that
 * people were asked about in this promotion names it as what was live.
 */
export async function mustBeProven(
  { ledger, service: { name: service } }: Pick<Ports, 'ledger' | 'service'>,
  promotionId: string,
  release: Release,
): Promise<void> {
  const { version, tag, commit, build } = release;
  const isSame = (one: Pick<Release, 'version' | 'tag' | 'commit' | 'build'>): boolean =>
    one.version === version &&
    one.tag === tag &&
    one.commit === commit &&
    one.build?.commit === build?.commit &&
    one.build?.deploymentId === build?.deploymentId;
  if ((await ledger.releases(service)).some(isSame)) return;
  const { plan } = (await ledger.get(promotionId)).data;
  if (plan?.rollbackTo && isSame(plan.rollbackTo) && (await ledger.wasAsked(promotionId, digestOf(plan)))) {
    return;
  }
  throw new Refusal('release-unproven', { service, version, commit: short(commit) });
}

function buildFirst(a: KnownRelease, b: KnownRelease): number {
  return Number(b.build !== undefined) - Number(a.build !== undefined);
}

function short(commit: Sha): string {
  return commit.slice(0, 7);
}
