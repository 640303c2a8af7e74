import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { ApiQuestion, ApiReply } from './api/api.ts';
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

/** Listens until it is closed; the port that it has. Refusal `operations-unavailable`. */
export async function serveOperations(
  { port, host }: OperationsAddress,
  pages: Pages,
  log: Logger,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      answer(request, response, pages).catch((err: unknown) => {
        log.warn({ err }, 'a question about the operation could not be answered');
        if (!response.headersSent) send(response, 500, 'text/plain', 'The log says why.\n');
      });
    },
  );
  server.maxConnections = 50;
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
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, 'text/plain', 'Only GET is answered here.\n');
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
  if (body === null) return send(response, 413, 'text/plain', `${MOST_BYTES} bytes are enough.\n`);
  const reply = await pages.api({
    method: isPost ? 'POST' : 'GET',
    path,
    query: new URLSearchParams(query),
    authorization: headers.authorization,
    key: [headers['idempotency-key'] ?? []].flat().join(),
    body,
  });
  if (reply !== null) return send(response, reply.status, reply.type, reply.body);
  send(response, 404, 'text/plain', 'There are /healthz, /readyz and /metrics.\n');
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
function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    // So that the doctor knows what listens here.
    'x-slipway': 'operations',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
