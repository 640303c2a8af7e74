import { diff } from 'semver';
import type { Refs } from '../../adapters/repositories/port.ts';
import { sectionOf } from '../../domain/changelog/changelog.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import type { VersionDecision } from '../../domain/release/version.ts';
import { asSemver } from '../../domain/release/version-key.ts';
import type { Ports } from '../run/ports.ts';
import { releaseOf } from './known-releases.ts';
import { planRelease, type ReleasePlan } from './release-plan.ts';
import { oursBy } from './service-commits.ts';

/** What would be released: a new version, or the last tag when nothing came after it and it is not live. */
export interface ProposedRelease {
  readonly version: VersionDecision;
  readonly changelog: string;
  /** Paths that the release commit changes. */
  readonly files: readonly string[];
  readonly commits: Plan['commits'];
  /** When they were made, ms since the epoch; empty for a release that was cut before. */
  readonly commitTimes: readonly number[];
  readonly release: Plan['release'];
  /** What the release commit and its tag hold; null for a release that exists. */
  readonly cut: Pick<ReleasePlan, 'files' | 'message' | 'tagMessage' | 'left'> | null;
}

/** What has to be known for that. */
interface Known {
  readonly ports: Ports;
  readonly request: PromotionRequest;
  readonly asked: Plan | null;
  base(): Promise<Sha>;
  refs(): Promise<Refs>;
  /** What is live now; null when nothing is. */
  rollbackTo(): Promise<Release | null>;
}

/** Refusals: those of `planRelease`; `nothing-to-release` only when the last release is what is live. */
export async function proposeRelease(facts: Known): Promise<ProposedRelease> {
  const { repository, service, clock, ledger } = facts.ports;
  const [base, refs] = await Promise.all([facts.base(), facts.refs()]);
  const { bump, lowerConfirmed } = facts.request;
  const question = {
    base,
    refs,
    bump,
    lowerConfirmed: lowerConfirmed ?? false,
    at: clock.now(),
    ours: oursBy(ledger),
    asked: facts.asked?.version,
  };
  try {
    const cut = await planRelease(repository, service, question);
    const { version, changelog, commits, commitTimes } = cut;
    const files = cut.files.map(({ path }) => path);
    return { version, changelog, files, commits, commitTimes, release: { kind: 'cut' }, cut };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'nothing-to-release') throw error;
    const release = await releaseOf(facts.ports, String(error.facts['tag']));
    const live = await facts.rollbackTo();
    if (live?.commit === release.commit) throw error;
    return redeploy(facts, release, live);
  }
}

async function redeploy(facts: Known, release: Release, live: Release | null): Promise<ProposedRelease> {
  const { repository, service } = facts.ports;
  const [changelog] = await repository.read(release.commit, [service.changelog]);
  const change = live?.tag ? diff(asSemver(live.version), asSemver(release.version)) : null;
  const bump = change === 'major' || change === 'minor' ? change : 'patch';
  return {
    version: {
      current: live?.version ?? null,
      next: release.version,
      tag: release.tag,
      bump,
      suggested: bump,
      reasons: [{ bump, text: `${release.tag} is released and not live; nothing came after it` }],
      lowered: false,
    },
    changelog: changelog
      ? sectionOf(
          new TextDecoder().decode(changelog.bytes),
          release.version,
          changelog.at ?? service.changelog,
        )
      : '',
    files: [],
    commits: { total: 0, subjects: [] },
    commitTimes: [],
    release: { kind: 'existing', release },
    cut: null,
  };
}
