import type { Outbox } from '../adapters/slack/port.ts';
import { cardSearch } from '../flows/jobs/look-for-cards.ts';
import type { Bolt } from '../handlers/support/bolt.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Looks for cards that were deleted while Slack could not tell: at the start, after each reconnect, and now and then. */
export function startCards({
  requests,
  log,
  outbox,
  bolt,
}: Pick<HandlerContext, 'requests' | 'log'> & {
  readonly outbox: Pick<Outbox, 'cardMayBeGone'>;
  readonly bolt: Pick<Bolt, 'connections'>;
}): Repeated {
  const search = cardSearch(requests, outbox, () => performance.now());
  let seen = bolt.connections();
  const look = () => {
    const connections = bolt.connections();
    if (connections !== seen) search.deaf();
    seen = connections;
    return search.look();
  };
  return repeat(EVERY.minute, look, { log, trouble: 'it could not be looked whether cards are still there' });
}
