import { Refusal } from '../../domain/refusal.ts';
import type { Lock } from '../ledger.ts';
import { audited, type Caller, type Office, portsOf, sourceOf } from './office.ts';
import { mustBeAllowed } from './permission.ts';

/** Keeps a service from being promoted. Refusals: `not-allowed`, `locked`, `reason-missing`. */
export function lockService(
  office: Office,
  caller: Caller,
  wish: { readonly service: string; readonly reason: string; readonly forMs?: number },
): Promise<Lock> {
  const { service } = wish;
  return audited(office, caller, { action: 'service.locked', service }, async () => {
    await mustBeAllowed(portsOf(office, service), caller.user, 'lock');
    const reason = wish.reason.trim();
    if (reason === '') throw new Refusal('reason-missing', { what: 'lock' });
    const until = wish.forMs === undefined ? {} : { until: office.now() + wish.forMs };
    const lock = await office.ledger.lock({ service, owner: caller.user, reason, ...until });
    const detail = { reason, ...until };
    await office.ledger.audit({
      actor: caller.user,
      action: 'service.locked',
      result: 'done',
      service,
      source: sourceOf(caller),
      detail,
    });
    return lock;
  });
}

/** Refusals: `not-allowed`, `not-locked`. */
export function unlockService(office: Office, caller: Caller, service: string): Promise<Lock> {
  return audited(office, caller, { action: 'service.unlocked', service }, async () => {
    await mustBeAllowed(portsOf(office, service), caller.user, 'lock');
    const lock = await office.ledger.unlock(service, caller.user);
    const detail = { reason: lock.reason, owner: lock.owner };
    await office.ledger.audit({
      actor: caller.user,
      action: 'service.unlocked',
      result: 'done',
      service,
      source: sourceOf(caller),
      detail,
    });
    return lock;
  });
}
