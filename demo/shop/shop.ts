import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZodError } from 'zod';
import { type Behaviour, Behaviours, type ControlChange, ResponsePattern } from './behaviour.ts';
import { Exposition } from './exposition.ts';
import { frontPage } from './page.ts';
import { type LiveCommit, readCommit, tipOf } from './production.ts';
import { startTraffic } from './traffic.ts';

export interface ShopOptions {
  /** Folder of the bare repository. */
  readonly remote: string;
  readonly branch?: string;
  /** 0: the system chooses. */
  readonly port?: number;
  /** How often the branch is looked at, in ms. */
  readonly pollMs?: number;
  /** How long the old version stays live after the branch moved, in ms. */
  readonly rolloutMs?: number;
  /** Requests per second that the shop makes to itself, so that there is something to measure. */
  readonly traffic?: number;
  /** ms since the epoch */
  readonly now?: () => number;
}

interface ShopState {
  readonly live: { readonly version: string; readonly commit: string; readonly since: number } | null;
  /** How production answers at this moment. */
  readonly mode: Behaviour['mode'];
  readonly always: Behaviour;
  readonly next: Behaviour | null;
  readonly versions: Readonly<Record<string, Behaviour>>;
}

interface ShopControl {
  state(): ShopState;
  /** The same as POST /control. Throws a ZodError when the change is not understood. */
  set(change: ControlChange): ShopState;
  /** Looks at the branch now instead of at the next poll. */
  refresh(): Promise<ShopState>;
}

/** A small web shop that serves what its production branch holds, and misbehaves on demand. */
export interface Shop {
  readonly url: string;
  readonly control: ShopControl;
  close(): Promise<void>;
}

const PRODUCT_ROUTES = ['/', '/health', '/api/status', '/api/version', '/api/products'];
const CONTROL_BYTES = 16_384;

export async function startShop(options: ShopOptions): Promise<Shop> {
  const { remote, branch = 'production', pollMs = 250, rolloutMs = 0, now = Date.now } = options;
  const behaviours = new Behaviours();
  const pattern = new ResponsePattern();
  const exposition = new Exposition();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // one per answer that is being delayed
  let live: LiveCommit | null = null;

  const behaviour = (): Behaviour =>
    live === null ? behaviours.always : behaviours.now(live.version, now() - live.since);

  async function look(): Promise<void> {
    const tip = await tipOf(remote, branch);
    if (tip === (live?.commit ?? null)) return;
    if (tip === null) {
      live = null;
      return;
    }
    const first = live === null;
    const next = await readCommit(remote, tip, now());
    if (!first && rolloutMs > 0) await sleep(rolloutMs, undefined, { signal: stop.signal });
    if (!first && next.version !== live?.version) behaviours.deployed(next.version);
    live = { ...next, since: now() };
  }

  let looking: Promise<void> | null = null;
  /** A commit that cannot be read leaves the shop as it was, as a failed rollout would. */
  const refresh = (): Promise<void> => {
    looking ??= look()
      .catch(() => {})
      .finally(() => {
        looking = null;
      });
    return looking;
  };

  const control: ShopControl = {
    state: () => ({
      live: live === null ? null : { version: live.version, commit: live.commit, since: live.since },
      mode: behaviour().mode,
      always: behaviours.always,
      next: behaviours.next,
      versions: Object.fromEntries(behaviours.versions),
    }),
    set: (change) => {
      behaviours.change(change);
      return control.state();
    },
    refresh: async () => {
      await looking;
      await refresh();
      return control.state();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://shop').pathname;
    if (path === '/control') return answerControl(request, response, control);
    if (path === '/metrics') {
      return send(
        response,
        200,
        exposition.text(live?.version ?? '', live?.commit ?? ''),
        'text/plain; version=0.0.4',
      );
    }
    const started = performance.now();
    const acting = behaviour();
    const failed = path !== '/health' && path !== '/api/version' && pattern.fails(acting);
    await sleep(pattern.delayMs(acting), undefined, { signal: stop.signal });
    const { status, body, type } = page(path, live, acting, failed, now());
    send(response, status, body, type);
    const route = PRODUCT_ROUTES.includes(path) ? path : 'other';
    exposition.observe(request.method ?? 'GET', route, status, (performance.now() - started) / 1_000);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await refresh();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const poll = setInterval(() => void refresh(), pollMs);
  const traffic = startTraffic(url, PRODUCT_ROUTES, options.traffic ?? 0);

  return {
    url,
    control,
    close: async () => {
      clearInterval(poll);
      traffic.stop();
      stop.abort();
      await looking;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Page {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

function page(path: string, live: LiveCommit | null, acting: Behaviour, failed: boolean, now: number): Page {
  if (acting.mode === 'down') return json(503, { error: 'the shop is down' });
  if (live === null) return json(503, { error: 'nothing is deployed yet' });
  if (failed) return json(500, { error: 'something went wrong' });
  switch (path) {
    case '/':
      return { status: 200, body: frontPage(live), type: 'text/html; charset=utf-8' };
    case '/health': {
      const well = acting.mode !== 'failing' || acting.errorRate < 0.5;
      return json(well ? 200 : 503, { status: well ? 'ok' : 'failing' });
    }
    case '/api/status':
      return json(200, {
        status: 'ok',
        version: live.version,
        uptime_s: Math.round((now - live.since) / 1_000),
      });
    case '/api/version':
      return json(200, { version: live.version, commit: live.commit });
    case '/api/products':
      return json(200, live.content.products);
    default:
      return json(404, { error: 'no such page' });
  }
}

function json(status: number, value: unknown): Page {
  return { status, body: JSON.stringify(value), type: 'application/json' };
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

/** JSON only: a foreign web page cannot post that without being allowed to, and it is not. */
async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  control: ShopControl,
): Promise<void> {
  const reply = (status: number, value: unknown) =>
    send(response, status, JSON.stringify(value), 'application/json');
  if (request.method === 'GET') return reply(200, control.state());
  if (request.method !== 'POST') return reply(405, { error: 'GET or POST' });
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return reply(415, { error: 'content-type must be application/json' });
  }
  try {
    reply(200, control.set(JSON.parse(await readBody(request)) as ControlChange));
  } catch (error) {
    const reason =
      error instanceof ZodError ? error.issues.map((issue) => issue.message).join('; ') : 'not JSON';
    reply(400, { error: reason });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > CONTROL_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
