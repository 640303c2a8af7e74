import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** What is wrong with a proxy: it answers that, says nothing, ends connections at once, or is something else. */
export type ProxyFault = 403 | 407 | 502 | 'hung' | 'closes' | 'garbage';

/** A proxy as offices have them, by RFC 9110: it connects for CONNECT, and makes requests in the clear by itself. */
export class FakeWebProxy {
  /** `CONNECT slack.test:443`, `GET http://shop.test/health`, in the order of their arrival. */
  readonly seen: string[] = [];
  /** Connections that were opened to it. */
  connections = 0;
  fault: ProxyFault | null = null;
  /** What it wants as `proxy-authorization`. */
  readonly #login: string | null;
  readonly #hosts = new Map<string, number>();
  readonly #sockets = new Set<Duplex>();
  readonly #server = createServer((incoming, response) => this.#make(incoming, response));

  /** @param login `user:password`, when it asks for one */
  constructor(login?: string) {
    this.#login = login === undefined ? null : `Basic ${Buffer.from(login).toString('base64')}`;
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#keep(socket);
      if (this.fault === 'closes') socket.once('data', () => socket.destroy());
      if (this.fault === 'garbage') socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    });
    this.#server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#connect(incoming, socket, head),
    );
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `127.0.0.1:3128` */
  get name(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Which port of this machine a name leads to; no other name is known to it. */
  knows(name: string, port: number): this {
    this.#hosts.set(name, port);
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What it answers instead of doing what it is asked for; null when it does. */
  #refusal(incoming: IncomingMessage, host: string): number | 'nothing' | null {
    this.seen.push(`${incoming.method} ${incoming.url}`);
    if (typeof this.fault === 'number') return this.fault;
    if (this.fault !== null) return 'nothing';
    if (this.#login !== null && incoming.headers['proxy-authorization'] !== this.#login) return 407;
    return this.#hosts.has(host) ? null : 502;
  }

  #connect(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#keep(socket);
    const host = (incoming.url ?? '').replace(/:\d+$/, '');
    const refusal = this.#refusal(incoming, host);
    if (refusal === 'nothing') return;
    if (refusal !== null) {
      socket.end(
        `HTTP/1.1 ${refusal} No\r\nproxy-authenticate: Basic realm="office"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      return;
    }
    const target = this.#keep(connect(this.#hosts.get(host) ?? 0, '127.0.0.1'));
    target.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) target.write(head);
      target.pipe(socket).pipe(target);
    });
  }

  #make(incoming: IncomingMessage, response: ServerResponse): void {
    const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : null;
    const refusal = this.#refusal(incoming, url?.hostname ?? '');
    if (refusal === 'nothing') return;
    if (refusal !== null || url === null) {
      response.writeHead(refusal ?? 400).end('<html>a page of the proxy</html>');
      return;
    }
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const port = this.#hosts.get(url.hostname) ?? 0;
    const onwards = request(
      { host: '127.0.0.1', port, method: incoming.method, path: `${url.pathname}${url.search}`, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onwards.on('error', () => response.destroy());
    incoming.pipe(onwards);
  }

  #keep<T extends Duplex>(socket: T): T {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
