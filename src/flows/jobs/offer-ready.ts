import { atShipProd, isFixedForward, isReady } from '../../domain/promotion/feature.ts';
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
  /** It mends a release that was rolled back; the document about that, where there is one. */
  readonly mends?: { readonly version: string; readonly incident?: string; readonly url?: string };
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
    const isFixed = isFixedForward(reading);
    if (!isFixed && (!atShipProd(reading) || phase.kind !== 'value')) return;
    if (!isReady(reading)) return;
    const key = `offer:${name}:${folder.dir}:${commitOf(reading.validatedCommit)}`;
    if (!(await ledger.tryOffer(key, OFFERING_MS))) return;
    const said = isFixed || phase.kind !== 'value' ? reading.stagingValidation : phase;
    if (said.kind !== 'value') return;
    const mends = isFixed ? await mendedBy(ports, folder.slug) : {};
    await tell({ feature: folder.slug, because: `${said.quote} (${said.source})`, ...mends });
    await ledger.offerMade(key);
  });
}

/** The last release of the feature, where that was rolled back. */
async function mendedBy(ports: Ports, feature: string): Promise<Pick<ReadyFeature, 'mends'>> {
  const { ledger, repository, service } = ports;
  const back = await ledger.recent({ service: service.name, states: ['rolled-back'], limit: 20 });
  const { release, rollback, plan } =
    back.find((one) => one.data.plan?.candidate.feature?.slug === feature)?.data ?? {};
  if (release === undefined) return {};
  const incident = rollback?.incidentPath;
  const url = incident && repository.links.file(incident, plan?.candidate.branch ?? service.branch);
  return {
    mends: {
      version: release.version,
      ...(incident === undefined ? {} : { incident }),
      ...(url ? { url } : {}),
    },
  };
}

/** Part of the key of an offer: a feature that was validated again is offered again. */
function commitOf(validated: { readonly kind: string; readonly value?: string }): string {
  return validated.value ?? 'unknown';
}
