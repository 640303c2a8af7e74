import type { CiCheck } from '../../domain/gates/ci.ts';
import type { HostDeployment } from '../../domain/gates/staging-deployment.ts';
import type { Refusal } from '../../domain/refusals/refusal.ts';
import type { PathFilter } from '../../domain/release/paths.ts';
import type { Commit, FileChange, Release, Sha } from '../../domain/release/release.ts';

/** Where the refs of the repository stand. */
export interface Refs {
  /** Tips of branches by short name: the one that releases are cut on, and perhaps others. All where that is not there. */
  readonly branches: Readonly<Record<string, Sha>>;
  /** `commit` is what the tag points at after peeling; `annotated` is false for lightweight tags. */
  readonly tags: readonly { readonly name: string; readonly commit: Sha; readonly annotated: boolean }[];
}

/** A file at a commit. */
export interface Blob {
  readonly path: string;
  readonly blob: Sha;
  readonly bytes: Uint8Array;
  /** Where the file is, when its path is a symbolic link or leads through one. */
  readonly at?: string;
}

/** One commit and one annotated tag, to be pushed together. */
export interface ReleaseCut {
  /** Parent of the release commit; the branch must still stand here, else Refusal `branch-moved`. */
  readonly base: Sha;
  readonly branch: string;
  readonly version: string;
  readonly tag: string;
  /** Commit message without trailers. */
  readonly message: string;
  readonly tagMessage: string;
  readonly files: readonly FileChange[];
}

/** A release that is to come, as far as it is known before. */
export interface ComingRelease {
  readonly tag: string;
  /** Message of its commit; absent when that is not known yet. */
  readonly message?: string;
  /** Whether a rollback is to delete the tag. */
  readonly deletesTag?: boolean;
}

/** A commit on top of the branch's present tip (report, state file). */
export interface FilesCommit {
  readonly branch: string;
  readonly message: string;
  /** A commit of the branch that was there before the first call with this key; where that is known, less is read. */
  readonly since?: Sha;
  /**
   * Rebuilt from the tip each time the branch moved: gets the present text, gives the new one. Null: no such file, before or
   * after.
   */
  readonly edits: readonly {
    readonly path: string;
    readonly edit: (before: string | null) => string | null;
  }[];
}

/** What continuous integration says of a commit in one check. */
export type CommitCheck = CiCheck;

/** A deployment to an environment that the host knows of. */
export type KnownDeployment = HostDeployment;

/** What the host's pages shall show of a deployment to production. */
export interface DeploymentRecord {
  readonly kind: 'deploy' | 'rollback';
  readonly commit: Sha;
  /** Empty when what is deployed has no tag. */
  readonly tag: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  /** A few words, raw. */
  readonly description: string;
  readonly url?: string;
  readonly logUrl?: string;
}

/** An issue on the host. */
export interface OpenedIssue {
  readonly number: number;
  /** Raw outside text. */
  readonly title: string;
  readonly url: string;
  /** Account. */
  readonly by: string;
  /** ms since the epoch */
  readonly at: number;
}

/** The page of a release. */
export interface ReleasePage {
  readonly title: string;
  /** Markdown */
  readonly body: string;
  /** Not what people should take: a prerelease, or one that was rolled back. */
  readonly withheld: boolean;
}

/**
 * A git repository and its host. Reading methods answer for one commit and may be called side by side.
 * Every method throws Unavailable when the remote does not answer now, and Refusal for what a person can fix:
 * `repository-unreachable`, `repository-empty`, `branch-missing`, `branch-moved`, `branch-diverged`,
 * `tag-exists`, `not-writable`.
 */
export interface Repository {
  readonly kind: string;
  /** Brings the local copy up to date and answers with the refs. */
  refs(signal?: AbortSignal): Promise<Refs>;
  /**
   * The files at a commit, in the order asked; null for a path that is not there or is not a file. Symbolic links are
   * followed inside the repository. Refusal `link-not-followed` for others, `not-a-file` for what is in a submodule.
   */
  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]>;
  /** Where files or folders are at a commit, or would be made, links followed. Refusals of `read`. */
  placesOf(commit: Sha, paths: readonly string[]): Promise<readonly string[]>;
  /**
   * Paths of all files below the folders at a commit (`[]`: the whole tree), sorted; links count as files, links to
   * folders elsewhere as what is in them (in the whole tree: as files).
   */
  list(commit: Sha, folders: readonly string[]): Promise<readonly string[]>;
  /** Commits reachable from `until` but not from `after` (null: all), newest first, streamed. */
  commits(after: Sha | null, until: Sha): AsyncIterable<Commit>;
  /**
   * Those of the same commits that touch a file which matches: change, add, delete it, or move it in or out. A merge into
   * the branch of `until` touches what it brought there; other merges touch nothing.
   */
  touching(after: Sha | null, until: Sha, paths: PathFilter): Promise<ReadonlySet<Sha>>;
  /** The first of the candidates that is `commit` itself or an ancestor of it; null when none is. */
  firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null>;
  /** The tip of any branch, null when there is none; only where `refs` does not tell of all branches. */
  tipOf?(branch: string): Promise<Sha | null>;
  /** Paths of the text files at a commit that contain a string, sorted. */
  containing(commit: Sha, text: string): Promise<readonly string[]>;
  /** Paths that differ between two commits, sorted. */
  changed(from: Sha, to: Sha): Promise<readonly string[]>;
  /**
   * Resolves when a push to the branch would be accepted (no push is made), with a sentence where there is
   * something to know about it; Refusal `not-writable` otherwise, and `tag-refused` where the host says before that it
   * will not take the tag of this release.
   */
  writable(branch: string, signal?: AbortSignal, coming?: ComingRelease): Promise<string | void>;
  /**
   * Writes commit and annotated tag and pushes branch and tag atomically. The commit carries the trailer
   * `Slipway-Promotion: <key>`. Called again with the same key it finds what it made and returns that;
   * a commit is only taken for it that has this base and these files. Refusal `tag-refused` names the commit where that
   * is on the branch already; called again it makes the tag.
   */
  cutRelease(cut: ReleaseCut, key: string): Promise<Release>;
  /**
   * Commits files on the branch; the trailer `Slipway-Record: <key>` makes it idempotent. Answers with the commit,
   * and with where it waits ("pull request #12 (https://…)") when the branch takes it only later. `written` is the
   * commit that holds these files and nothing else; absent when nothing had to be written. A commit that only has the
   * trailer is not taken for ours: it must change no other files.
   */
  commitFiles(
    change: FilesCommit,
    key: string,
  ): Promise<{ readonly commit: Sha; readonly written?: Sha; readonly waitsIn?: string }>;
  /**
   * Says before anything is committed which files `commitFiles` will get: a path, or reports, incidents and state files.
   * Records of several services wait in one request, and what nobody has said is not Slipway's. Absent where none wait.
   */
  willWrite?(files: 'documents' | { readonly path: string }): void;
  /** Deletes a tag of the remote; a tag that is not there is fine. */
  deleteTag(tag: string): Promise<void>;
  /**
   * Accounts that opened the pull requests by which these commits came to the branch, of the first hundred; absent where
   * the host has no such thing.
   */
  openers?(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>>;
  /** Accounts that pushed to the branches of these pull requests; null where the host does not tell all of them. */
  pushers?(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[] | null>>;
  /** The checks that a candidate must have passed; absent where the host has none or the config wants none. */
  checks?(commit: Sha): Promise<readonly CommitCheck[]>;
  /** The newest deployment of exactly this commit to staging; absent where that is not to be looked at. */
  staged?(commit: Sha): Promise<KnownDeployment | null>;
  /**
   * Writes the page of a release with its notes. The same tag again brings it up to date; a page that somebody else
   * wrote stays as it is. Answers with its address.
   */
  publishRelease?(release: Release, page: ReleasePage): Promise<{ readonly url: string }>;
  /**
   * Shows a deployment on the host's pages, within seconds or not at all. The same key is the same deployment,
   * whose state moves on.
   */
  recordDeployment?(record: DeploymentRecord, key: string): Promise<void>;
  /**
   * Issues with one of these labels that were opened since then, ms since the epoch, oldest first; absent where the host
   * has none that could be asked for.
   */
  openedIssues?(
    labels: readonly string[],
    sinceMs: number,
    signal?: AbortSignal,
  ): Promise<readonly OpenedIssue[]>;
  /**
   * What the login lacks for its work on this branch, each in a sentence with what to do; for the doctor. Absent
   * where the host has no permissions that could be asked for.
   */
  lacking?(branch: string, signal?: AbortSignal): Promise<readonly Refusal[]>;
  /** The branch that HEAD leads to; null or absent where the host does not say. */
  defaultBranch?(signal?: AbortSignal): Promise<string | null>;
  /** Web addresses, where the host has a web page. */
  readonly links: {
    commit(sha: Sha): string | undefined;
    tag(name: string): string | undefined;
    file(path: string, at: string): string | undefined;
    compare(from: string, to: string): string | undefined;
  };
  close(): Promise<void>;
}
