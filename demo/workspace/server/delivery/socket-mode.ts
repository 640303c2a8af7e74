import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { JsonObject } from '../strict/json.ts';
import { isJsonObject } from '../strict/json.ts';
import type { Delivered, EnvelopeKind, Retry, Transport } from './transport.ts';

/** Slack's limit of Socket Mode connections for one app. */
export const MAX_CONNECTIONS = 10;
/** The client calls a connection dead after 30 s without a ping. */
const PING_MS = 10_000;
const GOODBYE_MS = 300;

interface Pending {
  readonly socket: WebSocket;
  readonly settle: (delivered: Delivered) => void;
}

/** The server side of Socket Mode: every envelope goes to one of the open connections, in turn. */
export class SocketMode implements Transport {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #open: WebSocket[] = [];
  readonly #pending = new Map<string, Pending>();
  readonly #appId: string;
  readonly #onChange: (online: boolean) => void;
  readonly #ping: NodeJS.Timeout;
  #turn = 0;

  constructor(appId: string, onChange: (online: boolean) => void) {
    this.#appId = appId;
    this.#onChange = onChange;
    this.#ping = setInterval(() => {
      for (const socket of this.#open) socket.ping();
    }, PING_MS).unref();
  }

  get online(): boolean {
    return this.#open.length > 0;
  }

  get connections(): number {
    return this.#open.length;
  }

  /** Admission for one connection, given out by apps.connections.open. */
  ticket(): string {
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return ticket;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, ticket: string): void {
    if (!this.#tickets.delete(ticket)) {
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#accept(connection));
  }

  deliver(kind: EnvelopeKind, payload: JsonObject, deadlineMs: number, retry?: Retry): Promise<Delivered> {
    const socket = this.#open[this.#turn++ % Math.max(1, this.#open.length)];
    if (socket === undefined) return Promise.resolve({ kind: 'unreachable' });
    const id = randomUUID();
    return new Promise((resolve) => {
      const settle = (delivered: Delivered) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(delivered);
      };
      const timer = setTimeout(() => settle({ kind: 'timeout' }), deadlineMs);
      this.#pending.set(id, { socket, settle });
      socket.send(
        JSON.stringify({
          envelope_id: id,
          type: kind,
          accepts_response_payload: kind !== 'events_api',
          payload,
          ...(kind === 'events_api'
            ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' }
            : {}),
        }),
      );
    });
  }

  /** As Slack does every few hours: a `disconnect` message, then the end. `abrupt` cuts without a word. */
  disconnect(mode: 'refresh' | 'abrupt'): void {
    for (const socket of [...this.#open]) {
      this.#forget(socket);
      if (mode === 'abrupt') {
        socket.terminate();
        continue;
      }
      socket.send(
        JSON.stringify({
          type: 'disconnect',
          reason: 'refresh_requested',
          debug_info: { host: 'local-workspace' },
        }),
      );
      setTimeout(() => socket.terminate(), 1_000).unref();
    }
  }

  /** Says goodbye to the apps and gives them a moment to say it too. */
  async close(): Promise<void> {
    clearInterval(this.#ping);
    for (const { settle } of [...this.#pending.values()]) settle({ kind: 'unreachable' });
    const clients = [...this.#server.clients];
    const gone = clients.map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of clients) socket.close(1001);
    const patience = setTimeout(() => {
      for (const socket of clients) socket.terminate();
    }, GOODBYE_MS);
    await Promise.all(gone);
    clearTimeout(patience);
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    this.#open.push(socket);
    socket.on('message', (data) => this.#acknowledge(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#forget(socket);
      for (const pending of [...this.#pending.values()]) {
        if (pending.socket === socket) pending.settle({ kind: 'unreachable' });
      }
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#open.length,
        connection_info: { app_id: this.#appId },
        debug_info: { host: 'local-workspace', approximate_connection_time: 18_060 },
      }),
    );
    this.#onChange(true);
  }

  #acknowledge(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    if (!isJsonObject(value) || typeof value['envelope_id'] !== 'string') return;
    const payload = isJsonObject(value['payload']) ? value['payload'] : {};
    this.#pending.get(value['envelope_id'])?.settle({ kind: 'acked', payload });
  }

  /** No more envelopes go there. */
  #forget(socket: WebSocket): void {
    const index = this.#open.indexOf(socket);
    if (index === -1) return;
    this.#open.splice(index, 1);
    if (this.#open.length === 0) this.#onChange(false);
  }
}
