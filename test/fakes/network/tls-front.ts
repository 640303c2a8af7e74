import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certificate } from '../../support/certificate.ts';

/**
 * TLS in front of plain servers of this machine, by the name that was asked for, as load balancers of big services
 * are: over HTTP/2 for clients that want it, over HTTP/1.1 and with upgrades for the others.
 */
export class TlsFront {
  /** `slack.test HTTP/1.1 POST /api/auth.test` */
  readonly seen: string[] = [];
  readonly #ports = new Map<string, number>();
  readonly #sockets = new Set<Duplex>();
  readonly #server: Http2SecureServer;

  constructor({ key, cert }: Certificate) {
    this.#server = createSecureServer({ key, cert, allowHTTP1: true });
    this.#server.on('request', (incoming, response) => this.#pass(incoming, response));
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(incoming, socket, head),
    );
    this.#server.on('secureConnection', (socket) => this.#keep(socket));
    this.#server.on('sessionError', () => undefined);
  }

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Where requests for a name go to. */
  leads(name: string, port: number): this {
    this.#ports.set(name, port);
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(incoming: Http2ServerRequest, response: Http2ServerResponse): void {
    const { name, port } = this.#target(incoming);
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(
        ([header]) => !header.startsWith(':') && header !== 'connection',
      ),
    );
    const { url: path, method } = incoming;
    this.seen.push(`${name} HTTP/${incoming.httpVersion} ${method} ${path}`);
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers, host: `127.0.0.1:${port}` },
    };
    const onwards = request(options, (answer) => {
      const { connection, 'transfer-encoding': _, 'keep-alive': __, ...kept } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(response);
    });
    onwards.on('error', () => response.writeHead(502).end());
    incoming.pipe(onwards);
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { name, port } = this.#target(incoming);
    this.seen.push(`${name} HTTP/${incoming.httpVersion} UPGRADE ${incoming.url}`);
    const target = this.#keep(connect(port, '127.0.0.1'));
    target.once('connect', () => {
      const lines = incoming.rawHeaders.flatMap((text, index, all) =>
        index % 2 === 0 && text.toLowerCase() !== 'host' ? [`${text}: ${all[index + 1]}`] : [],
      );
      target.write(
        `GET ${incoming.url} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join('\r\n')}\r\n\r\n`,
      );
      if (head.length > 0) target.write(head);
      target.pipe(socket).pipe(target);
      socket.once('close', () => target.destroy());
      target.once('close', () => socket.destroy());
    });
  }

  #target(incoming: { readonly headers: NodeJS.Dict<string | string[]> }): { name: string; port: number } {
    const authority = String(incoming.headers[':authority'] ?? incoming.headers['host'] ?? '');
    const name = authority.replace(/:\d+$/, '');
    return { name, port: this.#ports.get(name) ?? 0 };
  }

  #keep<T extends Duplex>(socket: T): T {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
