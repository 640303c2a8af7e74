import type { Promotion, PromotionState, RollbackOrder } from '../../domain/promotion/promotion.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { type Live, mayRun, type Release } from '../../domain/release/release.ts';
import { byVersion } from '../../domain/release/version-key.ts';
import { given } from '../../domain/text/given.ts';
import { liveReleases } from '../plan/known-releases.ts';
import { mustBeProven, mustHoldEnd, mustNotBeNewer, shippedRelease } from '../plan/shipped-release.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowed } from './permission.ts';
import { type AuditedRequest, about, audited, type Caller, portsOf, type RequestContext } from './request.ts';
import { tellRunOnce } from './tell-run.ts';

const RUNNING: readonly PromotionState[] = ['deploying', 'verifying', 'monitoring'];
const ACTION = 'rollback.requested';
const OVER: readonly PromotionState[] = ['shipped', 'rolled-back', 'failed', 'cancelled'];
/** So many promotions are read at a time to find the one that is live. */
const AT_ONCE = 50;

/** Why, and the version to return to; absent: what was live before the promotion. */
export type RollbackRequest = Omit<RollbackOrder, 'by'>;

/**
 * Asks for the rollback of one promotion, while it runs or any time after it shipped. It goes before every other
 * answer that people gave to the same question. Refusals: `not-allowed`, `person-not-full-member`,
 * `not-rollbackable`, `rollback-impossible`, `not-live`, `release-unknown`, `release-moved`, `release-never-shipped`,
 * `audit-cut-off`, `release-unproven`, `release-newer`, `other-under-way`, `already-asked`.
 */
export async function requestRollback(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
  wish: RollbackRequest,
): Promise<Promotion> {
  const promotion = await requests.ledger.get(promotionId);
  return audited(requests, caller, about(ACTION, promotion), async (request) => {
    const to = await mayRollBack(requests, caller, promotion, wish);
    // From here on it is about this commit, wherever the tag goes.
    const bound = to === null ? wish : { ...wish, commit: to.commit };
    if (!RUNNING.includes(promotion.state)) return reopen(requests, request, promotion, bound);
    await tellRunOnce(requests, request, promotion, {
      key: `answer:${promotion.turn}`,
      action: ACTION,
      message: { kind: 'rollback', by: caller.user, ...bound },
      from: RUNNING,
      overrides: true,
    });
    return promotion;
  });
}

/**
 * Whether this is a person's to ask for and possible now; the release that they named, or null. Refusals: those of the
 * request.
 */
export async function mayRollBack(
  requests: RequestContext,
  caller: Caller,
  promotion: Promotion,
  wish: Pick<RollbackRequest, 'to' | 'commit'> = {},
): Promise<Release | null> {
  const { service, state, data } = promotion;
  const ports = portsOf(requests, service);
  await mustBeAllowed(ports, caller.user, 'rollback');
  mustBeInProduction(promotion, wish);
  await mustHoldEnd(requests);
  let to: Release | null = null;
  if (wish.to !== undefined) to = await shippedRelease(ports, { version: wish.to, commit: wish.commit });
  else if (data.plan?.rollbackTo) await mustBeProven(ports, promotion.id, data.plan.rollbackTo);
  else throw new Refusal('rollback-impossible', { service });
  const live = OVER.includes(state) ? await mustBeLive(requests, promotion) : liveWhileRunning(promotion);
  if (to !== null) mustNotBeNewer(service, to, live);
  if (OVER.includes(state)) await mustBeAlone(requests, promotion);
  return to;
}

/** There is only ever one promotion of a service: another one is over before this one is opened again. */
async function mustBeAlone({ ledger }: RequestContext, { id, service }: Promotion): Promise<void> {
  const other = await ledger.openFor(service);
  if (other === null || other.id === id) return;
  const { state, data } = other;
  const version = data.release?.version ?? data.plan?.version.next;
  throw new Refusal('other-under-way', { service, promotion: other.id, state, ...given({ version }) });
}

/** While it deploys, what was live before still is, as far as anybody knows. */
function liveWhileRunning({ state, data }: Promotion): string | undefined {
  if (state === 'deploying') return data.plan?.rollbackTo?.version;
  return data.release?.version ?? data.plan?.version.next;
}

/** Reopens a promotion that is over, with a run of its own. Refusal `already-asked` when it was just reopened. */
async function reopen(
  requests: RequestContext,
  request: AuditedRequest,
  promotion: Promotion,
  wish: RollbackRequest,
): Promise<Promotion> {
  const { id, service, state, turn, digest } = promotion;
  const run = `${id}-rollback-${turn}`;
  const order: RollbackOrder = { by: request.user, ...wish };
  const reopened = await request
    .storing(() =>
      requests.ledger.change(id, {
        from: [state],
        to: 'rolling-back',
        data: { run, rollbackOrder: order, closedAt: null },
        audit: request.row(ACTION, { ...wish }, digest),
      }),
    )
    .catch(async (error: unknown) => {
      const now = await requests.ledger.get(id);
      if (now.state === 'rolling-back') mustBeInProduction(now, wish);
      // Somebody was faster.
      else await mustBeAlone(requests, now);
      throw error;
    });
  await portsOf(requests, service).slack.refresh(id);
  await requests.runs.start('rollback', run, { promotionId: id, ...order });
  return reopened;
}

/** What was rolled back is no longer live, but may go back further, to a version that is named. */
function mustBeInProduction({ service, state, data }: Promotion, wish: Pick<RollbackRequest, 'to'>): void {
  if (state === 'rolling-back') {
    const by = data.rollback?.by ?? data.rollbackOrder?.by;
    throw new Refusal('already-asked', { service, what: 'rollback', ...(by ? { owner: by } : {}) });
  }
  if (RUNNING.includes(state)) return;
  // A deployment that failed half-way may have gone live all the same: `mustBeLive` asks production.
  const isThere = OVER.includes(state) && (data.deployment !== undefined || data.release !== undefined);
  if (isThere && (state !== 'rolled-back' || wish.to !== undefined)) return;
  throw new Refusal('not-rollbackable', { service, state });
}

/** The newest promotion of the service that reached production. Refusal `nothing-shipped`. */
export async function newestDeployed(requests: RequestContext, service: string): Promise<Promotion> {
  const recent = await sinceDeployed(requests, service);
  const live = recent.some(isDoubtful) ? await liveOrUnsaid(portsOf(requests, service)) : null;
  return newestOf(recent, service, live);
}

/** The promotions of a service, newest first, as far back as the last one that was deployed and further. */
async function sinceDeployed({ ledger }: RequestContext, service: string): Promise<readonly Promotion[]> {
  const found: Promotion[] = [];
  for (;;) {
    const page = await ledger.recent({ service, limit: AT_ONCE, skip: found.length });
    found.push(...page);
    if (page.length < AT_ONCE || page.some(isDeployed)) return found;
  }
}

function isDeployed({ state, data }: Promotion): boolean {
  return data.deployment !== undefined || RUNNING.includes(state);
}

function newestOf(recent: readonly Promotion[], service: string, live: Live | null | 'unsaid'): Promotion {
  const lives = live === null || live === 'unsaid' ? [] : (live.of ?? [live]);
  const isLive = ({ release }: Promotion['data']) =>
    release !== undefined && lives.some((one) => mayRun(one, release));
  const deployed = recent.find(
    (promotion) => isDeployed(promotion) || (isDoubtful(promotion) && isLive(promotion.data)),
  );
  if (!deployed) throw new Refusal('nothing-shipped', { service });
  return deployed;
}

/** It ended before its deployment was known to have succeeded: production may have its release. */
function isDoubtful({ state, data }: Promotion): boolean {
  return data.release !== undefined && data.deployment === undefined && OVER.includes(state);
}

/** What is live; `unsaid` where production does not answer: it can be rolled back all the same. */
function liveOrUnsaid({ target }: Ports): Promise<Live | null | 'unsaid'> {
  return target.live().catch(whenRefusedOrAway('unsaid' as const));
}

/**
 * From an old thread only what is still live, or is again, may be rolled back: a later release must not be undone by
 * mistake. Where production does not say it, what Slipway deployed last counts. Answers with the version that is live,
 * where that is known; of several releases that share production, with the highest one.
 */
async function mustBeLive(requests: RequestContext, promotion: Promotion): Promise<string | undefined> {
  const { id, service } = promotion;
  const ports = portsOf(requests, service);
  const recent = await sinceDeployed(requests, service);
  const last = recent.find(isDeployed);
  if (last?.id === id && !recent.some(isDoubtful)) return leftLive(promotion);
  const live = await liveOrUnsaid(ports);
  if (live === 'unsaid' && isDoubtful(promotion)) return leftLive(promotion);
  const newest = newestOf(recent, service, live);
  const versions = await liveVersions(ports, live, newest);
  if (newest.id === id) return versions[0];
  const version = versions.join(' and ') || undefined;
  const again = [...recent, promotion].find(
    ({ data }) => data.deployment !== undefined && data.release?.version === version,
  );
  if (again?.id === id) return version;
  throw new Refusal('not-live', {
    service,
    version: promotion.data.release?.version ?? '',
    live: version ?? newest.id,
  });
}

/** What is live, the highest version first. */
async function liveVersions(
  ports: Ports,
  live: Live | null | 'unsaid',
  newest: Promotion,
): Promise<readonly string[]> {
  if (live === null || live === 'unsaid') {
    const left = leftLive(newest);
    return left === undefined ? [] : [left];
  }
  const releases = await liveReleases(ports, await ports.repository.refs(), live);
  return byVersion(releases, ({ version }) => version).map(({ version }) => version);
}

/** The version that a promotion left in production, as far as it knows. */
function leftLive({ state, data }: Promotion): string | undefined {
  return state === 'rolled-back' && data.rollback ? data.rollback.to.version : data.release?.version;
}
