import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { answerResponseUrl } from '../api/response-url.ts';
import type { WebApi } from '../api/router.ts';
import type { ControlEndpoint } from '../control/endpoint.ts';
import type { SocketMode } from '../delivery/socket-mode.ts';
import type { TabParts } from '../page/handlers.ts';
import { PageTab } from '../page/tab.ts';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';
import { readArguments, readUpload } from './body.ts';
import { isForeign, isLocal } from './own-pages.ts';
import { indexPage, staticFile } from './static-files.ts';

export interface ServerParts extends TabParts {
  readonly api: WebApi;
  readonly socketMode: SocketMode;
  readonly control: ControlEndpoint;
}

/** All addresses of the workspace on one port. */
export function createWorkspaceServer(parts: ServerParts): Server {
  const { core } = parts;
  const pages = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    route(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof SlackError) sendJson(response, 400, { ok: false, error: error.code });
      else sendJson(response, 500, { ok: false, error: 'fatal_error', detail: String(error) });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const isLink = url.pathname === '/link/';
    if (!(isLink || url.pathname === '/page/socket') || isForeign(request) || !isLocal(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    if (isLink) {
      if (isDown(parts)) socket.destroy();
      else parts.socketMode.upgrade(request, socket, head, url.searchParams.get('ticket') ?? '');
      return;
    }
    pages.handleUpgrade(request, socket, head, (connection) => {
      const wanted = core.store.users.get(url.searchParams.get('as') ?? '');
      const first = [...core.store.users.values()].find((user) => user.kind !== 'bot');
      const user = wanted !== undefined && wanted.kind !== 'bot' ? wanted : first;
      if (user === undefined) connection.close();
      else new PageTab(connection, parts, user.id);
    });
  });
  return server;
}

async function route(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isLocal(request)) return send(response, 403, 'this workspace is for this machine only', 'text/plain');
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, head = '', ...rest] = url.pathname.split('/');
  const tail = rest.join('/');
  const slack = head === 'api' || head === 'actions' || head === 'upload';
  if ((slack || head === 'control') && isForeign(request))
    return sendJson(response, 403, { ok: false, error: 'foreign_origin' });
  if (slack && isDown(parts)) {
    request.socket.destroy();
    return;
  }
  switch (head) {
    case 'api':
      return callApi(parts, tail, url.searchParams, request, response);
    case 'actions': {
      const { status, text } = answerResponseUrl(
        parts.core,
        tail,
        await readArguments(request, url.searchParams),
      );
      return send(response, status, text, 'text/plain; charset=utf-8');
    }
    case 'upload':
      return upload(parts, rest.at(-1) ?? '', request, response);
    case 'files':
      return download(parts, rest[0] ?? '', url.searchParams.has('download'), response);
    case 'archives': {
      response.writeHead(302, { location: pageAddress(rest, url.searchParams) }).end();
      return;
    }
    case 'control': {
      const args = await readArguments(request, url.searchParams);
      const answer = await parts.control.call(tail, args, request.method === 'POST');
      return sendJson(response, answer['ok'] === false ? 400 : 200, answer);
    }
    default: {
      const file = head === '' ? await indexPage() : await staticFile(url.pathname);
      if (file === undefined) return send(response, 404, 'not found', 'text/plain');
      return send(response, 200, file.bytes, file.type);
    }
  }
}

async function callApi(
  parts: ServerParts,
  name: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { faults } = parts.core;
  const args = await readArguments(request, query).catch((error: unknown) => {
    if (error instanceof SlackError) return error;
    throw error;
  });
  if (args instanceof SlackError) return sendJson(response, 200, { ok: false, error: args.code });
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const answer = await parts.api.call(name, args, bearer);
  if (faults.apiDelayMs > 0) await pause(faults.apiDelayMs);
  return sendJson(response, answer.status, answer.body, answer.headers);
}

async function upload(
  parts: ServerParts,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = parts.core.store.files.get(id);
  const bytes = await readUpload(request);
  const problem =
    file === undefined || file.state === 'complete'
      ? 'file_not_found'
      : bytes.length !== file.size
        ? 'wrong_length'
        : undefined;
  parts.core.journal.add({
    at: new Date(parts.core.ids.now()).toISOString(),
    direction: 'in',
    method: 'upload',
    args: { file: id, bytes: bytes.length },
    response: problem === undefined ? { ok: true } : { ok: false, error: problem },
  });
  if (file === undefined || problem !== undefined) return send(response, 400, `${problem}`, 'text/plain');
  file.bytes = bytes;
  file.state = 'uploaded';
  return send(response, 200, `OK - ${bytes.length}`, 'text/plain');
}

function download(parts: ServerParts, id: string, attachment: boolean, response: ServerResponse): void {
  const file = parts.core.store.files.get(id);
  if (file === undefined || file.state !== 'complete') {
    send(response, 404, 'not found', 'text/plain');
    return;
  }
  // Nothing a bot uploads may run as a page of this origin.
  const image = file.mimetype.startsWith('image/');
  const disposition =
    attachment || !image ? `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}` : 'inline';
  send(response, 200, file.bytes, file.mimetype, {
    'content-disposition': disposition,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  });
}

/** A permalink, as the page writes its own addresses. */
function pageAddress([channel = '', message = '']: readonly string[], query: URLSearchParams): string {
  const ts = message.replace(/^p(\d+)(\d{6})$/, '$1.$2');
  return `/#/${channel}/${query.get('thread_ts') ?? ts}`;
}

function isDown(parts: ServerParts): boolean {
  return parts.core.faults.downUntil > parts.core.ids.now();
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, status, JSON.stringify(body), 'application/json; charset=utf-8', headers);
}

function send(
  response: ServerResponse,
  status: number,
  body: Buffer | string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
