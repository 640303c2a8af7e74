import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isForeign, isLocal } from '../workspace/server/http/own-pages.ts';
import { Behaviours, ResponsePattern } from './behaviour.ts';
import { answerControl, createControl, type ShopControl } from './control.ts';
import { Deployments } from './deployments.ts';
import { Exposition } from './exposition.ts';
import { pageAt, send } from './pages.ts';
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

/** A small web shop that serves what its production branch holds, and misbehaves on demand. */
export interface Shop {
  readonly url: string;
  readonly control: ShopControl;
  close(): Promise<void>;
}

const PRODUCT_ROUTES = ['/', '/health', '/api/status', '/api/version', '/api/products'];

export async function startShop(options: ShopOptions): Promise<Shop> {
  const { remote, branch = 'production', pollMs = 250, rolloutMs = 0, now = Date.now } = options;
  const behaviours = new Behaviours();
  const pattern = new ResponsePattern();
  const exposition = new Exposition();
  const stop = new AbortController();
  const { signal } = stop;
  setMaxListeners(0, signal); // one per answer that is being delayed
  const deployments = new Deployments({ remote, branch, rolloutMs, now, signal }, behaviours);
  const control = createControl(deployments, behaviours);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://shop').pathname;
    if (path === '/control') return answerControl(request, response, control);
    if (path === '/metrics') {
      const { version = '', commit = '' } = deployments.live ?? {};
      const body = exposition.text(version, commit);
      return send(response, { status: 200, body, type: 'text/plain; version=0.0.4' });
    }
    const started = performance.now();
    const acting = deployments.behaviour();
    const failed = path !== '/health' && path !== '/api/version' && pattern.fails(acting);
    await sleep(pattern.delayMs(acting), undefined, { signal });
    const page = pageAt(path, deployments.live, acting, failed, now());
    send(response, page);
    const route = PRODUCT_ROUTES.includes(path) ? path : 'other';
    exposition.observe(request.method ?? 'GET', route, page.status, (performance.now() - started) / 1_000);
  }

  const server = createServer((request, response) => {
    const isControl = request.url?.startsWith('/control') ?? false;
    if (!isLocal(request) || (isControl && isForeign(request))) {
      response.writeHead(403).end('This shop is for this machine only.');
      return;
    }
    answer(request, response).catch(() => response.destroy());
  });
  await deployments.refresh();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const poll = setInterval(() => void deployments.refresh(), pollMs);
  const traffic = startTraffic(url, PRODUCT_ROUTES, options.traffic ?? 0);

  return {
    url,
    control,
    close: async () => {
      clearInterval(poll);
      traffic.stop();
      stop.abort();
      await deployments.idle();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
