import { offerKey, type Prompt, type StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import { atShipProd, isFixedForward, isReady } from '../../domain/promotion/feature.ts';
import type { StateReading } from '../../domain/state-file/reading.ts';
import { given } from '../../domain/text/given.ts';
import { barriersOf } from '../locks/barriers.ts';
import type { FeatureReading } from '../plan/facts.ts';
import { inProduction } from '../plan/known-releases.ts';
import { featuresOf } from '../requests/features.ts';
import type { RequestContext } from '../requests/request.ts';
import { forEach } from '../run/for-each.ts';
import type { Ports } from '../run/ports.ts';

/** How long a process has for making an offer before another one tries, in ms. Longer than a call to Slack lasts. */
const OFFERING_MS = 30_000;
const DAY_MS = 86_400_000;

/**
 * Offers features whose state file has come to the ship-prod phase, each once and for good, in the service's channel.
 * What was offered and is not ready any more is settled, and what was snoozed comes back. Nothing of this happens while the service is busy, locked or
 * frozen.
 */
export async function offerReady(requests: Pick<RequestContext, 'ledger'>, ports: Ports): Promise<void> {
  const { ledger } = requests;
  const { name: service, channel } = ports.service;
  if ((await ledger.openFor(service)) || (await barriersOf(ports)).length > 0) return;
  const offered = (await featuresOf(ports)).filter(({ reading }) => isOffered(reading));
  const shipped = await inProduction(ports, offered);
  const ready = offered.filter(({ folder }) => !shipped.has(folder.dir));
  // A feature that was validated again is offered again.
  const keyOf = ({ folder: { dir }, reading: { validatedCommit: at } }: FeatureReading) =>
    `offer:${service}:${dir}:${at.kind === 'value' ? at.value : 'unknown'}`;
  await forEach(ready, async (feature) => {
    const { folder, reading } = feature;
    const key = keyOf(feature);
    if (!(await ledger.tryOffer(key, OFFERING_MS))) return;
    const said = isFixedForward(reading) ? reading.stagingValidation : reading.phase;
    if (said.kind !== 'value') return;
    const mends = isFixedForward(reading) ? await mendedBy(ports, folder.slug) : {};
    const because = `${said.quote} (${said.source})`;
    const prompt = { kind: 'offer', service, feature: folder.slug, because, ...mends } as const;
    await ledger.putPrompt({ key, place: { channel }, prompt });
    await ledger.offerMade(key);
  });
  const isReadyNow = new Map(ready.map((one) => [keyOf(one), one.folder.slug]));
  const open = await ledger.openPrompts();
  for (const { key, prompt, outcome } of open) {
    const isOurs = prompt.service === service && prompt.kind === 'offer' && prompt.feature !== undefined;
    if (!isOurs || outcome !== null || isReadyNow.has(offerKey(key))) continue;
    const isAnew = [...isReadyNow.values()].includes(prompt.feature ?? '');
    const kind = isAnew ? 'offered-anew' : 'not-ready';
    await ledger.settlePrompt(key, { kind, at: ports.clock.now() });
  }
  await wakeOffers(ports, open, [...isReadyNow.keys()]);
}

/**
 * Lets go of what was asked about a service that the configuration has not. Not of what is younger than a day: another
 * process may know a newer configuration.
 */
export async function settleRemoved({
  ledger,
  services,
  now,
}: Pick<RequestContext, 'ledger' | 'services' | 'now'>): Promise<void> {
  for (const { key, prompt, at, outcome, posted } of await ledger.openPrompts()) {
    if (services.has(prompt.service) || outcome !== null || at > now() - DAY_MS) continue;
    if (posted === null) await ledger.closePrompt(key);
    else await ledger.settlePrompt(key, { kind: 'no-service', at: now() });
  }
}

/** What was snoozed until now and is still ready is offered again, unless it is offered by a message that is there. */
async function wakeOffers(
  { ledger, clock }: Ports,
  open: readonly StoredPrompt[],
  ready: readonly string[],
): Promise<void> {
  const offered = new Set(
    open
      .filter(({ outcome, snoozedUntil }) => outcome === null && snoozedUntil === undefined)
      .map(({ key }) => offerKey(key)),
  );
  for (const { key, outcome, snoozedUntil } of open) {
    const isDue = outcome === null && snoozedUntil !== undefined && snoozedUntil <= clock.now();
    if (!isDue || !ready.includes(offerKey(key))) continue;
    if (offered.has(offerKey(key))) await ledger.closePrompt(key);
    else await ledger.wakePrompt(key);
    offered.add(offerKey(key));
  }
}

function isOffered(reading: StateReading): boolean {
  return (isFixedForward(reading) || atShipProd(reading)) && isReady(reading);
}

/** The last release of the feature, where that was rolled back. */
async function mendedBy(
  ports: Ports,
  feature: string,
): Promise<Pick<Extract<Prompt, { kind: 'offer' }>, 'mends'>> {
  const { ledger, repository, service } = ports;
  const back = await ledger.recent({ service: service.name, states: ['rolled-back'], limit: 20 });
  const { release, rollback, plan } =
    back.find((one) => one.data.plan?.candidate.feature?.slug === feature)?.data ?? {};
  if (release === undefined) return {};
  const incident = rollback?.incidentPath;
  const url = incident && repository.links.file(incident, plan?.candidate.branch ?? service.branch);
  return { mends: { version: release.version, ...given({ incident, url }) } };
}
