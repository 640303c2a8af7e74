import type { IncomingMessage } from 'node:http';

/** Another name for this address in a browser is a page that pretends to be this one. */
export function isLocal(request: IncomingMessage): boolean {
  const { host = '' } = request.headers;
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
}

/**
 * A page of another origin must not reach what this machine serves to the person who looks at it. Programs send no origin;
 * a page in a sandbox, of a file or behind a redirect sends `null`, which is nobody's.
 */
export function isForeign(request: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (site === 'cross-site' || site === 'same-site') return true;
  return origin !== undefined && origin !== `http://${host}`;
}
