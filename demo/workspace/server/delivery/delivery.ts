import type { JsonObject } from '../strict/json.ts';
import type { Journal } from './journal.ts';
import type { Delivered, EnvelopeKind, Retry, RetryReason, Transport } from './transport.ts';

/** How the app took a command or an interaction. The error is the one Slack shows to the user. */
export type Ack =
  | { readonly ok: true; readonly payload: JsonObject }
  | { readonly ok: false; readonly error: 'operation_timeout' | 'dispatch_failed' };

export interface DeliveryTimes {
  /** Slack allows 3,000 ms for every acknowledgement. */
  readonly ackDeadlineMs: number;
  /** Waits before each repetition of an event nobody acknowledged. Slack: at once, 1 min, 5 min. */
  readonly eventRetryMs: readonly number[];
}

/** Brings commands, interactions and events to the app. */
export class Delivery {
  /** Added to every acknowledgement, as a slow network would. */
  ackDelayMs = 0;
  /** How many of the next events and interactions arrive twice. */
  repeat = { events: 0, interactions: 0 };
  readonly #journal: Journal;
  readonly #transport: () => Transport;
  readonly #times: DeliveryTimes;
  readonly #now: () => number;
  readonly #timers = new Set<() => void>();
  readonly #waitingForApp = new Set<() => void>();
  #underWay = 0;
  #closed = false;

  constructor(journal: Journal, transport: () => Transport, times: DeliveryTimes, now: () => number) {
    this.#journal = journal;
    this.#transport = transport;
    this.#times = times;
    this.#now = now;
  }

  get online(): boolean {
    return this.#transport().online;
  }

  /** Events sent and not yet acknowledged or given up. */
  get underWay(): number {
    return this.#underWay;
  }

  /** A command or interaction: one attempt, the acknowledgement within the deadline. */
  async request(kind: 'slash_commands' | 'interactive', payload: JsonObject): Promise<Ack> {
    const twice = this.repeat.interactions > 0;
    if (twice) this.repeat.interactions -= 1;
    const first = this.#attempt(kind, payload);
    if (twice) void this.#attempt(kind, payload);
    const delivered = await first;
    if (delivered.kind === 'acked') return { ok: true, payload: delivered.payload };
    return { ok: false, error: delivered.kind === 'timeout' ? 'operation_timeout' : 'dispatch_failed' };
  }

  /** An event: repeated until acknowledged, at most as often as there are retry times. */
  async event(payload: JsonObject): Promise<void> {
    this.#underWay += 1;
    try {
      if (this.repeat.events > 0) {
        this.repeat.events -= 1;
        void this.#attempt('events_api', payload, { attempt: 1, reason: 'timeout' });
      }
      let delivered = await this.#attempt('events_api', payload);
      for (const [index, wait] of this.#times.eventRetryMs.entries()) {
        if (delivered.kind === 'acked' || this.#closed) return;
        await this.#pause(wait, delivered.kind === 'unreachable');
        if (this.#closed) return;
        delivered = await this.#attempt('events_api', payload, {
          attempt: index + 1,
          reason: retryReason(delivered),
        });
      }
    } finally {
      this.#underWay -= 1;
    }
  }

  /** The app is back: what waited for it goes out now. */
  appConnected(): void {
    for (const wake of [...this.#waitingForApp]) wake();
  }

  close(): void {
    this.#closed = true;
    for (const stop of [...this.#timers]) stop();
  }

  async #attempt(kind: EnvelopeKind, payload: JsonObject, retry?: Retry): Promise<Delivered> {
    const started = this.#now();
    let delivered = await this.#transport().deliver(kind, payload, this.#times.ackDeadlineMs, retry);
    if (delivered.kind === 'acked' && this.ackDelayMs > 0) {
      if (this.ackDelayMs >= this.#times.ackDeadlineMs) delivered = { kind: 'timeout' };
      await this.#pause(Math.min(this.ackDelayMs, this.#times.ackDeadlineMs), false);
    }
    this.#journal.add({
      at: new Date(started).toISOString(),
      direction: 'out',
      type: kind,
      args: retry === undefined ? payload : { ...payload, retry },
      response: delivered.kind === 'acked' ? delivered.payload : { error: delivered.kind },
    });
    return delivered;
  }

  #pause(ms: number, untilAppConnects: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#timers.delete(done);
        this.#waitingForApp.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      timer.unref();
      this.#timers.add(done);
      if (untilAppConnects) this.#waitingForApp.add(done);
    });
  }
}

function retryReason(delivered: Delivered): RetryReason {
  if (delivered.kind === 'timeout') return 'timeout';
  return delivered.kind === 'http-error' ? 'http_error' : 'connection_failed';
}
