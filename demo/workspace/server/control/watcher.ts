import type { Core } from '../core.ts';
import type { Message, View } from '../state/model.ts';
import { waitFor } from '../state/waiting.ts';
import type { Control } from './control.ts';
import type { SeenMessage } from './reading.ts';
import { seen, textOf } from './reading.ts';

type Test = (message: SeenMessage) => boolean;

/** What is there to see, and waiting for it. Everything returned is a copy. */
export class Watcher {
  readonly #core: Core;
  readonly #control: Control;

  constructor(core: Core, control: Control) {
    this.#core = core;
    this.#control = control;
  }

  /** What a channel shows, oldest first: no replies but broadcast ones, no ephemeral messages. */
  messages(channel = '#ship'): SeenMessage[] {
    const { store } = this.#core;
    return store.timeline(store.channel(channel)).map(seen);
  }

  /** The parent and its replies, oldest first. */
  thread(channel: string, ts: string): SeenMessage[] {
    const { store } = this.#core;
    return store.thread(store.channel(channel), ts).map(seen);
  }

  /** What only this user saw, oldest first. */
  ephemerals(user: string): SeenMessage[] {
    const { id } = this.#control.user(user);
    return this.#core.store.ephemerals.filter((message) => message.ephemeralTo === id).map(seen);
  }

  /** The present state of a message. Throws SlackError `message_not_found`. */
  message(message: Pick<Message, 'channel' | 'ts'>): SeenMessage {
    return seen(this.#core.store.message(message.channel, message.ts));
  }

  /** Modals open for a user, bottom first. */
  views(user: string): View[] {
    return this.#core.views.stack(this.#control.user(user).id).map((view) => structuredClone(view));
  }

  home(user: string): View | undefined {
    return structuredClone(this.#core.views.home(this.#control.user(user).id));
  }

  /** The first message, there already or new or changed, that passes; replies count, ephemeral ones do not. */
  waitForMessage(test: Test | RegExp, timeoutMs = 5_000): Promise<SeenMessage> {
    return this.#wait('message', test, timeoutMs, () =>
      [...this.#core.store.channels.values()].flatMap((channel) => [...channel.messages.values()]),
    );
  }

  /** The same among what only this user sees. */
  waitForEphemeral(user: string, test: Test | RegExp, timeoutMs = 5_000): Promise<SeenMessage> {
    const { id } = this.#control.user(user);
    return this.#wait(`ephemeral message to ${user}`, test, timeoutMs, () =>
      this.#core.store.ephemerals.filter((message) => message.ephemeralTo === id),
    );
  }

  /** The topmost modal of a user, once there is one that passes. */
  waitForView(user: string, test: (view: View) => boolean = () => true, timeoutMs = 5_000): Promise<View> {
    const { id } = this.#control.user(user);
    const top = () => this.#core.views.stack(id).at(-1);
    return waitFor(
      this.#core.changes,
      () => {
        const view = top();
        return view !== undefined && test(view) ? structuredClone(view) : undefined;
      },
      {
        timeoutMs,
        what: `a modal of ${user}`,
        state: () => {
          const view = top();
          return view === undefined ? 'no open modal' : textOf(view);
        },
      },
    );
  }

  /** Until the app is connected. */
  async waitForConnection(timeoutMs = 15_000): Promise<void> {
    await waitFor(this.#core.changes, () => (this.#core.delivery.online ? true : undefined), {
      timeoutMs,
      what: 'the app to connect',
      state: () => 'no connection',
    });
  }

  /** Until nothing was said, changed or called for `ms`, and all events are acknowledged. */
  async quiet(ms = 100, timeoutMs = 10_000): Promise<void> {
    const { changes, delivery, journal } = this.#core;
    let last = performance.now();
    const started = last;
    let count = journal.entries.length;
    const stop = changes.subscribe(() => {
      last = performance.now();
    });
    try {
      while (performance.now() - last < ms || delivery.underWay > 0) {
        if (performance.now() - started > timeoutMs) throw new Error(`not quiet within ${timeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20)));
        if (journal.entries.length !== count) last = performance.now();
        count = journal.entries.length;
      }
    } finally {
      stop();
    }
  }

  #wait(
    what: string,
    test: Test | RegExp,
    timeoutMs: number,
    all: () => readonly Message[],
  ): Promise<SeenMessage> {
    const passes = (message: Message) =>
      typeof test === 'function' ? test(message) : test.test(textOf(message));
    return waitFor(
      this.#core.changes,
      () => {
        const found = all().find(passes);
        return found === undefined ? undefined : seen(found);
      },
      {
        timeoutMs,
        what: `a ${what} that passes ${String(test)}`,
        state: () =>
          all()
            .slice(-8)
            .map(
              (message) =>
                `- ${message.ts} ${message.user}: ${textOf(message).replaceAll('\n', ' | ').slice(0, 400)}`,
            )
            .join('\n') || 'none',
      },
    );
  }
}
