import { isAfter, momentOf } from './moment.ts';
import type { StateReading } from './reading.ts';

/** The first of these times that is surely before what staging has now was deployed there; null: none. */
export function beforeStaging(
  { stagingDeployment: staging }: Pick<StateReading, 'stagingDeployment'>,
  times: readonly string[],
): string | null {
  if (staging.kind !== 'value') return null;
  const deployed = momentOf(staging.value.deployedAt ?? '');
  return times.find((time) => isAfter(deployed, momentOf(time))) ?? null;
}

/** When an earlier build of staging was approved, as written; null where nothing says that the approval is older. */
export function approvalOfEarlierBuild(reading: StateReading): string | null {
  return reading.approvalNamesCommit ? null : beforeStaging(reading, reading.approvedAt);
}
