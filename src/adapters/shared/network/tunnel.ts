import { request as askInTheClear, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as askOverTls } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { durationInWords } from '../../../domain/text/duration.ts';
import { codesOf, networkTrouble } from '../network-trouble.ts';
import type { WebProxy } from './web-proxy.ts';

/** What is wrong with the proxy, as a part of a sentence that names it and holds nothing of the request. */
export class ProxyTrouble extends Error {
  override readonly name = 'ProxyTrouble';
  readonly code: 'PROXY' | 'PROXY_TIMEOUT';

  constructor(message: string, code: ProxyTrouble['code'] = 'PROXY') {
    super(message);
    this.code = code;
  }
}

/**
 * Asks a proxy for a connection to `shop.example:443`. Throws ProxyTrouble.
 *
 * The library's own agent for proxies connects again without end when one closes the connection at once, and does
 * not say what another one answered.
 */
export function openTunnel(proxy: WebProxy, to: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = connectRequest(proxy, to);
    const late = setTimeout(() => {
      const limit = durationInWords(timeoutMs);
      const words = `the proxy ${proxy.name} opened no connection to ${to} within ${limit}`;
      request.destroy(new ProxyTrouble(words, 'PROXY_TIMEOUT'));
    }, timeoutMs);
    request.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, first: Buffer) => {
      clearTimeout(late);
      if (statusCode < 200 || statusCode > 299) {
        socket.on('error', () => undefined).destroy();
        reject(new ProxyTrouble(refusalWords(proxy, statusCode, to)));
        return;
      }
      if (first.length > 0) socket.unshift(first);
      resolve(socket);
    });
    request.once('error', (error) => {
      clearTimeout(late);
      reject(proxyUnreachable(error, proxy));
    });
    request.end();
  });
}

function connectRequest({ url, authorization }: WebProxy, to: string): ClientRequest {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options = {
    host,
    method: 'CONNECT',
    path: to,
    agent: false,
    headers: {
      host: to,
      'user-agent': 'slipway',
      ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
    },
  };
  if (url.protocol === 'http:') return askInTheClear({ ...options, port: url.port || 80 });
  return askOverTls({ ...options, port: url.port || 443, servername: isIP(host) === 0 ? host : '' });
}

/** Words for an error between here and the proxy. */
export function proxyUnreachable(error: unknown, { name, url }: WebProxy): ProxyTrouble {
  if (error instanceof ProxyTrouble) return error;
  return new ProxyTrouble(`the proxy ${name} cannot be used: ${networkTrouble(codesOf(error), url)}`);
}

/** Words for what a proxy answered instead of a connection. */
export function refusalWords(
  { name, variable, authorization }: WebProxy,
  status: number,
  to: string,
): string {
  if (status === 407) {
    return authorization === null
      ? `the proxy ${name} asks for a user and a password (407), and ${variable} has none`
      : `the proxy ${name} does not take the user and password of ${variable} (407)`;
  }
  if (status >= 500) return `the proxy ${name} cannot reach ${to} (${status})`;
  if (status === 403) return `the proxy ${name} does not allow connections to ${to} (403)`;
  return `the proxy ${name} answered ${status} when it was asked for ${to}`;
}
