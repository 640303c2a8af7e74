import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { Outbox } from '../adapters/slack/port.ts';
import { summary } from '../blocks/card/summary.ts';
import { isOpen } from '../domain/promotion/promotion.ts';
import type { Homes, LinkContext } from './support/context.ts';
import { homeView } from './support/overview.ts';

/** Slack does not say when somebody leaves the Home tab, ms. */
const READ_FOR_MS = 15 * 60_000;
const MOST_READERS = 50;
/** Changes that come together are shown together, ms. */
const GATHER_MS = 1_000;
/**
 * How often the tab is looked at anew while somebody may read it, ms: locks run out, freezes begin, other processes
 * lock and unlock, and what Slack did not take is tried again.
 */
const LOOK_MS = 20_000;
/** With these Slack itself is not well; with all others it does not want this view of this person's. */
const PASSING = ['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'];

type View = Awaited<ReturnType<typeof homeView>>;

/**
 * Keeps the Home tabs of those who opened theirs lately as things stand: a call for each only when what it says has
 * changed. Who they are is only known here and forgotten with the process: opening the tab shows it anew anyway.
 */
export function keepHomes(
  context: LinkContext & {
    readonly client: { readonly views: Pick<WebClient['views'], 'publish'> };
    readonly threads: Pick<Outbox, 'onWork'>;
    readonly gatherMs?: number;
    readonly lookMs?: number;
  },
): Homes & { stop(): Promise<void> } {
  const { requests, client, threads, log, gatherMs = GATHER_MS, lookMs = LOOK_MS } = context;
  /** What each was shown last. */
  const readers = new Map<string, { readonly until: number; readonly shown: string }>();
  /** What the tab says of a promotion that is under way. */
  const known = new Map<string, string>();
  const changed = new Set<string>();
  /** Something else that the tab says may have changed. */
  let isStirred = false;
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();

  const publish = async (user: string, view: View, until: number) => {
    await client.views.publish({ user_id: user, view });
    readers.delete(user);
    readers.set(user, { until, shown: JSON.stringify(view) });
    const [longest] = readers.keys();
    if (readers.size > MOST_READERS && longest !== undefined) readers.delete(longest);
  };

  /** One whom Slack refuses keeps nobody else from seeing it. */
  const tryToPublish = async (user: string, view: View, until: number) => {
    try {
      await publish(user, view, until);
    } catch (error) {
      if (error instanceof WebAPIPlatformError && !PASSING.includes(error.data.error)) readers.delete(user);
      log.debug({ err: error, user }, 'a Home tab could not be brought up to date');
    }
  };

  /** Most of what happens to a promotion is not on the Home tab. */
  const matters = async (id: string): Promise<boolean> => {
    const promotion = await requests.ledger.get(id);
    const before = known.get(id);
    const now = summary({ promotion, approvals: await requests.ledger.approvals(id) });
    if (isOpen(promotion.state)) known.set(id, now);
    else known.delete(id);
    return now !== before;
  };

  const refresh = async () => {
    const ids = [...changed];
    const isWanted = isStirred;
    changed.clear();
    isStirred = false;
    for (const [user, { until }] of readers) if (until < requests.now()) readers.delete(user);
    if (readers.size === 0) return;
    const news = await Promise.all(ids.map(matters));
    if (!isWanted && !news.includes(true)) return;
    const view = await homeView(context);
    const text = JSON.stringify(view);
    const behind = [...readers].filter(([, { shown }]) => shown !== text);
    await Promise.all(behind.map(([user, { until }]) => tryToPublish(user, view, until)));
  };

  const soon = () => {
    timer ??= setTimeout(() => {
      refreshing = refreshing
        .then(() => {
          timer = undefined;
          return refresh();
        })
        .catch((error: unknown) => {
          known.clear();
          log.debug({ err: error }, 'the Home tabs could not be brought up to date');
        });
    }, gatherMs);
  };
  const stir = () => {
    if (readers.size === 0) return;
    isStirred = true;
    soon();
  };
  const unsubscribe = threads.onWork((id) => {
    if (readers.size === 0) return;
    changed.add(id);
    soon();
  });
  const looking = setInterval(stir, lookMs);
  looking.unref();

  return {
    stir,
    async show(user) {
      try {
        // What was known may be older than what is shown now.
        known.clear();
        await publish(user, await homeView(context), requests.now() + READ_FOR_MS);
      } catch (error) {
        log.warn({ err: error, user }, 'the Home tab could not be shown');
      }
    },
    async stop() {
      unsubscribe();
      clearInterval(looking);
      clearTimeout(timer);
      await refreshing;
    },
  };
}
