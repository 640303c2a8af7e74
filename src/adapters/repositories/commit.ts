import type { FileChange, Release, Sha } from '../../domain/release/release.ts';
import { textOf } from './checked.ts';
import type { FilesCommit, ReleaseCut, Repository } from './port.ts';

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

/**
 * The files of a change that differ from what stands at a commit, with their own paths where the paths of the change are
 * links or lead through some.
 */
export async function changedFiles(
  trees: Pick<Repository, 'read' | 'placesOf'>,
  commit: Sha,
  { edits }: FilesCommit,
): Promise<readonly FileChange[]> {
  const paths = edits.map(({ path }) => path);
  const places = await trees.placesOf(commit, paths);
  const blobs = await trees.read(commit, places);
  return edits.flatMap(({ path, edit }, index): FileChange[] => {
    const before = textOf(blobs[index] ?? null);
    const text = edit(before);
    return text === null || text === before ? [] : [{ path: places[index] ?? path, text }];
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
