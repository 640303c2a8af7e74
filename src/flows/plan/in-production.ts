import { type FeatureFolder, isReady } from '../../domain/promotion/feature.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import type { Sha } from '../../domain/release/release.ts';
import type { StateReading } from '../../domain/state-file/reading.ts';
import type { Ports } from '../run/ports.ts';
import { isFullId, resolveCommits } from './known-releases.ts';

/**
 * Folders of features that went to production with another one: they are ready by their files, but the last shipped release
 * holds what was validated of them.
 */
export async function inProduction(
  ports: Ports,
  features: readonly { readonly folder: FeatureFolder; readonly reading: StateReading }[],
): Promise<ReadonlySet<string>> {
  const { ledger, repository, service } = ports;
  const ready = features.filter(({ reading }) => isReady(reading));
  if (ready.length === 0) return new Set();
  const [last] = await ledger.recent({ service: service.name, states: ['shipped', 'rolled-back'], limit: 1 });
  const shipped = last?.state === 'shipped' ? last.data.release?.commit : last?.data.plan?.rollbackTo?.commit;
  if (!shipped) return new Set();
  // The history of what was shipped stays the same until the next release, whatever comes to the branch.
  const commits = ready.flatMap(({ reading: { validatedCommit } }) =>
    validatedCommit.kind === 'value' ? [validatedCommit.value] : [],
  );
  const named = commits.filter((commit) => !isFullId(commit));
  const inside = new Set((await resolveCommits(repository, shipped, named).catch(whenRefused(NONE))).keys());
  for (const commit of new Set(commits.filter(isFullId))) {
    const found = await repository.firstAncestor(shipped, [commit]).catch(whenRefused(null));
    if (found !== null) inside.add(commit);
  }
  return new Set(
    ready.flatMap(({ folder, reading: { validatedCommit } }) =>
      validatedCommit.kind === 'value' && inside.has(validatedCommit.value) ? [folder.dir] : [],
    ),
  );
}

const NONE: ReadonlyMap<string, Sha> = new Map();
