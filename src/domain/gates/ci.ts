import type { Sha } from '../release/release.ts';
import { few } from '../text/few.ts';
import type { GateAnswer } from './gate.ts';

/** One check of continuous integration. */
export interface CiCheck {
  readonly name: string;
  /** `missing`: required, and nothing is heard of it. */
  readonly state: 'passed' | 'failed' | 'pending' | 'missing';
  /** The host's own word for it: "failure", "timed out"; raw. */
  readonly word: string;
  readonly url?: string;
}

const SHOWN = 5;

/**
 * Passes when every check that counts is green. Running ones and required ones that nobody has heard of are
 * pending; a commit without any check is unknown. `about` says which commit it is: "1a2b3c4, the validated commit".
 */
export function ciGate(checks: readonly CiCheck[], commit: Sha, about: string): GateAnswer {
  if (checks.length === 0) {
    return {
      verdict: 'unknown',
      reason: `No check has reported on ${commit.slice(0, 7)}.`,
      remedy:
        'Let CI run on this commit, then re-check. Where there is no CI, say so in the config: `ci: none`.',
    };
  }
  const failed = checks.filter(({ state }) => state === 'failed');
  const waiting = checks.filter(({ state }) => state === 'pending' || state === 'missing');
  const all = checks.length === 1 ? '1 check' : `${checks.length} checks`;
  if (failed.length > 0) {
    return {
      verdict: 'failed',
      reason: `${failed.length} of ${all} failed on ${about}: ${named(failed)}.`,
      remedy: 'Fix what failed or run it again, then re-check.',
      ...linkOf(failed),
    };
  }
  if (waiting.length > 0) {
    return {
      verdict: 'pending',
      reason: `${waiting.length} of ${all} on ${about} ${waiting.length === 1 ? 'has' : 'have'} not finished: ${named(waiting)}.`,
      remedy: 'Slipway looks again by itself.',
      ...linkOf(waiting),
    };
  }
  return { verdict: 'passed', reason: `${all} passed on ${about}.`, notable: true, ...linkOf(checks) };
}

function named(checks: readonly CiCheck[]): string {
  return few(
    checks.map(({ name, word }) => `${name} (${word})`),
    SHOWN,
  );
}

function linkOf(checks: readonly CiCheck[]): { readonly link?: string } {
  const url = checks.find((check) => check.url?.startsWith('http'))?.url;
  return url === undefined ? {} : { link: url };
}
