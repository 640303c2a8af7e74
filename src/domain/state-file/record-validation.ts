import { Refusal } from '../refusals/refusal.ts';
import type { Sha } from '../release/release.ts';
import { isoTime } from '../text/calendar.ts';
import { productionRecords } from './deployment-statements.ts';
import { APPROVAL_TIMES, stagingGates } from './gate-statements.ts';
import { deploymentFields } from './places.ts';
import { readStateFiles } from './read.ts';
import { bases, named } from './statements.ts';
import { edit, touch } from './update.ts';

/** A person's word for what is on staging. */
export interface Validation {
  /** Name of the person, as people read it. */
  readonly by: string;
  /** ms since the epoch */
  readonly at: number;
  readonly commit: Sha;
}

const PEOPLE = ['validated_by', 'approved_by', 'approver'];

/**
 * Writes a validation into a state file, at the gate that it has and in the names that it uses; where it has none, as
 * `manual_gates.staging_validation`. Everything else stays as it is, byte for byte.
 *
 * @throws Refusal `state-file-unwritable`, also where the file would go on to say something else, such as a blocker
 */
export function recordValidation(path: string, text: string, { by, at, commit }: Validation): string {
  const time = isoTime(at);
  const { rollbackGate } = readStateFiles([{ path, bytes: new TextEncoder().encode(text) }]);
  const isRollbackTested = rollbackGate.kind === 'value' && rollbackGate.value === 'passed';
  const written = edit(path, text, (file) => {
    const [gate] = stagingGates(file.before);
    const base = bases(file.before).find((one) => named(one, ['manual_gates']).length > 0);
    const keys = gate?.keys ?? [...(base?.keys ?? []), 'manual_gates', 'staging_validation'];
    // After a rollback only an approval with its time counts: then a bare word becomes a map.
    const isBare =
      gate?.kind === 'scalar' && productionRecords(file.before).some(({ value }) => value.rolledBack);
    if (isBare) file.set(keys, null);
    if (gate?.kind === 'scalar' && !isBare) file.set(keys, 'approved');
    else {
      const set = (names: readonly string[], value: string) => {
        const there = gate && named(gate, names)[0];
        file.set(there?.keys ?? [...keys, names[0] ?? ''], value);
      };
      set(['status'], 'approved');
      const times = gate
        ? named(gate, APPROVAL_TIMES).filter(({ kind }) => kind === 'scalar' || kind === 'null')
        : [];
      for (const when of times) file.set(when.keys, time);
      if (times.length === 0) set(['validated_at'], time);
      set(PEOPLE, by.replaceAll(/\s+/g, ' ').trim());
      set(['validated_commit'], commit);
      // Left at its default, it would speak against the test that the file has.
      const [untested] = isRollbackTested && gate ? named(gate, ['rollback_tested']) : [];
      if (untested) file.set(untested.keys, true);
    }
    for (const staging of deploymentFields(file.before, 'staging')) {
      for (const flag of named(staging, ['validated'])) file.set(flag.keys, true);
      for (const when of named(staging, ['validated_at'])) file.set(when.keys, time);
    }
    touch(file, time);
  });
  const { stagingValidation } = readStateFiles([{ path, bytes: new TextEncoder().encode(written) }]);
  if (stagingValidation.kind === 'value' && stagingValidation.value === 'approved') return written;
  throw new Refusal('state-file-unwritable', {
    path,
    reason: 'it says in another place that staging is not approved: correct that first',
  });
}
