import type { AuditEntry } from '../audit/entry.ts';
import type { Build, Release, Sha } from '../release/release.ts';
import type { KnownRelease, OwnCommit } from './known-release.ts';

/** What an entry of the audit keeps of a release, so that nothing but the entry is needed to deploy it again. */
export function releaseFacts({ version, tag, commit, build }: Release): Readonly<Record<string, unknown>> {
  return { version, tag, commit, ...(build ? { build } : {}) };
}

/** A release that an entry proves to have been in production, or vouched for. */
interface ProvenRelease {
  readonly service: string;
  /** Entries of earlier versions do not say it: then it is the one that the tag ends with. */
  readonly version?: string;
  readonly tag: string;
  readonly commit: Sha;
  readonly build?: Build;
}

/** A commit that an entry proves to be ours. */
interface ProvenCommit {
  readonly sha: Sha;
  /** Of the release that it is; null for records. Absent as above, where there is a tag. */
  readonly version?: string | null;
  readonly tag?: string;
}

export type ProvingEntry = Omit<AuditEntry, 'action'> & { readonly action: string };

/** The actions of entries that prove releases or commits. */
export const PROVING = [
  'promotion.agreed',
  'release.cut',
  'deployment.succeeded',
  'commit.made',
  'release.adopted',
  'audit.taken-over',
] as const;

/** Which releases these entries prove; in the order of the audit. */
export function provenReleases(entries: readonly ProvingEntry[]): readonly ProvenRelease[] {
  const cut = new Map<string, Sha>();
  const proven: ProvenRelease[] = [];
  const add = (service: unknown, release: Omit<ProvenRelease, 'service'> | null) => {
    if (release !== null && typeof service === 'string') proven.push({ service, ...release });
  };
  for (const { action, result, service, promotionId, detail = {} } of entries) {
    if (result !== 'done') continue;
    const { tag, commit } = detail;
    const place = `${promotionId} ${tag}`;
    if (action === 'release.cut' && typeof commit === 'string') cut.set(place, commit);
    if (action === 'promotion.agreed') add(service, releaseIn(detail['before']));
    if (action === 'release.adopted') add(service, releaseIn(detail));
    if (action === 'deployment.succeeded') {
      const released = cut.get(place);
      const asBefore = typeof tag === 'string' && released !== undefined ? { tag, commit: released } : null;
      add(service, releaseIn(detail) ?? asBefore);
    }
    if (action === 'audit.taken-over') {
      for (const one of listIn(detail['releases'])) add(one['service'], releaseIn(one));
    }
  }
  return proven;
}

/** Which commits these entries prove to be ours. */
export function provenCommits(entries: readonly ProvingEntry[]): readonly ProvenCommit[] {
  return entries.flatMap(({ action, result, detail = {} }): readonly ProvenCommit[] => {
    if (result !== 'done') return [];
    const { commit: sha, version, tag, made } = detail;
    if (action === 'audit.taken-over') return listIn(detail['commits']).flatMap((one) => commitIn(one) ?? []);
    if (typeof sha !== 'string') return [];
    if (action === 'commit.made') return [{ sha, version: typeof version === 'string' ? version : null }];
    if (action !== 'release.cut' || made === false || typeof tag !== 'string') return [];
    return [{ sha, tag, ...(typeof version === 'string' ? { version } : {}) }];
  });
}

/** The release of a stored row as the proofs have it; null when none proves it. */
export function asProven(
  { version, commit, build, how }: KnownRelease,
  service: string,
  proofs: readonly ProvenRelease[],
): KnownRelease | null {
  const fitting = proofs.filter(
    (proof) =>
      proof.service === service &&
      proof.commit === commit &&
      (proof.version === undefined
        ? build === undefined && endsWith(proof.tag, version)
        : proof.version === version),
  );
  // The build that the platform would be asked for is part of what was proven.
  const proof = fitting.find((one) => one.build !== undefined) ?? fitting[0];
  if (proof === undefined) return null;
  return { version, tag: proof.tag, commit, ...(proof.build ? { build: proof.build } : {}), how };
}

/** Whether one of the proofs is of that commit, with the version that is stored. */
export function isProvenCommit({ sha, version }: OwnCommit, proofs: readonly ProvenCommit[]): boolean {
  return proofs.some((proof) => {
    if (proof.sha !== sha) return false;
    if (proof.version !== undefined) return proof.version === version;
    return version !== null && endsWith(proof.tag ?? '', version);
  });
}

/** `v1.2.0` ends with 1.2.0, and not with 2.0. */
function endsWith(tag: string, version: string): boolean {
  const prefix = tag.slice(0, tag.length - version.length);
  return version !== '' && prefix + version === tag && !/[\d.]$/.test(prefix);
}

function releaseIn(value: unknown): (Omit<ProvenRelease, 'service'> & { readonly version: string }) | null {
  const { version, tag, commit, build } = recordOf(value);
  if (typeof version !== 'string' || typeof tag !== 'string' || typeof commit !== 'string') return null;
  const built = buildIn(build);
  return { version, tag, commit, ...(built ? { build: built } : {}) };
}

function commitIn({ sha, version }: Readonly<Record<string, unknown>>): ProvenCommit | null {
  if (typeof sha !== 'string') return null;
  return { sha, version: typeof version === 'string' ? version : null };
}

/** As a commit alone in entries of adoptions. */
function buildIn(value: unknown): Build | null {
  if (typeof value === 'string') return { commit: value };
  const { commit, deploymentId } = recordOf(value);
  if (typeof commit !== 'string') return null;
  return { commit, ...(typeof deploymentId === 'string' ? { deploymentId } : {}) };
}

function listIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
