import { isSameVersion } from './version-key.ts';

/** A full commit id, 40 (or 64) hex digits. */
export type Sha = string;

/** One commit as the decisions see it. */
export interface Commit {
  readonly sha: Sha;
  readonly authorName: string;
  readonly authorEmail: string;
  /** Of who made the commit object, where it was asked for. */
  readonly committerEmail?: string;
  /** Accounts that the host has for the two addresses. */
  readonly authorAccount?: string;
  readonly committerAccount?: string;
  /** Accounts whose signature the host has verified. */
  readonly signedBy?: readonly string[];
  /** Committer time, ms since the epoch. */
  readonly at: number;
  /** Whole message, subject first. */
  readonly message: string;
  /** First parent first; two or more for a merge. Missing when the host does not say. */
  readonly parents?: readonly Sha[];
}

/** What was built and validated before the release was cut, for targets that promote it instead of building. */
export interface Build {
  readonly commit: Sha;
  /** How the platform calls the deployment that was validated on staging, where the state file says so. */
  readonly deploymentId?: string;
}

/** version + commit + annotated tag. */
export interface Release {
  /** Without prefix: `2.7.0`. */
  readonly version: string;
  /** With prefix: `v2.7.0`. */
  readonly tag: string;
  readonly commit: Sha;
  readonly url?: string;
  /** What is known of its signatures, in words; absent where nobody signs. */
  readonly signature?: string;
  /** What production runs of this release, when that is not built from its commit. */
  readonly build?: Build;
}

/** `v1.2.0`, or the version of a release without a tag. */
export function releaseName({ tag, version }: Pick<Release, 'tag' | 'version'>): string {
  return tag || version;
}

/** What a deploy target says is live. Version is missing when the target only knows commits. */
export interface Live {
  readonly commit: Sha;
  readonly version?: string;
  readonly deploymentId?: string;
  /** What it is where several releases share production, which then has no commit; absent: it is one. */
  readonly of?: readonly Live[];
}

/** What several places run, as one; null: nothing runs anywhere. */
export function liveTogether(lives: readonly (Live | null)[]): Live | null {
  const distinct = new Map(lives.map((one) => [one?.commit || one?.version || 'nothing', one]));
  const [first = null] = distinct.values();
  if (distinct.size < 2) return first;
  const of = [...distinct.values()].map((one) => one ?? { commit: '', version: 'nothing' });
  const names = of.map(({ version, commit }) => version ?? commit.slice(0, 7));
  return { commit: '', version: names.join(' and '), of };
}

/** Whether what is live is that release: by its commit, or by the commit of the build that stands for it. */
export function runs(live: Live | null, { commit, build }: Release): boolean {
  return live !== null && live.commit !== '' && (live.commit === commit || live.commit === build?.commit);
}

/** Whether it may be: where production only tells its version, that is the release's. */
export function mayRun(live: Live | null, release: Release): boolean {
  return runs(live, release) || (live?.commit === '' && isSameVersion(live.version ?? '', release.version));
}

/** What is live, as a sentence; by its version where it is one of the releases that are known. */
export function liveInWords(live: Live | null, known: readonly (Release | null)[]): string {
  if (live === null) return 'Nothing is in production.';
  if (live.of) return `Production has ${live.of.map((one) => nameOf(one, known)).join(' and ')}.`;
  const isUnknown = live.version === undefined && releaseAmong(known, live) === undefined;
  return `Production has ${nameOf(live, known)}${isUnknown ? ', which is no release of this promotion' : ''}.`;
}

function nameOf(live: Live, known: readonly (Release | null)[]): string {
  const release = releaseAmong(known, live);
  const commit = live.commit.slice(0, 7);
  if (release) return release.version;
  if (live.version === undefined) return `commit ${commit}`;
  return `${live.version}${commit === '' ? '' : ` (${commit})`}`;
}

function releaseAmong(known: readonly (Release | null)[], live: Live): Release | undefined {
  return known.find((one) => one !== null && runs(live, one)) ?? undefined;
}

/** What the deploy target returned. */
export interface Deployment {
  readonly id: string;
  readonly url?: string;
  readonly logUrl?: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** A file of the tree to write; text is UTF-8, null takes the file out. */
export interface FileChange {
  readonly path: string;
  readonly text: string | null;
}
