import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { type Dispatcher, ping, WebSocket } from 'undici';
import { z } from 'zod';
import { jsonIn } from '../../../domain/text/json.ts';

/** What Slack sends over a socket: a command, a press, an event. It is acknowledged by its id. */
export interface Envelope {
  readonly id: string;
  readonly body: Record<string, unknown>;
  readonly retryNum: number | undefined;
  readonly retryReason: string | undefined;
}

/** Gets what comes, and the connection to acknowledge it over. */
export type OnEnvelope = (envelope: Envelope, over: SocketConnection) => void;

/** What a connection goes over: it tells of the socket, or why there is none. */
export type OpenDispatcher = (settings: {
  readonly connectMs: number;
  readonly onConnect: (socket: Socket | null, error: Error | null) => void;
}) => Dispatcher;

/** Times of a connection, in ms. */
export interface ConnectionTiming {
  /** From the start of the handshake until Slack says hello. */
  readonly helloMs: number;
  /** Between two looks at whether the other side is still there. */
  readonly pingMs: number;
  /** How long the other side has to end the connection once we have asked it to. */
  readonly closeMs: number;
}

export const CONNECTION_TIMING: ConnectionTiming = { helloMs: 10_000, pingMs: 5_000, closeMs: 2_000 };

/** How often it is looked whether the other side has begun to close, in ms: no event says so. */
const CLOSING_LOOK_MS = 250;

const Incoming = z.looseObject({
  type: z.string(),
  reason: z.string().nullish().catch(null),
  envelope_id: z.string().optional().catch(undefined),
  /** Null for what is no object: there is nothing to do then but to acknowledge it. */
  payload: z.record(z.string(), z.unknown()).nullish().catch(null),
  retry_attempt: z.number().optional().catch(undefined),
  retry_reason: z.string().optional().catch(undefined),
});

/** A message of undici's channels for pings and pongs; the channels are those of the whole process. */
interface Pong {
  readonly websocket: unknown;
}

/**
 * One socket, from its handshake to its end. It says that it ends as soon as another one is needed, and takes and
 * acknowledges envelopes until it is closed.
 *
 * @see https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export class SocketConnection {
  /** Why another connection is needed: Slack recycles this one, closed it, or does not answer. */
  readonly ending: Promise<string>;
  readonly #socket: WebSocket;
  readonly #dispatcher: Dispatcher;
  readonly #timing: ConnectionTiming;
  readonly #timers: NodeJS.Timeout[] = [];
  #connected: Socket | null = null;
  #onHello: () => void = () => undefined;
  #end: (reason: string) => void = () => undefined;
  #lastPong = 0;
  #openedAt = 0;

  private constructor(
    url: string,
    onEnvelope: OnEnvelope,
    openDispatcher: OpenDispatcher,
    timing: ConnectionTiming,
  ) {
    this.#timing = timing;
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#dispatcher = openDispatcher({
      connectMs: timing.helloMs,
      onConnect: (socket, error) => {
        // Kept, because a WebSocket that was closed leaves the connection to the other side.
        this.#connected = socket;
        if (error !== null) this.#end(error.message);
      },
    });
    this.#socket = new WebSocket(url, { dispatcher: this.#dispatcher });
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data, onEnvelope));
    this.#socket.addEventListener('error', () => this.#end('the connection broke'));
    this.#socket.addEventListener('close', () => this.#end('it was closed'));
  }

  /** Resolves when Slack has said hello; throws when there is no connection within the time. */
  static async open(
    url: string,
    onEnvelope: OnEnvelope,
    openDispatcher: OpenDispatcher,
    timing: ConnectionTiming = CONNECTION_TIMING,
  ): Promise<SocketConnection> {
    const connection = new SocketConnection(url, onEnvelope, openDispatcher, timing);
    const hello = new Promise<null>((resolve) => {
      connection.#onHello = () => resolve(null);
    });
    const late = new Promise<string>((resolve) => {
      connection.#timers.push(setTimeout(() => resolve('Slack did not say hello'), timing.helloMs));
    });
    const failure = await Promise.race([hello, connection.ending, late]);
    if (failure === null) {
      connection.#watch();
      return connection;
    }
    connection.destroy();
    throw new Error(`no socket to Slack: ${failure}`);
  }

  /** Since Slack said hello, in ms. */
  get age(): number {
    return performance.now() - this.#openedAt;
  }

  /** False when it cannot be said any more. */
  acknowledge(id: string, payload: unknown): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ envelope_id: id, ...(payload === undefined ? {} : { payload }) }));
    return true;
  }

  /** Closes after `graceMs`: until then it takes and acknowledges what Slack still sends over it. */
  async retire(graceMs: number): Promise<void> {
    await new Promise((resolve) => this.#timers.push(setTimeout(resolve, graceMs)));
    this.close();
  }

  close(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    this.#timers.push(setTimeout(() => this.destroy(), this.#timing.closeMs));
  }

  /** At once, whatever the other side thinks. */
  destroy(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    channel('undici:websocket:pong').unsubscribe(this.#heard);
    this.#connected?.destroy();
    void this.#dispatcher.destroy();
    this.#end('we closed it');
  }

  #receive(data: unknown, onEnvelope: OnEnvelope): void {
    const read = Incoming.safeParse(typeof data === 'string' ? jsonIn(data) : null);
    if (!read.success) return;
    const { type, reason, envelope_id: id, payload, retry_attempt, retry_reason } = read.data;
    if (type === 'hello') this.#onHello();
    if (type === 'disconnect') this.#end(`Slack asks for another one (${reason ?? 'no reason'})`);
    if (id === undefined) return;
    if (!payload) {
      // Slack sends again, and complains of, what is not acknowledged.
      this.acknowledge(id, undefined);
      return;
    }
    onEnvelope({ id, body: payload, retryNum: retry_attempt, retryReason: retry_reason }, this);
  }

  /** Notices a connection that is dead, and one that the other side has begun to close. */
  #watch(): void {
    this.#openedAt = performance.now();
    this.#lastPong = this.#openedAt;
    channel('undici:websocket:pong').subscribe(this.#heard);
    const { pingMs } = this.#timing;
    const pings = setInterval(() => {
      if (performance.now() - this.#lastPong > 2 * pingMs) this.#end('Slack does not answer on it');
      else if (this.#socket.readyState === WebSocket.OPEN) ping(this.#socket);
    }, pingMs);
    const looks = setInterval(() => {
      if (this.#socket.readyState !== WebSocket.OPEN) this.#end('Slack closes it');
    }, CLOSING_LOOK_MS);
    this.#timers.push(pings, looks);
  }

  readonly #heard = (message: unknown): void => {
    if ((message as Pong).websocket === this.#socket) this.#lastPong = performance.now();
  };
}
