import type { Lock } from '../../domain/policy/lock.ts';
import { EVERYTHING, needsReason } from '../../domain/policy/lock.ts';
import { runOf, WAITING_STATES } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { callNext } from '../locks/queue.ts';
import type { Ports } from '../run/ports.ts';
import type { ThreadNews } from '../run/stores.ts';
import { mustBeAllowed, mustBeMember } from './permission.ts';
import { audited, type Caller, portsOf, type RequestContext } from './request.ts';
import { deliver } from './tell-run.ts';

/** A lock that a person asks for; the service `*` stands for everything. */
export interface LockRequest {
  readonly service: string;
  readonly reason: string;
  readonly forMs?: number;
  /** Also when somebody else has it. */
  readonly steal?: boolean;
}

/**
 * Keeps a service, or everything, from being shipped; `from` is the lock that was taken over, which takes the right to
 * end it. Refusals: `not-allowed`, `lock-held`, `reason-missing`.
 */
export function lockService(
  requests: RequestContext,
  caller: Caller,
  wish: LockRequest,
): Promise<{ readonly lock: Lock; readonly from: Lock | null }> {
  const { service, forMs, steal = false } = wish;
  return audited(requests, caller, { action: 'lock.taken', service }, async (request) => {
    await mustBeAllowedToLock(requests, caller.user, service);
    // Sentences go on behind it.
    const reason = withoutTrailing(wish.reason.trim(), '.');
    if (reason === '') throw new Refusal('reason-missing', { what: 'lock' });
    const until = forMs === undefined ? {} : { until: requests.now() + forMs };
    const wanted = { service, owner: caller.user, reason, ...until };
    const source = request.source;
    if (!steal) {
      const lock = await request.storing(() => requests.ledger.lock(wanted, source).catch(heldInstead));
      await lookAgain(requests, lock);
      return { lock, from: null };
    }
    // Whoever takes a lock over could end it: so it takes the right to end it.
    const standing = await requests.ledger.lockOf(service);
    await mustBeAllowedToUnlock(requests, caller.user, standing, service);
    const told = ({ since }: Lock, { owner }: Lock): ThreadNews | undefined =>
      owner === caller.user
        ? undefined
        : {
            key: `stolen:${service}:${since}`,
            notice: { kind: 'lock-stolen', by: caller.user, from: owner, reason },
          };
    const taken = await request.storing(() =>
      requests.ledger.stealLock(wanted, source, standing, told).catch(heldInstead),
    );
    const { lock, from } = taken;
    await lookAgain(requests, lock);
    return from === null || from.owner === caller.user ? { lock, from: null } : taken;
  });
}

/** Turns `locked`, which is for those who want to ship, into `lock-held`, which says how to take the lock over. */
function heldInstead(error: unknown): never {
  if (error instanceof Refusal && error.code === 'locked')
    throw new Refusal('lock-held', { ...error.facts, reason: error.facts['reason'] ?? '' });
  throw error;
}

/**
 * A service is locked by whoever may lock it. Everything is locked by whoever may lock any service, because stopping is
 * the safe side.
 */
async function mustBeAllowedToLock(requests: RequestContext, user: string, service: string): Promise<void> {
  if (service !== EVERYTHING) return mustBeAllowed(portsOf(requests, service), user, 'lock');
  for (const ports of requests.services.values()) {
    if (await mayLock(ports, user)) return;
  }
  throw new Refusal('not-allowed', { action: 'lock everything' });
}

/** A lock of everything is taken off by its owner, or by whoever may lock each of the services. */
async function mustBeAllowedToUnlock(
  requests: RequestContext,
  user: string,
  lock: Lock | null,
  service: string,
) {
  if (service !== EVERYTHING) return mustBeAllowed(portsOf(requests, service), user, 'lock');
  for (const ports of requests.services.values()) {
    if (lock?.owner === user) return mustBeMember(ports, user, 'lock');
    if (!(await mayLock(ports, user))) throw new Refusal('not-allowed', { action: 'unlock everything' });
  }
}

/** What is refused about everything names no service, since some of them may be hidden from whoever asks. */
function mayLock(ports: Ports, user: string): Promise<boolean> {
  return mustBeAllowed(ports, user, 'lock').then(() => true, whenRefused(false, 'not-allowed'));
}

/** The services that a lock is about. */
function servicesOf(requests: RequestContext, { service }: Lock): readonly string[] {
  return service === EVERYTHING ? [...requests.services.keys()] : [service];
}

/** What was stored with the lock is told to the promotions that wait; one that cannot be told now is told later. */
async function lookAgain(requests: RequestContext, lock: Lock): Promise<void> {
  for (const service of servicesOf(requests, lock)) {
    const open = await requests.ledger.openFor(service);
    if (open === null || !WAITING_STATES.includes(open.state)) continue;
    await deliver(requests, { run: runOf(open) }).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
    });
  }
}

/** The lock that a button was drawn for: by its age, or by the promotion that made it. */
export interface SeenLock {
  readonly since?: number | undefined;
  readonly promotion?: string | undefined;
  /** Why it may be taken off; raw text. */
  readonly because?: string | undefined;
}

/**
 * The lock that a person may take off. Refusals: `not-allowed`, `not-locked`, `not-stopped`, `lock-changed`.
 */
export async function lockToTakeOff(
  requests: RequestContext,
  user: string,
  service: string,
  seen: SeenLock,
): Promise<Lock> {
  const lock = await requests.ledger.lockOf(service);
  await mustBeAllowedToUnlock(requests, user, lock, service);
  if (lock === null)
    throw service === EVERYTHING ? new Refusal('not-stopped') : new Refusal('not-locked', { service });
  const { since, promotionId } = lock;
  if ((seen.since ?? since) !== since || (seen.promotion ?? promotionId) !== promotionId) {
    throw new Refusal('lock-changed', { service, owner: lock.owner, reason: lock.reason });
  }
  return lock;
}

/**
 * Takes the lock off and calls whoever waits for what is free now. Refusals: those of `lockToTakeOff`, and
 * `unlock-reason` where somebody else's lock, or that of a rollback, is taken off without saying why.
 */
export function unlockService(
  requests: RequestContext,
  caller: Caller,
  service: string,
  seen: SeenLock = {},
): Promise<Lock> {
  return audited(requests, caller, { action: 'lock.released', service }, async (request) => {
    const lock = await lockToTakeOff(requests, caller.user, service, seen);
    const because = seen.because?.trim() || undefined;
    if (because === undefined && needsReason(lock, caller.user)) {
      const { owner, reason } = lock;
      throw new Refusal('unlock-reason', { service, owner, reason });
    }
    const freed = await request.storing(() =>
      // Only this lock: one that was taken over meanwhile stays.
      requests.ledger.unlock(service, caller.user, request.source, lock.since, because, ({ since }) => ({
        key: `unlocked:${since}`,
        notice: { kind: 'unlocked', by: caller.user, reason: because ?? '' },
      })),
    );
    await lookAgain(requests, freed);
    for (const name of servicesOf(requests, freed)) {
      const ports = requests.services.get(name);
      if (ports) await callNext(ports);
    }
    return freed;
  });
}
