import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** What goes wrong with one request: an answer that is no success, or none. */
export type Fault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly message?: string;
    }
  | 'timeout-before'
  | 'timeout-after'
  | 'reset-before'
  | 'reset-after';

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** Instead of a JSON body. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/v4/aliases/{idOrAlias}` */
  readonly path: string;
  /** Strict: an unknown parameter is a violation. Absent: none are allowed. */
  readonly query?: z.ZodType;
  /** Needs no token: its address is secret. */
  readonly isOpen?: boolean;
  /** Strict as well. Absent: no body, or an empty one. */
  readonly body?: z.ZodType;
  answer(asked: Asked): Reply | Promise<Reply>;
}

interface Planned {
  readonly fault: Fault;
  /** Undefined: each. */
  readonly method: string | undefined;
  readonly path: RegExp;
  /** Matching requests that come before the one that is meant. */
  skip: number;
}

export const TOKEN = 'secret-token-of-the-platform';

/** A published description, and what it has against a request or an answer; null when nothing. */
export interface ApiDescription {
  /** Whether a route, `GET /v2/apps/{name}`, is in it. */
  has(method: string, route: string): boolean;
  problemOf(
    sent: {
      readonly method: string;
      readonly path: string;
      readonly query: Readonly<Record<string, string>>;
      readonly body: unknown;
      readonly contentType: string | undefined;
    },
    route: string,
  ): string | null;
  problemOfAnswer(
    sent: { readonly method: string; readonly path: string },
    route: string,
    reply: Reply,
  ): string | null;
}

/**
 * A platform's HTTP API in memory, as strict as its reference: what a request may not contain is answered with 400
 * and kept in `violations`. Subclasses say which routes there are and what a failure looks like.
 */
export abstract class FakePlatform {
  /** `POST /v10/…`, oldest first; also those that a fault answered. */
  readonly requests: string[] = [];
  readonly violations: string[] = [];
  /** False: every token is wrong. */
  acceptsToken = true;
  /** What it says then, with the token in it, as some do. */
  unauthorised = `the token ${TOKEN} is not valid`;
  readonly #planned: Planned[] = [];
  readonly #held = new Set<ServerResponse>();
  #url = '';
  #close = async () => {};

  /** What the platform has described, which requests and answers are held against; null where that is only prose. */
  readonly described: ApiDescription | null = null;
  abstract readonly routes: readonly Route[];
  abstract failure(status: number, message: string): unknown;

  /** What every request must have besides the token; a sentence when it does not. */
  check(_headers: IncomingMessage['headers']): string | null {
    return null;
  }

  get url(): string {
    return this.#url;
  }

  /** Answers what is no call of the API, such as git; true when it has. */
  protected answersItself(_request: IncomingMessage, _response: ServerResponse): boolean {
    return false;
  }

  /** What a request is in `routes`, where its address alone does not say it. */
  protected seenAs(method: string, pathname: string, _headers: IncomingMessage['headers'], _text: string) {
    return { method, pathname };
  }

  /** What a body says; JSON by default. */
  protected read(text: string, _headers: IncomingMessage['headers']): unknown {
    return parse(text);
  }

  /** An answer as it is sent, where that is not JSON. */
  protected written(reply: Reply, _pathname: string): Reply {
    return reply;
  }

  /** The next matching request, after so many that are skipped, meets that fault; by default one that changes something. */
  inject(fault: Fault, match: Partial<Pick<Planned, 'method' | 'path' | 'skip'>> = {}): void {
    this.#planned.push({ fault, method: 'POST', path: /./, skip: 0, ...match });
  }

  /** The connection breaks at a request, whatever it is: 0 is the next one. Gives up what was planned before. */
  breakAt(index: number, when: 'before' | 'after'): void {
    this.#planned.splice(0);
    this.#planned.push({ fault: `reset-${when}`, method: undefined, path: /./, skip: index });
  }

  /** Forgets every fault that no request has met. */
  calm(): void {
    this.#planned.splice(0);
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.violations.push(`the fake itself failed: ${String(error)}`);
        response.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#close = async () => {
      for (const response of this.#held) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return this;
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.answersItself(request, response)) return;
    const url = new URL(request.url ?? '/', this.#url);
    const text = await readAll(request);
    const { method, pathname } = this.seenAs(request.method ?? 'GET', url.pathname, request.headers, text);
    // Ports are given out again: whoever asks for what was here before is no client of this platform.
    const isClient =
      this.#route(method, pathname) !== null || this.authorised(request.headers, text, { method, url });
    if (!isClient) return send(response, { status: 404, body: this.failure(404, 'not found') });
    this.requests.push(`${method} ${pathname}`);

    const index = this.#planned.findIndex(
      (one) => (one.method ?? method) === method && one.path.test(pathname) && one.skip-- <= 0,
    );
    const fault = index < 0 ? null : (this.#planned.splice(index, 1)[0]?.fault ?? null);
    if (fault === 'reset-before') return void request.socket.destroy();
    if (fault === 'timeout-before') return void this.#held.add(response);
    if (fault !== null && typeof fault === 'object') {
      const { status, message = 'injected', headers = {} } = fault;
      const reply = { status, headers, body: this.failure(status, message) };
      return send(response, this.written(reply, pathname));
    }
    url.pathname = pathname;
    const reply = await this.#answer(method, url, text, request.headers);
    if (fault === 'reset-after') return void request.socket.destroy();
    if (fault === 'timeout-after') return void this.#held.add(response);
    send(response, this.written(reply, pathname));
  }

  async #answer(method: string, url: URL, text: string, headers: IncomingMessage['headers']): Promise<Reply> {
    const found = this.#route(method, url.pathname);
    if (!found) return this.#violation(404, `${method} ${url.pathname} is not part of the API`);
    if (!found.route.isOpen) {
      if (!this.acceptsToken || !this.authorised(headers, text, { method, url })) {
        return { status: 401, body: this.failure(401, this.unauthorised) };
      }
      const wrong = this.check(headers);
      if (wrong !== null) return this.#violation(406, wrong);
    }
    const json = text === '' ? undefined : this.read(text, headers);
    const contentType = json === undefined ? undefined : headers['content-type']?.split(';')[0];
    const sent = {
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: json,
      contentType,
    };
    const undescribed = this.described?.problemOf(sent, found.route.path) ?? null;
    if (undescribed !== null) return this.#violation(400, `${method} ${found.route.path}: ${undescribed}`);
    const query = (found.route.query ?? z.strictObject({})).safeParse(sent.query);
    if (!query.success) return this.#violation(400, `query of ${found.route.path}: ${query.error.message}`);
    const body = (found.route.body ?? z.strictObject({}).optional()).safeParse(json);
    if (!body.success) return this.#violation(400, `body of ${found.route.path}: ${body.error.message}`);
    const asked = {
      params: found.params,
      query: Object.fromEntries(url.searchParams),
      body: body.data,
      headers,
    };
    const reply = await found.route.answer(asked);
    const wrong = this.described?.problemOfAnswer(sent, found.route.path, reply) ?? null;
    if (wrong !== null) this.violations.push(wrong);
    return reply;
  }

  protected authorised(
    headers: IncomingMessage['headers'],
    _body: string,
    _asked: { readonly method: string; readonly url: URL },
  ): boolean {
    return headers.authorization === `Bearer ${TOKEN}`;
  }

  #violation(status: number, message: string): Reply {
    this.violations.push(message);
    return { status, body: this.failure(status, message) };
  }

  #route(method: string, pathname: string) {
    for (const route of this.routes) {
      if (route.method !== method) continue;
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
      const pattern = new RegExp(`^${route.path.replace(/\{\w+\}/g, '([^/]+)')}$`);
      const match = pattern.exec(pathname);
      if (!match) continue;
      const params = names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')] as const);
      return { route, params: Object.fromEntries(params) };
    }
    return null;
  }
}

function send(response: ServerResponse, { status, body, text, headers = {} }: Reply): void {
  const type = text === undefined ? 'application/json' : 'text/plain';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(text ?? (body === undefined ? '' : JSON.stringify(body)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
