import type { WebClient } from '@slack/web-api';
import type { DeskStore } from '../adapters/desk/port.ts';
import { summary } from '../blocks/card.ts';
import { isOpen } from '../domain/promotion.ts';
import type { Homes, LinkContext } from './context.ts';
import { homeView } from './overview.ts';

/** Slack does not say when somebody leaves the Home tab, ms. */
const READ_FOR_MS = 15 * 60_000;
const MOST_READERS = 50;
/** Changes that come together are shown together, ms. */
const GATHER_MS = 1_000;

/**
 * Keeps the Home tabs of those who opened theirs lately as things stand: a call for each only when what it says has
 * changed. Who they are is only known here and forgotten with the process: opening the tab shows it anew anyway.
 */
export function keepHomes(
  context: LinkContext & {
    readonly client: Pick<WebClient, 'views'>;
    readonly threads: Pick<DeskStore, 'onWork'>;
  },
): Homes & { stop(): Promise<void> } {
  const { office, client, threads, log } = context;
  /** What each was shown last. */
  const readers = new Map<string, { readonly until: number; readonly shown: string }>();
  /** What the tab says of a promotion that is under way. */
  const known = new Map<string, string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();

  const publish = async (user: string, view: Awaited<ReturnType<typeof homeView>>, until: number) => {
    await client.views.publish({ user_id: user, view });
    readers.delete(user);
    readers.set(user, { until, shown: JSON.stringify(view) });
    const [longest] = readers.keys();
    if (readers.size > MOST_READERS && longest !== undefined) readers.delete(longest);
  };

  /** Most of what happens to a promotion is not on the Home tab. */
  const matters = async (id: string): Promise<boolean> => {
    const promotion = await office.ledger.get(id);
    const before = known.get(id);
    const now = summary({ promotion, approvals: await office.ledger.approvals(id) });
    if (isOpen(promotion.state)) known.set(id, now);
    else known.delete(id);
    return now !== before;
  };

  const refresh = async () => {
    const ids = [...changed];
    changed.clear();
    for (const [user, { until }] of readers) if (until < office.now()) readers.delete(user);
    if (readers.size === 0) return;
    const news = await Promise.all(ids.map(matters));
    if (!news.includes(true)) return;
    const view = await homeView(context);
    const text = JSON.stringify(view);
    for (const [user, { until, shown }] of [...readers]) if (shown !== text) await publish(user, view, until);
  };

  const unsubscribe = threads.onWork((id) => {
    if (readers.size === 0) return;
    changed.add(id);
    timer ??= setTimeout(() => {
      timer = undefined;
      refreshing = refreshing.then(refresh).catch((error: unknown) => {
        known.clear();
        log.debug({ err: error }, 'the Home tabs could not be brought up to date');
      });
    }, GATHER_MS);
  });

  return {
    async show(user) {
      try {
        // What was known may be older than what is shown now.
        known.clear();
        await publish(user, await homeView(context), office.now() + READ_FOR_MS);
      } catch (error) {
        log.warn({ err: error, user }, 'the Home tab could not be shown');
      }
    },
    async stop() {
      unsubscribe();
      clearTimeout(timer);
      await refreshing;
    },
  };
}
