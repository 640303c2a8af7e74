import type { StoredAuditEntry } from '../run/ledger.ts';
import { mustBeMember } from './permission.ts';
import { audited, type Caller, type Office, portsOf } from './request.ts';

/** As many entries as a message can hold. */
const SHOWN = 25;

/**
 * The newest entries of the audit, of one service or of all. Looking leaves an entry too. Refusals:
 * `service-unknown`, `person-not-full-member`.
 */
export function trailFor(
  office: Office,
  caller: Caller,
  service: string | undefined,
): Promise<readonly StoredAuditEntry[]> {
  const of = service === undefined ? {} : { service };
  return audited(office, caller, { action: 'audit.seen', ...of }, async () => {
    const [first] = office.services.values();
    const ports = service === undefined ? first : portsOf(office, service);
    if (ports) await mustBeMember(ports, caller.user, 'start');
    return office.ledger.auditTrail({ ...of, limit: SHOWN });
  });
}
