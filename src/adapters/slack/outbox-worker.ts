import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { ServiceView } from '../../blocks/kit/views.ts';
import { spanned } from '../../domain/operations/measures.ts';
import { ALL_POSTS, Budget, POSTS, UPDATES } from './budget.ts';
import { Calls, NotYet } from './calls.ts';
import { Channels } from './channels.ts';
import { deliver, Shut } from './deliver-card.ts';
import type { Delivery, DrawChart } from './delivery.ts';
import { failureOf } from './errors.ts';
import type { Outbox, Thread } from './port.ts';
import { RateLimit } from './rate-limit.ts';

export interface OutboxWorkerSettings {
  readonly client: WebClient;
  readonly store: Outbox;
  readonly drawChart: DrawChart;
  readonly serviceView: (name: string) => ServiceView | undefined;
  /** `now`: ms since the epoch; `elapsed`: ms, never set back or forward. */
  readonly clock: { now(): number; elapsed(): number; sleep(ms: number): Promise<void> };
  readonly log: Logger;
  /** Threads brought up to date at the same time. */
  readonly concurrency?: number;
  /** How often the store is asked for work that nobody called about, ms. */
  readonly pollMs?: number;
  /** 0..1, spreads retries. */
  readonly random?: () => number;
}

/** A change waits this long, ms, for others that come with it. */
const GATHER_MS = 20;
/** Another process holds the thread: it may have looked before our change. */
const HELD_ELSEWHERE_MS = 300;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** While nothing gets through, one promotion tries this often, for all. */
const PROBE_MS = 5_000;
/** An outbox that was not read for so long, ms, is not being worked on. */
const READ_MS = 15_000;

/** About one update a second per card, four at once; two of them only for what people wait for. */
const UPDATES_OF_ONE_CARD = { burst: 4, everyMs: 1_000, reserve: 2 };

/**
 * Brings what is stored to Slack: one card and one thread per promotion. Any number of outbox workers may run; the
 * store lets one at a time work on a thread. Never throws: what fails is tried again until it is shown.
 */
export class OutboxWorker {
  readonly #settings: OutboxWorkerSettings;
  readonly #delivery: Delivery;
  /** When to look at a promotion; here all times are elapsed ms, so that nobody's clock holds anything up. */
  readonly #due = new Map<string, number>();
  /** Not before, after a failure. */
  readonly #paused = new Map<string, number>();
  readonly #failures = new Map<string, { readonly count: number; readonly at: number }>();
  /** What failed since anything got through, oldest first: Slack or our database is away, and not this one's fault. */
  readonly #away = new Set<string>();
  #succeededAt = Number.NEGATIVE_INFINITY;
  readonly #running = new Map<string, Promise<void>>();
  #wake: () => void = () => {};
  #stopped = false;
  #pollAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  /** That it cannot be read is said once, until it can. */
  #isUnread = false;
  #loop: Promise<void> | null = null;
  #unsubscribe: () => void = () => {};

  constructor(settings: OutboxWorkerSettings) {
    this.#settings = settings;
    this.#delivery = deliveryOf(settings);
  }

  start(): void {
    if (this.#loop) return;
    this.#unsubscribe = this.#settings.store.onWork((id) => {
      this.#look(id, this.#now() + GATHER_MS);
      this.#wake();
    });
    this.#loop = this.#work();
  }

  /** Finishes what is being sent and stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#wake();
    await this.#loop;
    await Promise.all(this.#running.values());
  }

  /** Whether the outbox was read a moment ago. */
  isWorking(): boolean {
    return !this.#stopped && this.#now() - this.#readAt < READ_MS;
  }

  /** Looks at a promotion then, or earlier when that is already planned; never before a pause is over. */
  #look(id: string, at: number): void {
    const planned = this.#due.get(id) ?? Number.POSITIVE_INFINITY;
    this.#due.set(id, Math.max(Math.min(planned, at), this.#paused.get(id) ?? 0));
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      await this.#poll();
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#launch();
      if (this.#stopped) return;
      await Promise.race([woken, this.#settings.clock.sleep(this.#restMs())]);
    }
  }

  async #poll(): Promise<void> {
    const { store, log, pollMs = 2_000 } = this.#settings;
    if (this.#now() < this.#pollAt) return;
    this.#pollAt = this.#now() + pollMs;
    try {
      for (const id of await store.waiting(1_000))
        if (!this.#due.has(id) && !this.#running.has(id)) this.#look(id, this.#now());
      this.#readAt = this.#now();
      this.#isUnread = false;
    } catch (error) {
      if (!this.#isUnread) log.warn({ err: error }, 'what waits for Slack cannot be read; it is tried again');
      this.#isUnread = true;
    }
  }

  #launch(): void {
    const { concurrency = 4 } = this.#settings;
    const ready = [...this.#due]
      .filter(([id, at]) => at <= this.#now() && !this.#running.has(id))
      .sort(([, a], [, b]) => a - b)
      .slice(0, Math.max(0, concurrency - this.#running.size));
    for (const [id] of ready) {
      this.#due.delete(id);
      const run = this.#deliver(id).finally(() => {
        this.#running.delete(id);
        this.#wake();
      });
      this.#running.set(id, run);
    }
  }

  /** How long nothing can be due: until the next poll, or the next planned look that has a free hand. */
  #restMs(): number {
    const { concurrency = 4 } = this.#settings;
    const next = [...this.#due].filter(([id]) => !this.#running.has(id)).map(([, at]) => at);
    const first = this.#running.size < concurrency ? Math.min(this.#pollAt, ...next) : this.#pollAt;
    return Math.max(1, first - this.#now());
  }

  async #deliver(id: string): Promise<void> {
    const { store } = this.#settings;
    try {
      let again: number | null = null;
      const span = { name: 'deliver to Slack', kind: 'internal', promotion: id } as const;
      const deliverIn = async (thread: Thread) => {
        again = await deliver(thread, this.#delivery);
        if (again === null && thread.promotion.data.closedAt !== undefined) this.#delivery.gist.delete(id);
      };
      const held = await spanned(span, () => store.withThread(id, deliverIn));
      if (!held) {
        // Nothing was sent from here, so nothing is known of Slack either.
        this.#look(id, this.#now() + HELD_ELSEWHERE_MS);
        return;
      }
      this.#afterSuccess(id);
      if (again !== null) this.#look(id, this.#now() + again);
    } catch (error) {
      this.#afterFailure(id, error);
    }
  }

  /** Whatever waited because nothing got through is due now; when files did not get through either, only the next to try. */
  #afterSuccess(id: string): void {
    const [probe] = this.#away;
    this.#failures.delete(id);
    this.#paused.delete(id);
    this.#away.delete(id);
    const { isAway } = this.#delivery.calls;
    const woken = isAway ? [...this.#away].slice(0, probe === id ? 1 : 0) : [...this.#away];
    for (const other of woken) {
      this.#paused.delete(other);
      if (!this.#running.has(other)) this.#due.set(other, this.#now());
    }
    if (isAway) return;
    this.#succeededAt = this.#now();
    this.#away.clear();
  }

  #afterFailure(id: string, error: unknown): void {
    const { log, random = Math.random } = this.#settings;
    if (error instanceof NotYet) {
      this.#pause(id, error.ms);
      return;
    }
    const before = this.#failures.get(id);
    const failures = (before?.count ?? 0) + 1;
    this.#failures.set(id, { count: failures, at: this.#now() });
    const failure = error instanceof Shut ? { kind: 'shut' as const, code: error.message } : failureOf(error);
    const facts = { promotion: id, code: failure.code, failures };
    // Once is noise, and every further time would drown the log.
    if (failure.kind === 'shut' && failures % 20 === 1)
      log.error(facts, 'Slack does not let the card in; mend that, it is tried again every minute');
    else if (failures === 2 || failures % 60 === 0)
      log.warn({ ...facts, err: error }, 'Slack does not take the card now; it is tried again');
    else log.debug(facts, 'delivery failed');
    const isOwnFault = before !== undefined && before.at <= this.#succeededAt;
    if (failure.kind === 'down' && !isOwnFault) this.#away.add(id);
    const [probe] = this.#away;
    const longest = probe === id ? PROBE_MS : LONGEST_BACKOFF_MS;
    const backoff = Math.min(longest, FIRST_BACKOFF_MS * 2 ** (failures - 1));
    this.#pause(id, backoff * (0.5 + random() / 2));
  }

  #pause(id: string, ms: number): void {
    const at = this.#now() + ms;
    this.#paused.set(id, at);
    this.#due.set(id, at);
  }

  #now(): number {
    return this.#settings.clock.elapsed();
  }
}

function deliveryOf({ client, store, clock, ...settings }: OutboxWorkerSettings): Delivery {
  const now = () => clock.now();
  const elapsed = () => clock.elapsed();
  const budget = new Budget(store, elapsed);
  const post = (channel: string) => `chat.postMessage ${channel}`;
  const calls = new Calls({
    client,
    elapsed,
    onLimit: (what) => what.startsWith(post('')) && budget.tighten(what),
  });
  // While Slack says to wait nothing is taken: those who wait would have used up what there is when it is over.
  return {
    calls,
    channels: new Channels(client, now, () => store.movedChannels()),
    updates: new RateLimit(UPDATES_OF_ONE_CARD),
    turnToUpdate: async (promotion, urgency) =>
      calls.waitMs('chat.update') || budget.take('chat.update', promotion, UPDATES, urgency),
    turnToPost: async (channel, promotion, urgency) => {
      const wait =
        calls.waitMs(post(channel)) ||
        (await budget.take(post(channel), promotion, POSTS, urgency)) ||
        (await budget.take('chat.postMessage', promotion, ALL_POSTS, urgency));
      if (wait > 0) throw new NotYet(wait);
    },
    clockAhead: () => store.clockAhead(),
    drawChart: settings.drawChart,
    serviceView: settings.serviceView,
    log: settings.log,
    gist: new Map(),
    unrecorded: new Map(),
    now,
  };
}
