import type { FileChange, Release, Sha } from '../../domain/release/release.ts';
import { textOf } from './checked.ts';
import type { Blob, FilesCommit, ReleaseCut, Repository } from './port.ts';

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

/** The files of a change that differ from what stands there; `blobs` are the present ones, in the order of the edits. */
export function changedFiles({ edits }: FilesCommit, blobs: readonly (Blob | null)[]): readonly FileChange[] {
  return edits.flatMap(({ path, edit }, index): FileChange[] => {
    const before = textOf(blobs[index] ?? null);
    const text = edit(before);
    return text === before ? [] : [{ path, text }];
  });
}

/** The release that a cut became, with its page where the host has one. */
export function releaseOf(
  { version, tag }: ReleaseCut,
  commit: Sha,
  links: Pick<Repository['links'], 'tag'>,
): Release {
  const url = links.tag(tag);
  return { version, tag, commit, ...(url ? { url } : {}) };
}
