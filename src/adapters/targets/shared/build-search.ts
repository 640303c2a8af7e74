import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { short } from './words.ts';

/** What a platform built from a commit. */
export interface PlatformBuild {
  readonly id: string;
  /** The platform's own word, in lower case. */
  readonly state: string;
  readonly isReady: boolean;
  /** What it was built for: `production`, `preview`; null when nobody says. */
  readonly environment: string | null;
}

export type FoundBuild<T> =
  | { readonly kind: 'build'; readonly build: T }
  /** `instead`: what there is. `otherEnvironment`: what a build that is ready was made for, when it is not production. */
  | { readonly kind: 'none'; readonly otherEnvironment: string | null; readonly instead: string };

/**
 * A build for production of one of the commits, tried in their order: the preferred one, else the first that is
 * better than the others, else the newest. `listOf` answers newest first.
 */
export async function findBuild<T extends PlatformBuild>(
  commits: readonly Sha[],
  preferred: string | undefined,
  listOf: (commit: Sha) => Promise<readonly T[]>,
  isBetter: (build: T) => boolean = () => false,
): Promise<FoundBuild<T>> {
  const all: T[] = [];
  for (const commit of commits) {
    const builds = await listOf(commit);
    const good = builds.filter(({ isReady, environment }) => isReady && environment === 'production');
    const build = good.find(({ id }) => id === preferred) ?? good.find(isBetter) ?? good[0];
    if (build) return { kind: 'build', build };
    all.push(...builds);
  }
  const [newest] = all;
  return {
    kind: 'none',
    otherEnvironment: all.find(({ isReady }) => isReady)?.environment ?? null,
    instead: newest
      ? `only ${newest.id}, which is ${newest.state} for ${newest.environment ?? 'an unknown context'}`
      : `nothing that was built from ${commits.map(short).join(' or ')}`,
  };
}

/** Refusals `build-missing` and `build-not-for-production`. */
export function mustBeBuilt<T>(platform: string, [commit = '']: readonly Sha[], found: FoundBuild<T>): T {
  if (found.kind === 'build') return found.build;
  throw found.otherEnvironment === null
    ? new Refusal('build-missing', { platform, commit, reason: `there is ${found.instead}` })
    : new Refusal('build-not-for-production', { platform, commit, found: found.otherEnvironment });
}
