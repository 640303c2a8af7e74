import type { Sha } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus } from '../port.ts';

/** A branch that production runs from. */
interface ProductionBranch {
  readonly branch: string;
  /** Address of production. */
  readonly url: string | undefined;
}

/** A deployment that moves a branch is over once the branch holds the release; `tip` is where it stands now. */
export function branchHolds(
  { branch, url }: ProductionBranch,
  { release }: DeployOrder,
  handle: DeployHandle,
  tip: Sha | null,
  now: number,
): DeployStatus {
  if (tip !== release.commit) {
    const found = tip === null ? 'is gone' : `stands at ${tip.slice(0, 8)}`;
    return { kind: 'failed', reason: `${branch} ${found}, not at ${release.commit.slice(0, 8)}.` };
  }
  return {
    kind: 'succeeded',
    deployment: {
      id: handle.id,
      ...(url === undefined ? {} : { url }),
      startedAt: handle.startedAt,
      finishedAt: now,
    },
  };
}
