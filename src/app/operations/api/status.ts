import { EVERYTHING } from '../../../domain/policy/lock.ts';
import { isOpen } from '../../../domain/promotion/promotion.ts';
import { liveVersions } from '../../../flows/requests/live-versions.ts';
import type { RequestContext } from '../../../flows/requests/request.ts';
import { kept } from '../kept.ts';
import type { ApiService } from './shapes.ts';
import { lockView, promotionView } from './views.ts';

/** What a target said is live is taken for granted for so long, ms: people's pages may ask often. */
const LIVE_MS = 30_000;

export type StatusOf = (requests: RequestContext, service: string) => Promise<ApiService>;

/** Reads how a service is; its target is asked once for all who want to know it. */
export function statusReader(): StatusOf {
  const asked = new Map<string, () => Promise<string | null>>();
  const askLive = (requests: RequestContext, service: string) => {
    const ports = requests.services.get(service);
    if (ports === undefined) return null;
    const ask = async () =>
      (await liveVersions({ services: new Map([[service, ports]]) })).get(service) ?? null;
    const known = asked.get(service) ?? kept(ask, LIVE_MS);
    asked.set(service, known);
    return known();
  };
  return async (requests, service) => {
    const [[first, second], locks, live] = await Promise.all([
      // A service has one open promotion at most, so one of the two is over.
      requests.ledger.recent({ service, limit: 2 }),
      requests.ledger.locks(),
      askLive(requests, service),
    ]);
    const open = first !== undefined && isOpen(first.state) ? first : undefined;
    const last = open === undefined ? first : second;
    const lock = locks.find((one) => one.service === EVERYTHING || one.service === service);
    return {
      service,
      live,
      open: open ? promotionView(open) : null,
      last: last ? promotionView(last) : null,
      lock: lockView(lock),
    };
  };
}
