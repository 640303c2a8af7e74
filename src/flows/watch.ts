import { atShipProd, isReady } from '../domain/feature.ts';
import { barriersOf } from './barriers.ts';
import type { Ports } from './ports.ts';
import { featuresOf } from './requests/features.ts';
import type { Office } from './requests/office.ts';

export interface ReadyFeature {
  readonly feature: string;
  /** Where the state file says so. */
  readonly because: string;
}

/**
 * Features whose state file has come to the ship-prod phase and that nobody has been told of. Each is answered
 * once, by one process; a busy, locked or frozen service is not offered until it is free.
 */
export async function newlyReady(office: Office, ports: Ports): Promise<readonly ReadyFeature[]> {
  const { name } = ports.service;
  if ((await office.ledger.openFor(name)) || (await barriersOf(ports)).length > 0) return [];
  const ready: ReadyFeature[] = [];
  for (const { folder, reading } of await featuresOf(ports)) {
    if (!atShipProd(reading) || !isReady(reading) || reading.phase.kind !== 'value') continue;
    if (!(await office.ledger.once(`offer:${name}:${folder.dir}:${commitOf(reading.validatedCommit)}`)))
      continue;
    ready.push({ feature: folder.slug, because: `${reading.phase.quote} (${reading.phase.source})` });
  }
  return ready;
}

/** A feature that was validated anew is news again. */
function commitOf(validated: { readonly kind: string; readonly value?: string }): string {
  return validated.value ?? 'unknown';
}
