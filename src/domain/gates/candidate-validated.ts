import type { Sha } from '../release/release.ts';
import type { Reading } from '../state-file/reading.ts';
import { few } from '../text/few.ts';
import { type LinkTo, linkOf, stateFileOf, unread } from './from-reading.ts';
import type { GateAnswer } from './gate.ts';

const REMEDY =
  'Deploy the present commit to staging, and let whoever tries it there record it (/ship-prod validate). Then re-check.';
const SHOWN = 5;

/** What lies between the commit that people validated on staging and the commit that would be released. */
export interface Drift {
  readonly validated: Reading<Sha>;
  /** Full id of the validated commit in the repository; null when the repository does not have it. */
  readonly resolved: Sha | null;
  /** The commit that the release would stand on. */
  readonly base: Sha;
  /** Paths that differ between the two. */
  readonly changed: readonly string[];
  /** Commits reachable from `base` but not from the validated one, newest first. */
  readonly commits: readonly { readonly sha: Sha; readonly subject: string }[];
  /** True for spec, state and release files: they do not change what runs. */
  readonly harmless: (path: string) => boolean;
  /** True for files that only the repository's own file calls spec, state or changelog. */
  readonly onlyOwnSays?: (path: string) => boolean;
  /** Web address of the comparison. */
  readonly compareUrl?: string;
}

/** Passes when the release stands on the validated commit, or differs from it in harmless files only. */
export function candidateValidatedGate(drift: Drift, linkTo?: LinkTo): GateAnswer {
  const { validated, resolved, base } = drift;
  if (validated.kind !== 'value') {
    const wanted = {
      what: 'which commit was validated on staging',
      key: 'deployment.staging.commit_sha',
      remedy: `Let what deploys to staging write \`deployment.staging.commit_sha\` into ${stateFileOf(validated)} and commit it. Then re-check.`,
    };
    return unread(validated, wanted, linkTo);
  }
  const link = drift.compareUrl ? { link: drift.compareUrl } : linkOf(validated.source, linkTo);
  if (resolved === null) {
    return {
      verdict: 'unknown',
      reason: `The repository does not have the validated commit: ${validated.quote} (${validated.source}).`,
      remedy: 'Push that commit, or deploy the present one to staging and validate it, then re-check.',
      ...link,
    };
  }
  if (resolved === base) {
    return {
      verdict: 'passed',
      reason: `${short(base)} is what was validated on staging.`,
      ...link,
    };
  }
  const risky = drift.changed.filter((path) => !drift.harmless(path));
  if (risky.length === 0) {
    const files = drift.changed.length === 1 ? '1 file' : `${drift.changed.length} files`;
    const reason = `${short(base)} differs from the validated ${short(resolved)} only in spec, state and release files (${files}).`;
    return { verdict: 'passed', reason, ...link };
  }
  const commits = drift.commits.map(({ sha, subject }) => `${short(sha)} ${subject}`);
  const between =
    commits.length === 0
      ? 'the validated commit is not part of the branch'
      : `${commits.length === 1 ? '1 commit' : `${commits.length} commits`} in between: ${few(commits, SHOWN, '; ', '; and')}`;
  return {
    verdict: 'failed',
    reason: `${short(base)} is not the validated ${short(resolved)}: ${few(risky, SHOWN, ', ', ', and')} changed; ${between}.${ownOnly(drift, risky)}`,
    remedy: REMEDY,
    ...link,
  };
}

function ownOnly({ onlyOwnSays }: Drift, risky: readonly string[]): string {
  const path = risky.find((one) => onlyOwnSays?.(one));
  return path === undefined
    ? ''
    : ` Only the repository’s own file calls ${path} spec, state or changelog, and it is not plain text or state.`;
}

function short(sha: Sha): string {
  return sha.slice(0, 7);
}
