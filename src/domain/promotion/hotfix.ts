import type { Fix } from '../release/fix.ts';
import type { Release, Sha } from '../release/release.ts';

/** What a hotfix is for: the release that is mended, and where it was watched. */
export interface Mended {
  /** Id of the promotion of that release. */
  readonly promotion: string;
  readonly version: string;
  readonly commit: Sha;
  /** The document about its rollback, where it was rolled back. */
  readonly incident?: string;
}

/** What makes a promotion a hotfix. Its gates are those of every other, and one more: the fix is in it. */
export interface Hotfix {
  readonly of: Mended;
  /** Absent: whatever the branch has that the mended release has not. */
  readonly fix?: Fix;
}

/** A hotfix that somebody prepares while production is watched on. */
export interface ComingHotfix {
  /** Slack user id. */
  readonly by: string;
  readonly fix?: Fix;
  /** ms since the epoch */
  readonly at: number;
}

/** A person ended the watch with it: the next promotion. */
export interface OrderedHotfix {
  /** Id that the next promotion gets. */
  readonly next: string;
  /** Slack user id. */
  readonly by: string;
  readonly fix?: Fix;
}

/** The hotfix of a release that a promotion shipped. */
export function hotfixOf(
  promotion: {
    readonly id: string;
    readonly data: { readonly rollback?: { readonly incidentPath?: string } };
  },
  { version, commit }: Pick<Release, 'version' | 'commit'>,
  fix: Fix | undefined,
): Hotfix {
  const incident = promotion.data.rollback?.incidentPath;
  return {
    of: { promotion: promotion.id, version, commit, ...(incident === undefined ? {} : { incident }) },
    ...(fix === undefined ? {} : { fix }),
  };
}
