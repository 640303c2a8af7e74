import { type Fix, fixInWords } from '../release/fix.ts';
import type { Sha } from '../release/release.ts';
import { few } from '../text/few.ts';
import type { GateAnswer } from './gate.ts';

const SHOWN = 5;

/** What the branch has more than the release that is to be mended. */
export interface SinceMended {
  readonly service: string;
  readonly branch: string;
  /** Version of the release that is mended. */
  readonly version: string;
  readonly fix?: Fix;
  /** Whether the fix is part of the candidate; without a fix it does not count. */
  readonly isIn: boolean;
  /** Newest first, without those that Slipway made. */
  readonly commits: readonly { readonly sha: Sha; readonly subject: string }[];
  /** Web address of the comparison. */
  readonly compareUrl?: string | undefined;
}

/** Passes when the fix is in the candidate, and says what else would be shipped with it. */
export function hotfixGate(since: SinceMended): GateAnswer {
  const { service, branch, version, fix, isIn, commits, compareUrl } = since;
  const link = compareUrl === undefined ? {} : { link: compareUrl };
  if (fix && !isIn) {
    return {
      verdict: 'failed',
      reason: `The fix ${fixInWords(fix)} is not part of ${branch}.`,
      remedy: `Merge it into ${branch}, deploy that to staging and validate it, then re-check. If it came to ${branch} as another commit (squashed), cancel this and type /ship-prod hotfix ${service} COMMIT with that one.`,
      ...link,
    };
  }
  if (commits.length === 0) {
    return {
      verdict: 'failed',
      reason: `${branch} has nothing more than ${version}: there is no fix to ship.`,
      remedy: `Merge the fix into ${branch}, deploy that to staging and validate it, then re-check.`,
      ...link,
    };
  }
  const count = commits.length === 1 ? '1 commit' : `${commits.length} commits`;
  const subjects = commits.map(({ sha, subject }) => `${sha.slice(0, 7)} ${subject}`);
  const has = fix ? `The fix ${fixInWords(fix)} is in it. ` : '';
  return {
    verdict: 'passed',
    reason: `${has}Since ${version}: ${count}: ${few(subjects, SHOWN, '; ', '; and')}.`,
    // Whoever approves a hotfix has to see what else comes with it.
    notable: true,
    ...link,
  };
}
