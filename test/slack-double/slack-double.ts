import { Delivery, SIGNING_SECRET } from './delivery.ts';
import { Actor } from './people.ts';
import { SlackSockets } from './sockets.ts';
import { APP, type OpenView, type SentMessage, State } from './state.ts';
import { type DoubleCall, WebApi } from './web-api.ts';

/** Errors that an app causes by what it sends. */
const OWN_FAULT = /^(invalid_|no_text|missing_|msg_|unknown_method|not_authed|ratelimited|too_|alt_txt)/;

/**
 * A second Slack for tests, as small as the bot allows, written from Slack's documentation and from reports of those who
 * use it. It shares nothing with the workspace in demo/, so that a belief which is wrong is not in both.
 */
export class SlackDouble {
  readonly state = new State();
  readonly sockets = new SlackSockets();
  readonly api: WebApi;
  readonly delivery: Delivery;
  readonly appToken = 'xapp-double';
  readonly signingSecret = SIGNING_SECRET;
  readonly botUser = APP.user;

  private constructor() {
    this.api = new WebApi(this.state, () => this.#origin);
    this.delivery = new Delivery(this.sockets);
    this.sockets.webApi = (request, response) => this.api.handle(request, response);
  }

  static async start(): Promise<SlackDouble> {
    const double = new SlackDouble();
    await double.sockets.start();
    return double;
  }

  get apiUrl(): string {
    return this.sockets.apiUrl;
  }

  get botToken(): string {
    return this.api.token;
  }

  readonly control = {
    connections: () => this.sockets.open,
    delayApi: (ms: number) => {
      this.api.delayMs = ms;
    },
    /** Where requests go from now on; undefined: over sockets again. */
    setRequestUrl: (url: string | undefined) => {
      this.delivery.requestUrl = url ?? null;
    },
    /** What mentions and links would do is known to the workspace alone. */
    activations: (): readonly never[] => [],
    violations: (): DoubleCall[] =>
      this.api.calls.filter(({ answer }) => OWN_FAULT.test(String(answer['error'] ?? ''))),
  };

  as(name: string): Actor {
    const bot = { id: APP.user, name: 'slipway', real: 'Slipway' };
    const person = name === 'bot' ? bot : [...this.state.people.values()].find((one) => one.name === name);
    if (!person) throw new Error(`nobody is called ${name}`);
    return new Actor(person, this.state, this.delivery, () => this.#origin);
  }

  /** What the channel shows, oldest first. */
  messages(channel: string): SentMessage[] {
    const { messages } = this.state.channel(channel);
    return copied(messages.filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.broadcast));
  }

  /** A message and its replies, oldest first. */
  thread(channel: string, ts: string): SentMessage[] {
    const { messages } = this.state.channel(channel);
    return copied(messages.filter((one) => one.ts === ts || one.thread_ts === ts));
  }

  message({ channel, ts }: Pick<SentMessage, 'channel' | 'ts'>): SentMessage {
    return { ...this.state.message(channel, ts) };
  }

  ephemerals(user: string): SentMessage[] {
    const { id } = [...this.state.people.values()].find(({ name }) => name === user) ?? {};
    return copied(this.state.ephemeral.filter((one) => one.ephemeralTo === id));
  }

  waitForMessage(test: (message: SentMessage) => boolean, timeoutMs = 5_000): Promise<SentMessage> {
    return this.#wait('a message', timeoutMs, () =>
      copied([...this.state.channels.values()].flatMap(({ messages }) => messages)).find(test),
    );
  }

  waitForEphemeral(
    user: string,
    test: (message: SentMessage) => boolean,
    timeoutMs = 5_000,
  ): Promise<SentMessage> {
    return this.#wait(`something that only ${user} sees`, timeoutMs, () => this.ephemerals(user).find(test));
  }

  /** The form that was opened last for somebody. */
  waitForView(user: string, timeoutMs = 5_000): Promise<OpenView> {
    const person = [...this.state.people.values()].find(({ name }) => name === user);
    return this.#wait(`a form of ${user}`, timeoutMs, () =>
      [...this.state.views.values()].findLast((view) => view.user === person?.id),
    );
  }

  async waitForConnection(timeoutMs = 15_000): Promise<void> {
    await this.#wait('the app', timeoutMs, () => (this.sockets.open > 0 ? true : undefined));
  }

  /** Until nothing was said, changed or called for so long. */
  async quiet(ms: number, timeoutMs = 10_000): Promise<void> {
    let last = Date.now();
    const until = last + timeoutMs;
    const heard = () => {
      last = Date.now();
    };
    this.state.on('change', heard);
    let { length } = this.api.calls;
    while (Date.now() - last < ms || this.delivery.underWay > 0) {
      if (Date.now() > until) throw new Error(`not quiet within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (this.api.calls.length !== length) heard();
      ({ length } = this.api.calls);
    }
    this.state.off('change', heard);
  }

  async close(): Promise<void> {
    this.delivery.close();
    await this.sockets.close();
  }

  get #origin(): string {
    return new URL(this.sockets.apiUrl).origin;
  }

  async #wait<T>(what: string, timeoutMs: number, look: () => T | undefined): Promise<T> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`waited ${timeoutMs} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function copied(messages: readonly SentMessage[]): SentMessage[] {
  return messages.map((message) => ({ ...message }));
}
