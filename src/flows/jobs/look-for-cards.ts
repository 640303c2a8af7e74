import type { Outbox } from '../../adapters/slack/port.ts';
import { OPEN_STATES, type Promotion, WAITING_STATES } from '../../domain/promotion/promotion.ts';
import type { RequestContext } from '../requests/request.ts';

const MOST = 1_000;
/** A card that nobody changes is asked for again after so long, in ms. */
const AGAIN_MS = 5 * 60_000;
/** Another replica may have asked for it in the same moments, in ms. */
const SAME_MS = AGAIN_MS - 30_000;
/** So many in one turn: each costs a call, of which a workspace has fifty a minute. */
const AT_ONCE = 10;

/** Which cards people need their buttons of, and when Slack was asked for each of them. */
export interface CardSearch {
  /** Nobody heard for a while what was deleted: all cards are asked for as soon as there is room. */
  deaf(): void;
  /** One turn. */
  look(): Promise<void>;
}

/**
 * Finds cards that were deleted while no event told so: those of promotions that wait for people are shown once more as
 * they are, and what is gone is posted anew. `elapsed`: monotonic, ms.
 */
export function cardSearch(
  { ledger, services }: Pick<RequestContext, 'ledger' | 'services'>,
  outbox: Pick<Outbox, 'cardMayBeGone'>,
  elapsed: () => number,
): CardSearch {
  let askedAt = new Map<string, number>();
  let isDeaf = true;
  return {
    deaf() {
      isDeaf = true;
    },
    async look() {
      const now = elapsed();
      const open = await ledger.recent({ states: OPEN_STATES, limit: MOST });
      const waiting = open.filter((one) => services.has(one.service) && needsPeople(one));
      // One that has just begun to wait was shown then.
      const unheard = isDeaf ? Number.NEGATIVE_INFINITY : now;
      const before = isDeaf ? new Map<string, number>() : askedAt;
      askedAt = new Map(waiting.map(({ id }) => [id, before.get(id) ?? unheard]));
      isDeaf = false;
      const due = [...askedAt].filter(([, at]) => now - at >= AGAIN_MS).sort(([, a], [, b]) => a - b);
      for (const [id, at] of due.slice(0, AT_ONCE)) {
        const isMine = at === Number.NEGATIVE_INFINITY || (await ledger.tryOffer(`card:${id}`, SAME_MS));
        if (isMine) await outbox.cardMayBeGone(id);
        askedAt.set(id, now);
      }
    },
  };
}

/** Nothing changes the card until somebody decides. */
function needsPeople({ state, data }: Promotion): boolean {
  return WAITING_STATES.includes(state) || (state !== 'monitoring' && data.decision !== undefined);
}
