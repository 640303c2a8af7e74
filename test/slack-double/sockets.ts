import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** One connection of an app, as the server sees it. */
interface Peer {
  readonly socket: Duplex;
  /** Bytes that are no whole frame yet. */
  rest: Buffer;
  isClosing: boolean;
}

export interface Acknowledgement {
  readonly id: string;
  /** Of the connection that it came over, in the order of their handshakes. */
  readonly over: number;
}

/**
 * The Socket Mode side of Slack, on raw sockets, written from its documentation and from what RFC 6455 says of frames.
 * It does what the real one does to apps: refuses handshakes, limits how often addresses are asked for, recycles
 * connections, leaves them open after closing them, and falls silent.
 *
 * @see https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export class SlackSockets {
  /** When addresses were asked for, ms since the epoch. */
  readonly opened: number[] = [];
  /** Handshakes that were tried. */
  handshakes = 0;
  readonly acknowledged: Acknowledgement[] = [];
  /** Most connections that were open at once. */
  most = 0;
  /** Handshakes are refused while this is set; with `null` the connection is just cut. */
  refuse: 503 | null | undefined;
  /** The next so many handshakes are refused. */
  refuseNext = 0;
  /** Gets the requests for everything but addresses. */
  webApi: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;
  /** Told of each acknowledgement, with what the app answers in it. */
  onAcknowledged: (id: string, payload: unknown) => void = () => undefined;
  /** Asking for an address is answered by this instead. */
  answer: { readonly status: number; readonly retryAfter?: number; readonly error?: string } | null = null;
  /** Addresses are good for one handshake, also for one that was refused. */
  singleUse = false;
  /** After a closing handshake the TCP connection stays open. */
  leavesOpen = false;
  /** Nothing of it answers: 503 to everything. */
  isDown = false;
  /** Who says hello is told at once to go, for this reason. */
  unwanted: string | null = null;
  /** Says hello so long after the handshake, ms. */
  helloAfterMs = 0;
  /** Pings are not answered, and nothing is sent. */
  silent = false;
  readonly #peers = new Map<number, Peer>();
  readonly #used = new Set<string>();
  readonly #server = createServer((request, response) => this.#http(request, response));
  #ids = 0;

  async start(): Promise<this> {
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex) => this.#upgrade(request, socket));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/api/`;
  }

  /** Connections whose TCP side is open. */
  get live(): number {
    return [...this.#peers.values()].filter(({ socket }) => !socket.destroyed).length;
  }

  /** Connections that take commands. */
  get open(): number {
    return [...this.#peers.values()].filter(({ socket, isClosing }) => !socket.destroyed && !isClosing)
      .length;
  }

  send(payload: object): string | null {
    return this.deliver('slash_commands', payload, true);
  }

  /** Sends over the connection that was opened last, as Slack may send over any; null when there is none. */
  deliver(type: string, payload: object, mayAnswer: boolean, retry: object = {}): string | null {
    const id = `envelope-${++this.#ids}`;
    const isSent = this.say({
      type,
      envelope_id: id,
      payload,
      accepts_response_payload: mayAnswer,
      ...retry,
    });
    return isSent ? id : null;
  }

  /** Any message, over the connection that was opened last; false when there is none. */
  say(message: object): boolean {
    const peer = [...this.#peers.values()]
      .filter(({ socket, isClosing }) => !socket.destroyed && !isClosing)
      .at(-1);
    if (peer !== undefined) this.#write(peer, message);
    return peer !== undefined;
  }

  /** Asks the app for another connection; with `closes` it does not wait for it. */
  recycle({
    reason = 'refresh_requested',
    closes = false,
  }: {
    reason?: string;
    closes?: boolean;
  } = {}): void {
    for (const peer of this.#peers.values()) {
      if (peer.socket.destroyed || peer.isClosing) continue;
      this.#write(peer, { type: 'disconnect', reason, debug_info: { host: 'applink-1' } });
      if (closes) this.#closePeer(peer);
    }
  }

  /** Closes all of them without a word in advance. */
  closeAll(): void {
    for (const peer of this.#peers.values()) if (!peer.socket.destroyed) this.#closePeer(peer);
  }

  async close(): Promise<void> {
    for (const { socket } of this.#peers.values()) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #http(request: IncomingMessage, response: ServerResponse): void {
    if (this.isDown) {
      if (request.url === '/api/apps.connections.open') this.opened.push(Date.now());
      request.resume();
      return void response.writeHead(503).end();
    }
    if (this.webApi !== null && request.url !== '/api/apps.connections.open')
      return void this.webApi(request, response);
    request.resume();
    const say = (status: number, body: object, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.url !== '/api/apps.connections.open') {
      say(404, { ok: false, error: 'unknown_method' });
      return;
    }
    this.opened.push(Date.now());
    if (this.answer === null) {
      const url = `ws://127.0.0.1:${this.#port}/link/?ticket=${++this.#ids}`;
      say(200, { ok: true, url });
      return;
    }
    const { status, retryAfter, error = status === 429 ? 'ratelimited' : 'internal_error' } = this.answer;
    const headers = retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` };
    say(status, { ok: false, error }, headers);
  }

  #upgrade(request: IncomingMessage, socket: Duplex): void {
    this.handshakes += 1;
    const ticket = request.url ?? '';
    const isUsed = this.singleUse && this.#used.has(ticket);
    this.#used.add(ticket);
    socket.on('error', () => undefined);
    // The app has ended it.
    socket.on('end', () => socket.destroy());
    if (this.isDown) return void socket.end('HTTP/1.1 503 No\r\nconnection: close\r\n\r\n');
    if (this.refuse === null) return void socket.destroy();
    if (this.refuse !== undefined || isUsed || this.refuseNext-- > 0) {
      return void socket.end(`HTTP/1.1 ${isUsed ? 403 : 503} No\r\nconnection: close\r\n\r\n`);
    }
    const key = `${request.headers['sec-websocket-key']}${GUID}`;
    const accept = createHash('sha1').update(key).digest('base64');
    const peer: Peer = { socket, rest: Buffer.alloc(0), isClosing: false };
    const index = this.#peers.size;
    this.#peers.set(index, peer);
    this.most = Math.max(this.most, this.live);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    (socket as Socket).setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(peer, index, chunk));
    if (this.helloAfterMs > 0) setTimeout(() => this.#greet(peer), this.helloAfterMs);
    else this.#greet(peer);
  }

  #greet(peer: Peer): void {
    this.#write(peer, { type: 'hello', num_connections: this.open, connection_info: { app_id: 'A1' } });
    if (this.unwanted !== null) {
      this.#write(peer, { type: 'disconnect', reason: this.unwanted });
      this.#closePeer(peer);
    }
  }

  #read(peer: Peer, index: number, chunk: Buffer): void {
    peer.rest = Buffer.concat([peer.rest, chunk]);
    for (let frame = takeFrame(peer); frame !== null; frame = takeFrame(peer)) {
      if (frame.opcode === OPCODE.ping && !this.silent) peer.socket.write(frameOf(OPCODE.pong, frame.data));
      if (frame.opcode === OPCODE.close) {
        if (!peer.isClosing) peer.socket.write(frameOf(OPCODE.close, frame.data));
        peer.isClosing = true;
        if (!this.leavesOpen) peer.socket.end();
      }
      if (frame.opcode === OPCODE.text) {
        const said = JSON.parse(frame.data.toString()) as { envelope_id: string; payload?: unknown };
        this.acknowledged.push({ id: said.envelope_id, over: index });
        this.onAcknowledged(said.envelope_id, said.payload);
      }
    }
  }

  #write({ socket }: Peer, message: object): void {
    if (!this.silent) socket.write(frameOf(OPCODE.text, Buffer.from(JSON.stringify(message))));
  }

  #closePeer(peer: Peer): void {
    peer.isClosing = true;
    peer.socket.write(frameOf(OPCODE.close, Buffer.from([0x03, 0xe8])));
  }
}

/** A frame of a server: final and not masked. */
function frameOf(opcode: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode]), lengthOf(data.length), data]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 126) return Buffer.from([bytes]);
  if (bytes < 65_536) return Buffer.from([126, bytes >> 8, bytes & 0xff]);
  const long = Buffer.alloc(9, 127);
  long.writeBigUInt64BE(BigInt(bytes), 1);
  return long;
}

/** The next whole frame of a client, unmasked; those of apps are short and final. */
function takeFrame(peer: Peer): { readonly opcode: number; readonly data: Buffer } | null {
  const { rest } = peer;
  if (rest.length < 2) return null;
  const short = rest.readUInt8(1) & 0x7f;
  const start = short === 126 ? 4 : 2;
  if (rest.length < start + 4) return null;
  const length = short === 126 ? rest.readUInt16BE(2) : short;
  if (rest.length < start + 4 + length) return null;
  const mask = rest.subarray(start, start + 4);
  const data = Buffer.from(rest.subarray(start + 4, start + 4 + length));
  for (let at = 0; at < data.length; at++) data.writeUInt8(data.readUInt8(at) ^ mask.readUInt8(at % 4), at);
  peer.rest = rest.subarray(start + 4 + length);
  return { opcode: rest.readUInt8(0) & 0x0f, data };
}
