import { type FeatureFolder, isReady } from '../../domain/promotion/feature.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import type { Sha } from '../../domain/release/release.ts';
import type { StateReading } from '../../domain/state-file/reading.ts';
import type { Ports } from '../run/ports.ts';
import { resolveCommit } from './known-releases.ts';

/**
 * Folders of features that went to production with another one: they are ready by their files, but the last shipped release
 * holds what was validated of them.
 */
export async function inProduction(
  ports: Ports,
  base: Sha,
  features: readonly { readonly folder: FeatureFolder; readonly reading: StateReading }[],
): Promise<ReadonlySet<string>> {
  const { ledger, repository, service } = ports;
  const ready = features.filter(({ reading }) => isReady(reading));
  if (ready.length === 0) return new Set();
  const [last] = await ledger.recent({ service: service.name, states: ['shipped', 'rolled-back'], limit: 1 });
  const shipped = last?.state === 'shipped' ? last.data.release?.commit : last?.data.plan?.rollbackTo?.commit;
  if (!shipped) return new Set();
  const found = await Promise.all(
    ready.map(async ({ folder, reading: { validatedCommit } }) => {
      if (validatedCommit.kind !== 'value') return [];
      const commit = await resolveCommit(ports, base, validatedCommit.value);
      if (commit === null) return [];
      const inside = await repository.firstAncestor(shipped, [commit]).catch(whenRefused(null));
      return inside === null ? [] : [folder.dir];
    }),
  );
  return new Set(found.flat());
}
