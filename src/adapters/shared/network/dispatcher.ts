import type { Socket } from 'node:net';
import { Agent, buildConnector, DecoratorHandler, Dispatcher } from 'undici';
import { codesOf } from '../network-trouble.ts';
import { openTunnel, ProxyTrouble, proxyUnreachable, refusalWords } from './tunnel.ts';
import { proxyFor, type WebProxy } from './web-proxy.ts';

/** PEM texts. */
export interface TrustedTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface DispatcherSettings {
  /** How long it may take to be connected, in ms. */
  readonly connectMs?: number;
  /** Each request gets a connection of its own. */
  readonly fresh?: boolean;
  /** What all requests are connected to, by number, whatever their addresses say. Nothing then goes through a proxy. */
  readonly address?: string;
  /** Trusted and shown instead of what Node trusts; for servers with an authority of their own. */
  readonly tls?: TrustedTls;
  /** Gets each connection, and why there is none. */
  readonly onConnect?: (socket: Socket | null, error: Error | null) => void;
}

type Connect = (
  options: buildConnector.Options,
  done: (error: Error | null, socket?: Socket | null) => void,
) => void;

const CONNECT_MS = 10_000;
/** The part of the time that a proxy has, so that it is named before the whole time is over. */
const PROXY_PART = 0.8;

/**
 * What all requests of this process go over: through the proxy that the environment names for their address, over
 * HTTP/1.1. HTTP/2 gains a bot nothing, and not every version of Node that people have ends an empty body over it.
 */
export class WebDispatcher extends Dispatcher {
  readonly #direct: Agent;
  readonly #tunnels: Agent;
  readonly #isPlaced: boolean;

  constructor({ connectMs = CONNECT_MS, fresh = false, address, tls, onConnect }: DispatcherSettings = {}) {
    super();
    const agent = (connect: Connect) =>
      new Agent({
        allowH2: false,
        ...(fresh ? { pipelining: 0 } : {}),
        connect: ((options, done) =>
          connect(options, (error, socket) => {
            onConnect?.(socket ?? null, error);
            if (socket) done(null, socket);
            else done(error ?? new Error('no connection'), null);
          })) satisfies buildConnector.connector,
      });
    const connector = buildConnector({ allowH2: false, timeout: connectMs, ...tls }) as Connect;
    this.#isPlaced = address !== undefined;
    this.#direct = agent(
      address === undefined
        ? connector
        : (options, done) => connector({ ...options, hostname: address }, done),
    );
    this.#tunnels = agent(tunnelling(connector, connectMs));
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const url = new URL(String(options.origin));
    const proxy = this.#isPlaced ? null : proxyFor(url);
    if (proxy === null) return this.#direct.dispatch(options, handler);
    // Many proxies open connections to port 443 alone; requests in the clear they make themselves.
    const isInTheClear = url.protocol === 'http:' && !options.upgrade;
    return isInTheClear
      ? this.#direct.dispatch(madeBy(proxy, url, options), unlessRefused(handler, proxy, url.host))
      : this.#tunnels.dispatch(options, handler);
  }

  override async close(): Promise<void> {
    await Promise.all([this.#direct.close(), this.#tunnels.close()]);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#tunnels.destroy()]);
  }
}

function tunnelling(connector: Connect, connectMs: number): Connect {
  return (options, done) => {
    const { protocol, hostname } = options;
    const to = `${hostname}:${options.port || (protocol === 'https:' ? 443 : 80)}`;
    const proxy = proxyFor(`${protocol}//${to}`);
    if (proxy === null) return connector(options, done);
    openTunnel(proxy, to, connectMs * PROXY_PART).then(
      (socket) => {
        if (protocol === 'https:') connector({ ...options, httpSocket: socket }, done);
        else done(null, socket);
      },
      (error: Error) => done(error, null),
    );
  };
}

/** A request that a proxy makes fails when the proxy asks for a password; no other answer is surely its own. */
function unlessRefused(
  handler: Dispatcher.DispatchHandler,
  proxy: WebProxy,
  host: string,
): Dispatcher.DispatchHandler {
  const passingOn: Dispatcher.DispatchHandler = new DecoratorHandler(handler);
  const onStart = passingOn.onResponseStart?.bind(passingOn);
  passingOn.onResponseStart = (controller, status, ...rest) => {
    if (status === 407) throw new ProxyTrouble(refusalWords(proxy, status, host));
    onStart?.(controller, status, ...rest);
  };
  return passingOn;
}

/** The request as a proxy makes it for us: with the whole address. */
function madeBy(
  { url: { origin }, authorization }: WebProxy,
  target: URL,
  options: Dispatcher.DispatchOptions,
): Dispatcher.DispatchOptions {
  const { path, headers } = options;
  const own = {
    host: target.host,
    ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
  };
  const all = Array.isArray(headers)
    ? [...headers, ...Object.entries(own).flat()]
    : { ...(headers as Record<string, string>), ...own };
  return { ...options, origin, path: `${target.origin}${path}`, headers: all };
}

/** The trouble with the proxy that kept a request from being answered; null when it was not the proxy. */
export function proxyTroubleOf(error: unknown, address: string | URL): ProxyTrouble | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof ProxyTrouble) return at;
  const url = new URL(address);
  const proxy = url.protocol === 'http:' ? proxyFor(url) : null;
  return proxy === null || codesOf(error).length === 0 ? null : proxyUnreachable(error, proxy);
}

/** ` through the proxy proxy.corp:3128`, for sentences; empty when the address is asked directly. */
export function throughProxy(address: string | URL): string {
  const proxy = proxyFor(address);
  return proxy === null ? '' : ` through the proxy ${proxy.name}`;
}
