import { EVERYTHING } from '../../../domain/policy/lock.ts';
import { CLOSED_STATES, type Promotion } from '../../../domain/promotion/promotion.ts';
import { liveVersionOf } from '../../../flows/requests/live-versions.ts';
import type { RequestContext } from '../../../flows/requests/request.ts';
import type { Ports } from '../../../flows/run/ports.ts';
import { kept, orNull } from '../kept.ts';
import type { ApiService } from './shapes.ts';
import { lockView, promotionView } from './views.ts';

/** What a target said is live is taken for granted for so long, ms: people's pages may ask often. */
const LIVE_MS = 30_000;
/** Whoever asks waits for the target for so long, ms. */
const PATIENCE_MS = 2_000;
/** Among so many of the newest promotions the one that was over last is looked for. */
const RECENT = 10;

export type StatusOf = (requests: RequestContext, service: string) => Promise<ApiService>;

/** Reads how a service is; its target is asked once for all who want to know it. */
export function statusReader(): StatusOf {
  const asked = new Map<string, LiveAsked>();
  const askLive = async (requests: RequestContext, service: string) => {
    const ports = requests.services.get(service);
    if (ports === undefined) return null;
    let mine = asked.get(service);
    // What another target says after a reload is asked of that one.
    if (mine?.target !== ports.target) {
      mine = new LiveAsked(ports);
      asked.set(service, mine);
    }
    return mine.answer();
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

/** What one target says is live, asked once for all who want to know it. */
class LiveAsked {
  readonly target: Ports['target'];
  readonly #ask: () => Promise<string | null>;
  /** What it said last; null also where it did not answer. */
  #last: string | null = null;

  constructor(ports: Ports) {
    this.target = ports.target;
    this.#ask = kept(async () => {
      this.#last = await orNull(liveVersionOf(ports), LIVE_MS);
      return this.#last;
    }, LIVE_MS);
  }

  /** Nobody waits for it for long: while it does not answer it is what it said before. */
  answer(): Promise<string | null> {
    return orNull(
      this.#ask().then((version) => ({ version })),
      PATIENCE_MS,
    ).then((said) => (said ?? { version: this.#last }).version);
  }
}

function endOf({ data, updatedAt }: Promotion): number {
  return data.closedAt ?? updatedAt;
}
