import { setTimeout as pause } from 'node:timers/promises';
import { liveRelease } from '../plan/known-releases.ts';
import type { Ports } from '../run/ports.ts';
import type { RequestContext } from './request.ts';

/** How long people wait for the answer of a target, in ms. */
const PATIENCE_MS = 2_000;

/**
 * Which version of each service is live now, as its target says; without those whose target does not answer soon or
 * has nothing live.
 */
export async function liveVersions({
  services,
}: Pick<RequestContext, 'services'>): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    [...services].map(async ([name, ports]) => {
      const late = new AbortController();
      const version = await Promise.race([
        liveVersionOf(ports).catch(() => null),
        pause(PATIENCE_MS, null, { signal: late.signal, ref: false }).catch(() => null),
      ]);
      late.abort();
      return version === null ? [] : [[name, version] as const];
    }),
  );
  return new Map(found.flat());
}

/** As its target says, however long that takes; null: nothing is live. A commit without a tag is its first seven digits. */
export async function liveVersionOf(ports: Ports): Promise<string | null> {
  const live = await ports.target.live();
  return live === null ? null : (await liveRelease(ports, await ports.repository.refs(), live)).version;
}
