import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { ApiQuestion, ApiReply } from './api/api.ts';
import { json } from './api/problem.ts';
import type { Readiness } from './readiness.ts';

/** Where `/healthz`, `/readyz` and `/metrics` are answered. */
export interface OperationsAddress {
  readonly port: number;
  /** Others than 127.0.0.1 are reachable from outside. */
  readonly host: string;
}

export interface Pages {
  readiness(): Promise<Readiness>;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
  /** Null: none of its paths. */
  api(question: ApiQuestion): Promise<ApiReply | null>;
}

/** A request to ship is some hundred bytes long. */
const MOST_BYTES = 16_384;

/** Nobody who asks needs longer, ms. */
const REQUEST_MS = 5_000;
/** How often connections are looked for that are silent for longer, ms. */
const CHECK_MS = 1_000;

/** Of which the oldest gives way to the next one. */
const MOST_CONNECTIONS = 50;

/** Listens until it is closed; the port that it has. Refusal `operations-unavailable`. */
export async function serveOperations(
  { port, host }: OperationsAddress,
  pages: Pages,
  log: Logger,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS },
    (request, response) => {
      answer(request, response, pages).catch((err: unknown) => {
        const reference = randomBytes(4).toString('hex');
        log.warn({ err, reference }, 'a question about the operation could not be answered');
        if (response.headersSent) return;
        const says = `Something failed that nobody foresaw. The log says why: look for ${reference}.`;
        refuse(request, response, 500, 'fault', says);
      });
    },
  );
  closeOldest(server);
  await listen(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whoever holds connections open keeps nobody else out, least of all those who ask whether the bot lives. */
function closeOldest(server: Server): void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open;
    if (open.size <= MOST_CONNECTIONS || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code = 'no reason' }: NodeJS.ErrnoException) =>
      reject(new Refusal('operations-unavailable', { port, host, code })),
    );
    server.listen(port, host, resolve);
  });
  server.on('error', () => undefined);
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const { method = '', headers } = request;
  const isPost = method === 'POST' && path.startsWith('/api/');
  if (method !== 'GET' && method !== 'HEAD' && !isPost) {
    const allowed = path.startsWith('/api/') ? 'GET, HEAD, POST' : 'GET, HEAD';
    response.setHeader('allow', allowed);
    return refuse(request, response, 405, 'method', `Only ${allowed} are answered here.`);
  }
  // That it is answered at all is the answer.
  if (path === '/healthz') return send(response, 200, 'application/json', '{"alive":true}\n');
  if (path === '/readyz') {
    const { ready, parts } = await pages.readiness();
    return send(response, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, ...parts })}\n`);
  }
  if (path === '/metrics') {
    const { type, text } = await pages.metrics();
    return send(response, 200, type, text);
  }
  const body = isPost ? await bodyOf(request) : '';
  if (body === null) return refuse(request, response, 413, 'too-long', `${MOST_BYTES} bytes are enough.`);
  const reply = await pages.api({
    method: isPost ? 'POST' : 'GET',
    path,
    query: new URLSearchParams(query),
    authorization: headers.authorization,
    key: [headers['idempotency-key'] ?? []].flat().join(),
    body,
  });
  if (reply !== null) return send(response, reply.status, reply.type, reply.body, reply.headers);
  if (path.startsWith('/api/'))
    return refuse(
      request,
      response,
      404,
      'api-off',
      'The API is off: operations.api in slipway.yaml sets it up.',
    );
  send(response, 404, 'text/plain', 'There are /healthz, /readyz and /metrics.\n');
}

/** Whoever asks the API reads JSON, whatever happens. */
function refuse(
  { url = '' }: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const text = { type: 'text/plain', body: `${message}\n` };
  const { type, body } = url.startsWith('/api/') ? json(status, { code, message }) : text;
  send(response, status, type, body);
}

/** Null when it is too long, or does not come whole. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
    });
    request.on('end', () => resolve(bytes > MOST_BYTES ? null : Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

/** Node leaves the body out of an answer to HEAD. */
function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: ApiReply['headers'] = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    // So that the doctor knows what listens here.
    'x-slipway': 'operations',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
