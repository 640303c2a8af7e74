import type { HomeView } from '@slack/types';
import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { Outbox } from '../adapters/slack/port.ts';
import { summary } from '../blocks/card/summary.ts';
import { homeHidden } from '../blocks/home.ts';
import { isOpen } from '../domain/promotion/promotion.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import type { RefusalText } from '../domain/refusals/sentence.ts';
import { asSeenBy } from '../flows/requests/as-seen-by.ts';
import { readableServices } from '../flows/requests/reader.ts';
import { noteUnexpected } from './support/answer-errors.ts';
import type { HomeTabs, LinkContext } from './support/context.ts';
import { homeView } from './support/overview.ts';
import type { Pictures } from './support/pictures.ts';
import { reading } from './support/reading.ts';
import { isOfSlack } from './support/slack-trouble.ts';

function whyHidden(why: Refusal | Unavailable): RefusalText {
  if (why instanceof Refusal) return explain(why);
  const text = why.what === 'Slack' ? 'Slack does not answer Slipway as it should.' : `${why.message}.`;
  return { text, hint: 'Open this tab again in a moment.' };
}

/** Slack does not say when somebody leaves the Home tab: this long after opening it they count as a reader, ms. */
const READ_FOR_MS = 15 * 60_000;
const MOST_READERS = 50;
/** Changes that come within this time are shown together, ms. */
const GATHER_MS = 1_000;
/**
 * How often the tabs are refreshed while somebody reads one, ms: locks run out, freezes begin, other processes lock
 * and unlock, and what Slack did not take is tried again.
 */
const REFRESH_MS = 20_000;
/** With these errors Slack is in trouble itself; with all others it refuses this view for this person. */
const PASSING = ['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'];

interface Reader {
  /** Until when they count as a reader, ms since the epoch. */
  readonly until: number;
  /** The view that they were shown last, as JSON. */
  readonly shown: string;
}

export interface HomeTabsContext extends LinkContext {
  readonly client: { readonly views: Pick<WebClient['views'], 'publish'> };
  readonly threads: Pick<Outbox, 'onWork'>;
  /** Absent: none are shown. */
  readonly pictures?: Pick<Pictures, 'fileNow'>;
  readonly gatherMs?: number;
  readonly refreshMs?: number;
}

/**
 * Keeps the Home tabs of those who opened theirs lately up to date, with one call for each of them and only when the
 * view has changed. Readers are forgotten when the process ends: opening the tab shows it anew.
 */
export class LiveHomeTabs implements HomeTabs {
  readonly #context: HomeTabsContext;
  readonly #readers = new Map<string, Reader>();
  /** What the tab says of each promotion that is under way. */
  readonly #summaries = new Map<string, string>();
  /** Promotions that changed since the last refresh. */
  readonly #changed = new Set<string>();
  /** Something besides promotions may have changed. */
  #isStale = false;
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;
  #interval: NodeJS.Timeout | undefined;
  /** Slack has refused a view with pictures, and took it without. */
  #isPlain = false;

  constructor(context: HomeTabsContext) {
    this.#context = context;
  }

  /** Follows what changes, until `stop`. */
  start(): void {
    this.#unsubscribe = this.#context.threads.onWork((promotionId) => {
      if (this.#readers.size === 0) return;
      this.#changed.add(promotionId);
      this.#schedule();
    });
    this.#interval = setInterval(() => this.refreshSoon(), this.#context.refreshMs ?? REFRESH_MS);
    this.#interval.unref();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    clearInterval(this.#interval);
    clearTimeout(this.#timer);
    await this.#refreshing;
  }

  async show(user: string): Promise<void> {
    const { requests, log } = this.#context;
    const until = requests.now() + READ_FOR_MS;
    try {
      // These may be older than the view that is shown now.
      this.#summaries.clear();
      const caller = { user, via: 'home', key: `home:${user}:${requests.now()}` };
      const view = await reading(this.#context, caller, 'home.seen', async (seen) =>
        this.#view(seen, await this.#subscribed(user)),
      );
      await this.#publish(user, view, until);
    } catch (error) {
      if (error instanceof Refusal || error instanceof Unavailable) await this.#hide(user, whyHidden(error));
      else if (!isOfSlack(error)) {
        const reference = noteUnexpected(log, error, 'unexpected error in a Home tab');
        const hint = `Open this tab again. If it stays, show this reference to those who run Slipway: ${reference}`;
        await this.#hide(user, { text: 'Something went wrong on our side.', hint });
      } else {
        log.warn({ err: error, user }, 'the Home tab could not be shown');
        // It is open: what Slack did not take now is shown with the next refresh.
        if (!isRefused(error)) this.#readers.set(user, { until, shown: '' });
      }
    }
  }

  /** Shows why there is nothing to see, in place of what may have been there. Never throws. */
  async #hide(user: string, said: RefusalText): Promise<void> {
    const { client, log } = this.#context;
    this.#readers.delete(user);
    try {
      await client.views.publish({ user_id: user, view: homeHidden(said) });
    } catch (error) {
      log.warn({ err: error, user }, 'the Home tab could not be shown');
    }
  }

  refreshSoon(): void {
    if (this.#readers.size === 0) return;
    this.#isStale = true;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#refreshing = this.#refreshing
        .then(() => {
          this.#timer = undefined;
          return this.#refresh();
        })
        .catch((error: unknown) => {
          this.#summaries.clear();
          this.#context.log.debug({ err: error }, 'the Home tabs could not be brought up to date');
        });
    }, this.#context.gatherMs ?? GATHER_MS);
  }

  async #refresh(): Promise<void> {
    const promotionIds = [...this.#changed];
    const isStale = this.#isStale;
    this.#changed.clear();
    this.#isStale = false;
    this.#forgetReaders();
    if (this.#readers.size === 0) return;
    const isNews = await Promise.all(promotionIds.map((id) => this.#hasNewSummary(id)));
    if (!isStale && !isNews.includes(true)) return;
    const views = new Map<string, Promise<HomeView>>();
    await Promise.all([...this.#readers.keys()].map((user) => this.#bringUpToDate(user, views)));
  }

  /** `views`: by what may be seen in them, so that each is made once. */
  async #bringUpToDate(user: string, views: Map<string, Promise<HomeView>>): Promise<void> {
    const before = this.#readers.get(user);
    try {
      const requests = await asSeenBy(this.#context.requests, user);
      const subscribed = await this.#subscribed(user);
      const seen = `${[...readableServices(requests).keys()].join(' ')}|${subscribed.join(' ')}`;
      const made = views.get(seen) ?? this.#view({ ...this.#context, requests }, subscribed);
      views.set(seen, made);
      const view = await made;
      const reader = this.#readers.get(user);
      // Shown another view while this one was made, which may be older: what holds then is looked at again.
      if (reader !== before) this.refreshSoon();
      else if (reader && reader.shown !== JSON.stringify(view)) await this.#publish(user, view, reader.until);
    } catch (error) {
      if (error instanceof Refusal) return this.#hide(user, whyHidden(error));
      // One person whom Slack refuses does not keep the others from an update.
      if (!(error instanceof Unavailable || isOfSlack(error))) throw error;
      if (isRefused(error)) this.#readers.delete(user);
      this.#context.log.debug({ err: error, user }, 'a Home tab could not be brought up to date');
    }
  }

  /** With the pictures that are there; those that are not come with a refresh. */
  #view(context: LinkContext, subscribed: readonly string[]): Promise<HomeView> {
    const { pictures } = this.#context;
    if (pictures === undefined || this.#isPlain) return homeView(context, undefined, subscribed);
    return homeView(context, (chart) => pictures.fileNow(chart, () => this.refreshSoon()), subscribed);
  }

  async #subscribed(user: string): Promise<readonly string[]> {
    const { ledger } = this.#context.requests;
    return (await ledger.subscriptions(user)).map(({ service }) => service);
  }

  #forgetReaders(): void {
    const now = this.#context.requests.now();
    for (const [user, { until }] of this.#readers) if (until < now) this.#readers.delete(user);
  }

  /** Whether the tab says something else of the promotion than before: most changes do not show there. */
  async #hasNewSummary(promotionId: string): Promise<boolean> {
    const { ledger } = this.#context.requests;
    const promotion = await ledger.get(promotionId);
    const before = this.#summaries.get(promotionId);
    const now = summary({ promotion, approvals: await ledger.approvals(promotionId) });
    if (isOpen(promotion.state)) this.#summaries.set(promotionId, now);
    else this.#summaries.delete(promotionId);
    return now !== before;
  }

  async #publish(user: string, view: HomeView, until: number): Promise<void> {
    const shown = await this.#publishOrPlain(user, view);
    this.#readers.delete(user);
    this.#readers.set(user, { until, shown: JSON.stringify(shown) });
    const [longest] = this.#readers.keys();
    if (this.#readers.size > MOST_READERS && longest !== undefined) this.#readers.delete(longest);
  }

  /** A picture that Slack does not take is left out, and so are all others from now on. */
  async #publishOrPlain(user: string, view: HomeView): Promise<HomeView> {
    const { client, log } = this.#context;
    try {
      await client.views.publish({ user_id: user, view });
      return view;
    } catch (error) {
      const blocks = view.blocks.filter(({ type }) => type !== 'image');
      if (!isRefused(error) || blocks.length === view.blocks.length) throw error;
      const plain = { ...view, blocks };
      await client.views.publish({ user_id: user, view: plain });
      this.#isPlain = true;
      log.warn({ err: error }, 'Slack does not show pictures in the Home tab: they are left out');
      return plain;
    }
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && !PASSING.includes(error.data.error);
}
