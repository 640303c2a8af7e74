import { beforeStaging } from '../state-file/earlier-build.ts';
import type { StateReading } from '../state-file/reading.ts';
import { leaningOf } from '../state-file/vocabulary.ts';
import { type LinkTo, linkOf, ofEarlierBuild, stateFileOf, unread, type Words } from './from-reading.ts';
import type { GateAnswer } from './gate.ts';

const KEY = 'quality_gates.rollback.status';
const TRY = 'Put staging back to the version before and forward again';
const NO_FEATURE = 'its file names no feature, so it may be of an earlier build';

/** Passes only when the state says that a rollback was tried on staging and worked. */
export function rollbackGate(reading: StateReading, linkTo?: LinkTo): GateAnswer {
  const status = reading.rollbackGate;
  if (status.kind !== 'value') {
    const remedy = `${TRY}, write \`${KEY}: passed\` into ${stateFileOf(status)}, commit it, then re-check.`;
    const wanted = { what: 'that a rollback was tested', key: KEY, remedy };
    return unread(status, wanted, linkTo);
  }
  const said = `${status.quote} (${status.source})`;
  const run = `${TRY}, write \`passed\` there (${status.source}), commit it, then re-check.`;
  const link = linkOf(status.source, linkTo);
  if (status.value === 'passed') {
    const at = beforeStaging(reading, reading.rollbackTestedAt);
    if (at !== null) {
      const old = { what: 'rollback test', at, why: NO_FEATURE, remedy: run };
      return ofEarlierBuild(reading, old, linkTo);
    }
    return { verdict: 'passed', reason: `${said}.`, ...link };
  }
  const words: Words = {
    open: ['failed', 'The rollback test has no result yet', run],
    no: ['failed', 'The rollback test failed', `Repair the rollback first. ${run}`],
    skipped: ['failed', 'The rollback was never tested', run],
    yes: [
      'unknown',
      'A tested rollback is written as `passed`',
      `If the test passed, write \`passed\` there. Else: ${run}`,
    ],
    other: ['unknown', 'Slipway does not know this status', run],
  };
  const [verdict, why, remedy] = words[leaningOf(status.value)];
  return { verdict, reason: `${why}: ${said}.`, remedy, ...link };
}
