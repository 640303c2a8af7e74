import { approvalOfEarlierBuild, approvalTimes } from '../state-file/earlier-build.ts';
import type { StateReading } from '../state-file/reading.ts';
import { leaningOf } from '../state-file/vocabulary.ts';
import {
  type LinkTo,
  linkOf,
  notAfterRollback,
  ofEarlierBuild,
  stateFileOf,
  unread,
  type Words,
} from './from-reading.ts';
import type { GateAnswer } from './gate.ts';

const KEY = 'manual_gates.staging_validation.status';
const WHOEVER = 'Whoever has tried it on staging records that: /ship-prod validate';
const BY_HAND = 'or /validate-staging of your workflow';
const AGAIN =
  'Try the fix on staging. `/ship-prod validate` then records `approved` with its time; by hand that is `approved_at` beside the status. Then re-check.';
const ANEW =
  'Try on staging what is there now. `/ship-prod validate` then records the approval with its time and commit. If it is the commit that was approved, deployed again, write it as `validated_commit` beside the status. Then re-check.';
const NO_COMMIT = 'it names no commit, so it may be of an earlier build';

/** Passes only when a person's approval of the staging build is written down: the word `approved`, nothing else. */
export function stagingValidationGate(reading: StateReading, linkTo?: LinkTo): GateAnswer {
  const status = reading.stagingValidation;
  if (status.kind !== 'value') {
    const remedy = `${WHOEVER}, ${BY_HAND}; by hand it is \`${KEY}: approved\` in ${stateFileOf(status)}. Then re-check.`;
    const wanted = { what: 'that staging was validated', key: KEY, remedy };
    return unread(status, wanted, linkTo);
  }
  const said = `${status.quote} (${status.source})`;
  const run = `${WHOEVER}, ${BY_HAND}; by hand it is \`approved\` there (${status.source}). Then re-check.`;
  const link = linkOf(status.source, linkTo);
  if (status.value === 'approved') {
    const approval = { what: 'approval', times: approvalTimes(reading), remedy: AGAIN };
    const stale = notAfterRollback(reading, approval, linkTo);
    if (stale !== null) return { ...link, ...stale };
    const earlier = approvalOfEarlierBuild(reading);
    if (earlier !== null) {
      const old = { what: 'approval', at: earlier, why: NO_COMMIT, remedy: ANEW };
      return ofEarlierBuild(reading, old, linkTo);
    }
    return { verdict: 'passed', reason: `${said}.`, ...link };
  }
  const words: Words = {
    open: ['failed', 'Nobody has approved the staging build yet', run],
    no: ['failed', 'The staging build was not approved', `Fix what the validation found. ${run}`],
    skipped: ['failed', 'Staging was never validated', run],
    yes: [
      'unknown',
      'A person’s approval is written as `approved`',
      `If somebody approved it, write \`approved\` there. Else: ${run}`,
    ],
    other: ['unknown', 'Slipway does not know this status', run],
  };
  const [verdict, why, remedy] = words[leaningOf(status.value)];
  return { verdict, reason: `${why}: ${said}.`, remedy, ...link };
}
