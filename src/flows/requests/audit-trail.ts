import type { StoredAuditEntry } from '../run/ledger.ts';
import { mustBeMember } from './permission.ts';
import { audited, type Caller, portsOf, type RequestContext } from './request.ts';

/** As many entries as a message can hold. */
const SHOWN = 25;

/**
 * The newest entries of the audit, of one service or of all. Looking leaves an entry too. Refusals:
 * `service-unknown`, `person-not-full-member`.
 */
export function auditTrailFor(
  requests: RequestContext,
  caller: Caller,
  service: string | undefined,
): Promise<readonly StoredAuditEntry[]> {
  const of = service === undefined ? {} : { service };
  return audited(requests, caller, { action: 'audit.seen', ...of }, async () => {
    const [first] = requests.services.values();
    const ports = service === undefined ? first : portsOf(requests, service);
    if (ports) await mustBeMember({ people: ports.people.forClicks }, caller.user, 'start');
    return requests.ledger.auditTrail({ ...of, limit: SHOWN });
  });
}
