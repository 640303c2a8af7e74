import { type GateResult, letsGoOn } from '../../domain/gates/gate.ts';
import { type Hotfix, hotfixOf } from '../../domain/promotion/hotfix.ts';
import { hotfixOffer } from '../../domain/promotion/hotfix-offer.ts';
import { type Promotion, windowOf } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Fix } from '../../domain/release/fix.ts';
import { given } from '../../domain/text/given.ts';
import { GATES } from '../gates/registry.ts';
import { runGates } from '../gates/run-gates.ts';
import { Facts } from '../plan/facts.ts';
import { resolveCommit } from '../plan/known-releases.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowed } from './permission.ts';
import { about, audited, type Caller, portsOf, type RequestContext } from './request.ts';
import { newestDeployed } from './roll-back.ts';
import { startPromotion } from './start.ts';
import { tellRunOnce } from './tell-run.ts';

const ACTION = 'promotion.hotfix';

/** A fix that these have not let pass is not ready: until then production is watched on and can be rolled back. */
const READY: readonly string[] = [
  'staging-validation',
  'staging-deployment',
  'candidate-validated',
  'hotfix',
];

/** What became of a request. */
export type HotfixAnswer =
  /** The watch ends and the next promotion begins. */
  | { readonly kind: 'ordered' }
  /** The window is held open meanwhile; `missing` is what does not let the fix pass yet. */
  | { readonly kind: 'announced'; readonly missing: readonly GateResult[] };

/**
 * Asks for a hotfix of a release whose watch found something wrong. When the fix is on the branch and validated on
 * staging the watch ends, accepted by this person, and the promotion of the fix begins; until then the hotfix is
 * announced, and the window stays open. `wanted`: a branch or a commit. Refusals: `not-allowed`,
 * `person-not-full-member`, `promotion-moved-on`, `hotfix-critical`, `hotfix-not-asked`, `fix-unknown`, `card-changed`,
 * `already-asked`.
 */
export async function requestHotfix(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
  wanted: string,
  seen: { readonly turn?: number | undefined } = {},
): Promise<HotfixAnswer> {
  const promotion = await requests.ledger.get(promotionId);
  return audited(requests, caller, about(ACTION, promotion), async (request) => {
    await mayHotfix(requests, caller, promotion);
    const { service } = promotion;
    const ports = portsOf(requests, service);
    const fix = await fixNamed(ports, wanted);
    const missing = await missingFor(ports, caller.user, hotfixFor(promotion, fix));
    const message = { kind: 'hotfix', by: caller.user, ...given({ fix }) } as const;
    const isReady = missing.length === 0;
    await tellRunOnce(requests, request, promotion, {
      key: isReady ? `answer:${promotion.turn}` : `window:${windowOf(promotion)}`,
      action: ACTION,
      message: isReady ? { ...message, next: requests.newId(service) } : message,
      from: ['monitoring'],
      ...given({ turn: isReady ? seen.turn : undefined }),
    });
    return isReady ? { kind: 'ordered' } : { kind: 'announced', missing };
  });
}

/** Whether a person may ask for it now; for those who only open its form. It accepts what is, and starts what comes. */
export async function mayHotfix(
  requests: RequestContext,
  caller: Caller,
  promotion: Promotion,
): Promise<void> {
  const { service, state } = promotion;
  const ports = portsOf(requests, service);
  await mustBeAllowed(ports, caller.user, 'accept');
  await mustBeAllowed(ports, caller.user, 'start');
  const offer = hotfixOffer(promotion);
  if (offer === 'over') throw new Refusal('promotion-moved-on', { service, state });
  if (offer === 'critical') throw new Refusal('hotfix-critical', { service });
  if (offer === 'not-asked') throw new Refusal('hotfix-not-asked', { service });
}

/**
 * A hotfix where nothing is watched any more: of what was shipped last, or was rolled back. Refusals: those of a start,
 * `nothing-shipped`, `fix-unknown`.
 */
export async function startHotfix(
  requests: RequestContext,
  caller: Caller,
  service: string,
  wanted: string,
): Promise<Promotion> {
  return audited(requests, caller, { action: ACTION, service }, async (request) => {
    const ports = portsOf(requests, service);
    await mustBeAllowed(ports, caller.user, 'start');
    const mended = await newestDeployed(requests, service);
    const fix = await fixNamed(ports, wanted);
    return startPromotion(requests, request, { service, bump: 'auto', hotfix: hotfixFor(mended, fix) });
  });
}

/** Refusal `nothing-shipped` for a promotion that never had a release. */
function hotfixFor(promotion: Promotion, fix: Fix | undefined): Hotfix {
  const { service, data } = promotion;
  if (data.release === undefined) throw new Refusal('nothing-shipped', { service });
  return hotfixOf(promotion, data.release, fix);
}

async function missingFor(ports: Ports, by: string, hotfix: Hotfix): Promise<readonly GateResult[]> {
  const facts = new Facts(ports, { service: ports.service.name, bump: 'auto', by, hotfix });
  const gates = GATES.filter(({ id }) => READY.includes(id));
  const open = (await runGates(gates, facts)).filter((gate) => !letsGoOn(gate));
  // What keeps several of them from an answer is said once.
  return open.filter(({ reason }, index) => open.findIndex((one) => one.reason === reason) === index);
}

/** A branch, or a commit by its first seven digits or more; nothing, or the branch of the service: what is on that. */
async function fixNamed(ports: Ports, wanted: string): Promise<Fix | undefined> {
  const { service, repository } = ports;
  const name = wanted.trim();
  if (name === '' || name === service.branch) return undefined;
  const { branches } = await repository.refs();
  const tip = Object.hasOwn(branches, name) ? branches[name] : await repository.tipOf?.(name);
  if (tip) return { commit: tip, name };
  const digits = name.toLowerCase();
  const base = branches[service.branch];
  if (/^[0-9a-f]{7,64}$/.test(digits) && base !== undefined) {
    const ofBranch = Object.values(branches).find((commit) => commit.startsWith(digits));
    const commit = ofBranch ?? (await resolveCommit(ports, base, digits));
    if (commit !== null) return { commit, name };
  }
  throw new Refusal('fix-unknown', { fix: name.slice(0, 100), branch: service.branch });
}
