import type { FileChange, Sha } from '../../domain/release/release.ts';

/** Who commits and tags. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** A commit to be made on top of another one. */
export interface NewCommit {
  readonly parent: Sha;
  readonly message: string;
  readonly files: readonly FileChange[];
}
