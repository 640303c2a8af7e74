import { EVERYTHING } from '../../../domain/policy/lock.ts';
import { CLOSED_STATES, type Promotion } from '../../../domain/promotion/promotion.ts';
import { liveVersions } from '../../../flows/requests/live-versions.ts';
import type { RequestContext } from '../../../flows/requests/request.ts';
import type { Ports } from '../../../flows/run/ports.ts';
import { kept } from '../kept.ts';
import type { ApiService } from './shapes.ts';
import { lockView, promotionView } from './views.ts';

/** What a target said is live is taken for granted for so long, ms: people's pages may ask often. */
const LIVE_MS = 30_000;
/** Among so many of the newest promotions the one that was over last is looked for. */
const RECENT = 10;

export type StatusOf = (requests: RequestContext, service: string) => Promise<ApiService>;

/** Reads how a service is; its target is asked once for all who want to know it. */
export function statusReader(): StatusOf {
  const asked = new Map<string, { readonly target: Ports['target']; ask(): Promise<string | null> }>();
  const askLive = (requests: RequestContext, service: string) => {
    const ports = requests.services.get(service);
    if (ports === undefined) return null;
    const before = asked.get(service);
    // What another target says after a reload is asked of that one.
    if (before?.target === ports.target) return before.ask();
    const ask = kept(
      async () => (await liveVersions({ services: new Map([[service, ports]]) })).get(service) ?? null,
      LIVE_MS,
    );
    asked.set(service, { target: ports.target, ask });
    return ask();
  };
  return async (requests, service) => {
    const { ledger } = requests;
    const [open, closed, locks, live] = await Promise.all([
      // An older one is open again while it is rolled back.
      ledger.openFor(service),
      ledger.recent({ service, states: CLOSED_STATES, limit: RECENT }),
      ledger.locks(),
      askLive(requests, service),
    ]);
    const [last] = closed.toSorted((one, other) => endOf(other) - endOf(one));
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

function endOf({ data, updatedAt }: Promotion): number {
  return data.closedAt ?? updatedAt;
}
