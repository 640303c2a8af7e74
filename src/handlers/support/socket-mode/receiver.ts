import { setTimeout as pause } from 'node:timers/promises';
import type { App, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { given } from '../../../domain/text/given.ts';
import { senderOf } from '../sender.ts';
import { Turns } from '../turns.ts';
import type { SocketAddresses } from './addresses.ts';
import {
  CONNECTION_TIMING,
  type ConnectionTiming,
  type Envelope,
  type OpenDispatcher,
  SocketConnection,
} from './connection.ts';

/** At least so long, in ms, between two tries to connect. */
const AGAIN_MS = 1_500;
/** Up to so much longer, so that replicas spread. */
const JITTER_MS = 1_000;
/** An address is tried so often before Slack is asked for another one. */
const TRIES_AN_ADDRESS = 2;
/** What still comes over the old connection is acknowledged there, for so long in ms. */
const GRACE_MS = 500;
/** A connection that ends sooner than this, in ms, was hardly one. */
const BRIEF_MS = 2_000;
/** So many of them are followed at once by the next: Slack is moving. After that it does not want us now. */
const MOST_BRIEF = 2;
/** With these Slack says at once that it does not want another connection. */
const UNWANTED = /too_many_websockets|link_disabled/;

export interface SocketReceiverSettings {
  readonly addresses: SocketAddresses;
  readonly openDispatcher: OpenDispatcher;
  readonly log: Logger;
  /** Whether an error means that trying again will not help. */
  readonly isHopeless: (error: unknown) => boolean;
  readonly timing?: ConnectionTiming;
}

/**
 * Socket Mode for Bolt. One loop opens connections: a new one before the old one goes, so that no command falls
 * between them. The receiver that comes with Bolt is deaf for seconds each time, and opens connections without end
 * when handshakes fail.
 */
export class SocketReceiver implements Receiver {
  readonly #settings: SocketReceiverSettings;
  readonly #stopping = new AbortController();
  readonly #turns = new Turns();
  #app: App | null = null;
  #current: SocketConnection | null = null;
  #retiring: SocketConnection | null = null;
  #isConnected = false;
  #connections = 0;

  constructor(settings: SocketReceiverSettings) {
    this.#settings = settings;
  }

  /** Whether there is a connection now that Slack has greeted. */
  get isConnected(): boolean {
    return this.#isConnected && !this.#stopping.signal.aborted;
  }

  /** How many connections Slack has greeted. */
  get connections(): number {
    return this.#connections;
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Resolves when connected, however long that takes; throws the error when that is hopeless. */
  async start(): Promise<void> {
    const first = await this.#connect(true);
    if (first !== null) void this.#keep(first);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#current?.close();
    this.#retiring?.destroy();
    await this.#turns.drained();
  }

  /** Follows each connection by another one until it is stopped. */
  async #keep(first: SocketConnection): Promise<void> {
    this.#current = first;
    this.#isConnected = true;
    this.#connections += 1;
    const { log } = this.#settings;
    let brief = 0;
    while (!this.#stopping.signal.aborted) {
      const reason = await this.#current.ending;
      this.#isConnected = false;
      if (this.#stopping.signal.aborted) return;
      log.info({ reason }, 'opening another connection to Slack');
      this.#retiring?.destroy();
      this.#retiring = this.#current;
      brief = this.#current.age < BRIEF_MS ? brief + 1 : 0;
      const next = await this.#connect(false, brief > MOST_BRIEF || UNWANTED.test(reason));
      if (next === null) return;
      this.#current = next;
      this.#isConnected = true;
      this.#connections += 1;
      void this.#retiring.retire(GRACE_MS);
    }
  }

  /**
   * The only place that opens connections; null when it was stopped meanwhile.
   *
   * @param isAgain the one before came to nothing: the next is not tried at once
   */
  async #connect(isFirst: boolean, isAgain = false): Promise<SocketConnection | null> {
    const { addresses, openDispatcher, log, isHopeless, timing = CONNECTION_TIMING } = this.#settings;
    const { signal } = this.#stopping;
    let address: { readonly url: string; tries: number } | null = null;
    if (isAgain) await this.#pause(Math.max(AGAIN_MS, addresses.waitMs(true)));
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const isUsedUp: boolean = address === null || address.tries >= TRIES_AN_ADDRESS;
        if (isUsedUp && addresses.waitMs(isAgain || failures > 0) === 0)
          address = { url: await addresses.next(), tries: 0 };
        if (address !== null && !signal.aborted) {
          address.tries += 1;
          const onEnvelope = (envelope: Envelope, over: SocketConnection) => this.#receive(envelope, over);
          const connection = await SocketConnection.open(address.url, onEnvelope, openDispatcher, timing);
          if (signal.aborted) {
            connection.destroy();
            return null;
          }
          if (failures > 0) log.info('connected to Slack again');
          return connection;
        }
      } catch (error) {
        if (isFirst && isHopeless(error)) throw error;
        if (failures === 0) log.warn({ err: error }, 'Slack does not answer; trying again until it does');
      }
      // A URL that was refused may still be good: Slack may just not take connections now.
      await this.#pause(address === null ? Math.max(AGAIN_MS, addresses.waitMs(true)) : AGAIN_MS);
    }
    return null;
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await pause(ms + Math.random() * JITTER_MS, undefined, { signal }).catch(() => undefined);
  }

  /**
   * Acknowledges at once: our answers go by messages, and Slack does not wait behind work. What is too much of one person
   * is not acknowledged, so Slack shows them that it was not taken.
   */
  #receive(envelope: Envelope, over: SocketConnection): void {
    const user = senderOf(envelope.body);
    if (!this.#turns.start(() => this.#process(envelope), user)) {
      this.#settings.log.warn({ user }, 'too many requests of one person wait');
      return;
    }
    if (!over.acknowledge(envelope.id, undefined))
      this.#settings.log.warn('a connection to Slack ended before an acknowledgement could be sent');
  }

  async #process({ body, retryNum, retryReason }: Envelope): Promise<void> {
    try {
      const ack = async () => undefined;
      await this.#app?.processEvent({ body, ack, ...given({ retryNum, retryReason }) });
    } catch (error) {
      this.#settings.log.error({ err: error }, 'what Slack sent could not be worked on');
    }
  }
}
