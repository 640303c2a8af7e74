import { isAfterInAnyZone, momentOf } from './moment.ts';
import type { StateReading } from './reading.ts';

/** The newest of these times, where all of them are surely before what staging has now was deployed there; else null. */
export function beforeStaging(
  { stagingDeployment: staging }: Pick<StateReading, 'stagingDeployment'>,
  times: readonly string[],
): string | null {
  if (staging.kind !== 'value') return null;
  const deployed = staging.value.deployedAt ?? '';
  if (!times.every((time) => isAfterInAnyZone(deployed, time))) return null;
  return times.toSorted((a, b) => (momentOf(a)?.from ?? 0) - (momentOf(b)?.from ?? 0)).at(-1) ?? null;
}

/** When an earlier build of staging was approved, as written; null where nothing says that the approval is older. */
export function approvalOfEarlierBuild(reading: StateReading): string | null {
  const namesCommit = reading.approvals.some(({ commit }) => commit !== null);
  return namesCommit ? null : beforeStaging(reading, approvalTimes(reading));
}

/** When staging was approved, by each approval that says so; as written. */
export function approvalTimes({ approvals }: Pick<StateReading, 'approvals'>): string[] {
  return approvals.flatMap(({ at }) => at ?? []);
}
