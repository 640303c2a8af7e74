import { atShipProd, isReady } from '../../domain/promotion/feature.ts';
import { barriersOf } from '../locks/barriers.ts';
import { featuresOf } from '../requests/features.ts';
import type { RequestContext } from '../requests/request.ts';
import { forEach } from '../run/for-each.ts';
import type { Ports } from '../run/ports.ts';

/** How long a process has for making an offer before another one tries, in ms. Longer than a call to Slack lasts. */
const OFFERING_MS = 30_000;

export interface ReadyFeature {
  readonly feature: string;
  /** Where the state file says so. */
  readonly because: string;
}

/**
 * Offers features whose state file has come to the ship-prod phase, each once and for good, by one process. An offer that
 * could not be posted is made again. Nothing is offered while the service is busy, locked or frozen. Throws at the end
 * what `tell` threw; the other features are offered all the same.
 */
export async function offerReady(
  requests: Pick<RequestContext, 'ledger'>,
  ports: Ports,
  tell: (ready: ReadyFeature) => Promise<void>,
): Promise<void> {
  const { ledger } = requests;
  const { name } = ports.service;
  if ((await ledger.openFor(name)) || (await barriersOf(ports)).length > 0) return;
  await forEach(await featuresOf(ports), async ({ folder, reading }) => {
    const { phase } = reading;
    if (!atShipProd(reading) || !isReady(reading) || phase.kind !== 'value') return;
    const key = `offer:${name}:${folder.dir}:${commitOf(reading.validatedCommit)}`;
    if (!(await ledger.tryOffer(key, OFFERING_MS))) return;
    await tell({ feature: folder.slug, because: `${phase.quote} (${phase.source})` });
    await ledger.offerMade(key);
  });
}

/** Part of the key of an offer: a feature that was validated again is offered again. */
function commitOf(validated: { readonly kind: string; readonly value?: string }): string {
  return validated.value ?? 'unknown';
}
