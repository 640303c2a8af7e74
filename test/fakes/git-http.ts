import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { serveGit } from '../../demo/platform/git-http.ts';

/** A git host over http: git's own CGI program behind Node, with basic authentication and faults on demand. */
export class GitHttp {
  /** `POST /shop.git/git-upload-pack`, oldest first. */
  readonly requests: string[] = [];
  /** What the next requests get instead of an answer: a status, silence, or a cut connection. */
  fault: number | 'hang' | 'cut' | null = null;
  /** Sends requests of these methods to another host. */
  redirect: { readonly status: number; readonly to: string; readonly methods: readonly string[] } | null =
    null;
  /** Speaks only the first version of the protocol, as servers do whose proxy drops the header that asks for more. */
  isOld = false;
  /** What a sign-in page in front of it answers to everything, by its type. */
  page: { readonly type: string; readonly body: string } | null = null;
  /** Cuts the connection after the push was taken, before its answer. */
  loseNextPush = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  readonly #path: string;
  readonly #password: string;

  constructor(path: string, password: string) {
    this.#path = path;
    this.#password = password;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/${basename(this.#path)}`;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://git.test');
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (this.fault === 'hang') return;
    if (this.fault === 'cut') {
      request.socket.destroy();
      return;
    }
    if (this.page !== null) {
      response.writeHead(200, { 'content-type': this.page.type }).end(this.page.body);
      return;
    }
    if (this.redirect?.methods.includes(request.method ?? '')) {
      const location = `${this.redirect.to}${request.url}`.replace(`/${basename(this.#path)}`, '/shop.git');
      response.writeHead(this.redirect.status, { location }).end();
      return;
    }
    if (this.fault !== null) {
      response.writeHead(this.fault).end('no');
      return;
    }
    const [, basic = ''] = (request.headers.authorization ?? '').split(' ');
    if (!Buffer.from(basic, 'base64').toString().endsWith(`:${this.#password}`)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    this.#serve(request, response, url);
  }

  #serve(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const isOld = this.isOld;
    serveGit(request, response, { root: dirname(this.#path), url, isOld }, () => {
      const isLost = this.loseNextPush && isPush(request, url);
      if (isLost) this.loseNextPush = false;
      return isLost;
    });
  }
}

function isPush({ method }: IncomingMessage, { pathname }: URL): boolean {
  return method === 'POST' && pathname.endsWith('git-receive-pack');
}
