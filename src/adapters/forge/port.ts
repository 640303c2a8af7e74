import type { Commit, FileChange, Release, Sha } from '../../domain/release.ts';

/** Where the refs of the repository stand. */
export interface Refs {
  /** Tip of every branch, by short name. */
  readonly branches: Readonly<Record<string, Sha>>;
  /** `commit` is what the tag points at after peeling; `annotated` is false for lightweight tags. */
  readonly tags: readonly { readonly name: string; readonly commit: Sha; readonly annotated: boolean }[];
}

/** A file at a commit. */
export interface Blob {
  readonly path: string;
  readonly blob: Sha;
  readonly bytes: Uint8Array;
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

/** A commit on top of the branch's present tip (report, state file). */
export interface FilesCommit {
  readonly branch: string;
  readonly message: string;
  /** Rebuilt from the tip each time the branch moved: gets the present text (null: no such file), gives the new one. */
  readonly edits: readonly { readonly path: string; readonly edit: (before: string | null) => string }[];
}

/**
 * A git repository and its host. Reading methods answer for one commit and may be called side by side.
 * Every method throws Unavailable when the remote does not answer now, and Refusal for what a person can fix:
 * `repository-unreachable`, `repository-empty`, `branch-missing`, `branch-moved`, `branch-diverged`,
 * `tag-exists`, `not-writable`.
 */
export interface Forge {
  readonly kind: string;
  /** Brings the local copy up to date and answers with the refs. */
  refs(signal?: AbortSignal): Promise<Refs>;
  /** The files at a commit, in the order asked; null for a path that is not there or is not a file. */
  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]>;
  /** Paths of all files below the folders at a commit (`[]`: the whole tree), sorted. */
  list(commit: Sha, folders: readonly string[]): Promise<readonly string[]>;
  /** Commits reachable from `until` but not from `after` (null: all), newest first, streamed. */
  commits(after: Sha | null, until: Sha): AsyncIterable<Commit>;
  /** The first of the candidates that is `commit` itself or an ancestor of it; null when none is. */
  firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null>;
  /** Paths of the text files at a commit that contain a string, sorted. */
  containing(commit: Sha, text: string): Promise<readonly string[]>;
  /** Paths that differ between two commits, sorted. */
  changed(from: Sha, to: Sha): Promise<readonly string[]>;
  /** Resolves when a push to the branch would be accepted (no push is made); Refusal `not-writable` otherwise. */
  writable(branch: string, signal?: AbortSignal): Promise<void>;
  /**
   * Writes commit and annotated tag and pushes branch and tag atomically. The commit carries the trailer
   * `Slipway-Promotion: <key>`. Called again with the same key it finds what it made and returns that.
   */
  cutRelease(cut: ReleaseCut, key: string): Promise<Release>;
  /** Commits files on the branch; the trailer `Slipway-Record: <key>` makes it idempotent. Answers with the commit. */
  commitFiles(change: FilesCommit, key: string): Promise<{ readonly commit: Sha }>;
  /** Deletes a tag of the remote; a tag that is not there is fine. */
  deleteTag(tag: string): Promise<void>;
  /** Web addresses, where the host has a web page. */
  readonly links: {
    commit(sha: Sha): string | undefined;
    tag(name: string): string | undefined;
    file(path: string, at: string): string | undefined;
    compare(from: string, to: string): string | undefined;
  };
  close(): Promise<void>;
}
