import { setTimeout as pause } from 'node:timers/promises';
import type { App, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { Turns } from '../turns.ts';
import type { SocketAddresses } from './addresses.ts';
import {
  CONNECTION_TIMING,
  type ConnectionTiming,
  type Envelope,
  type OpenDispatcher,
  SocketConnection,
} from './connection.ts';

/** Between two tries to connect, in ms; each differs from it by up to a quarter, so that replicas spread. */
const AGAIN_MS = 2_000;
/** An address is tried so often before Slack is asked for another one. */
const TRIES_AN_ADDRESS = 2;
/** What came over the old connection is acknowledged there; Slack waits three seconds for it. */
const HANDOVER = { graceMs: 500, patienceMs: 3_000 };

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

  constructor(settings: SocketReceiverSettings) {
    this.#settings = settings;
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
    const { log } = this.#settings;
    while (!this.#stopping.signal.aborted) {
      const reason = await this.#current.ending;
      if (this.#stopping.signal.aborted) return;
      log.info({ reason }, 'opening another connection to Slack');
      this.#retiring?.destroy();
      this.#retiring = this.#current;
      const next = await this.#connect(false);
      if (next === null) return;
      this.#current = next;
      void this.#retiring.retire(HANDOVER.graceMs, HANDOVER.patienceMs);
    }
  }

  /** The only place that opens connections; null when it was stopped meanwhile. */
  async #connect(isFirst: boolean): Promise<SocketConnection | null> {
    const { addresses, openDispatcher, log, isHopeless, timing = CONNECTION_TIMING } = this.#settings;
    const { signal } = this.#stopping;
    let address: { readonly url: string; tries: number } | null = null;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        if ((address === null || address.tries >= TRIES_AN_ADDRESS) && addresses.waitMs() === 0)
          address = { url: await addresses.next(), tries: 0 };
        if (address !== null && !signal.aborted) {
          address.tries += 1;
          const onEnvelope = (envelope: Envelope, over: SocketConnection) => this.#receive(envelope, over);
          const connection = await SocketConnection.open(address.url, onEnvelope, openDispatcher, timing);
          if (failures > 0) log.info('connected to Slack again');
          return connection;
        }
      } catch (error) {
        if (isFirst && isHopeless(error)) throw error;
        if (failures === 0) log.warn({ err: error }, 'Slack does not answer; trying again until it does');
      }
      // A URL that was refused may still be good: Slack may just not take connections now.
      const wait = address === null ? Math.max(AGAIN_MS, addresses.waitMs()) : AGAIN_MS;
      await pause(wait * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
    return null;
  }

  /** Acknowledges at once: our answers go by messages, and Slack does not wait behind work. */
  #receive(envelope: Envelope, over: SocketConnection): void {
    if (!over.acknowledge(envelope.id, undefined))
      this.#settings.log.warn('a connection to Slack ended before an acknowledgement could be sent');
    this.#turns.start(() => this.#process(envelope));
  }

  async #process({ body, retryNum, retryReason }: Envelope): Promise<void> {
    try {
      await this.#app?.processEvent({
        body,
        ack: async () => undefined,
        ...(retryNum === undefined ? {} : { retryNum }),
        ...(retryReason === undefined ? {} : { retryReason }),
      });
    } catch (error) {
      this.#settings.log.error({ err: error }, 'what Slack sent could not be worked on');
    }
  }
}
