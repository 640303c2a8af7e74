import type { Sha } from '../../../domain/release/release.ts';
import type { NewCommit } from '../commit.ts';
import type { ReleaseCut, Repository } from '../port.ts';

/** A change that waits to get onto a branch: a pull request on GitHub, a merge request on GitLab. */
export interface ChangeRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly head: Sha;
  /** What it became on its base; null while it is not merged. */
  readonly merged: Sha | null;
}

/** How the branch of a release is protected. */
export interface Protection {
  readonly tip: Sha;
  /** Whether a push may be refused. */
  readonly isProtected: boolean;
}

/** A request for a release that waits to be merged. */
export interface WaitingRelease<P extends Protection> {
  readonly cut: ReleaseCut;
  readonly key: string;
  readonly commit: Sha;
  readonly protection: P;
}

/** What it takes to get a change onto a branch that takes no pushes. */
export interface RequestHost<P extends Protection = Protection> {
  /** GitHub, GitLab. */
  readonly name: string;
  /** How people there call it: "pull request", "merge request". */
  readonly noun: string;
  /** What goes before its number there. */
  readonly sign: string;
  readonly trees: Pick<Repository, 'read' | 'changed' | 'placesOf'>;
  protectionOf(branch: string): Promise<P>;
  /** The newest from a branch, open or not. */
  from(head: string, base: string): Promise<ChangeRequest | null>;
  get(number: number): Promise<ChangeRequest>;
  /** One that exists already is answered with. */
  open(request: {
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<ChangeRequest>;
  close(number: number): Promise<void>;
  tipOf(branch: string): Promise<Sha | null>;
  /**
   * A branch of ours at this commit, whatever was left there; with `onTop` only forward. False when somebody else put
   * something there meanwhile. Refusal `not-writable`.
   */
  place(branch: string, commit: Sha, onTop?: boolean): Promise<boolean>;
  /** A branch that is not there is fine. */
  remove(branch: string): Promise<void>;
  isAncestor(commit: Sha, of: Sha): Promise<boolean | null>;
  /** What git says of a commit. */
  commit(commit: Sha): Promise<{ readonly message: string; readonly parents: readonly Sha[] }>;
  write(commit: NewCommit): Promise<Sha>;
  /** Puts the commit on the branch without a request, where that may be tried. */
  push(branch: string, commit: Sha, protection: P): Promise<boolean>;
  /**
   * Merges exactly the head once all that is asked for is there; answers with the request as it was merged, or with the
   * commit where the branch took that as it is. Throws Unavailable until then.
   */
  merge(request: ChangeRequest, release: WaitingRelease<P>): Promise<ChangeRequest | Sha>;
  /** Merges records if that can be done now; null when it cannot. Where there is a queue they wait in it. */
  mergeNow(request: ChangeRequest, head: Sha, title: string): Promise<Sha | null>;
}
