import { decoded } from '../../domain/text/decoded.ts';

/**
 * The address of a server as the driver reads it: it may have no host between `@` and the path, and say in `host` in which
 * folder the server's socket is. Null when it is not one.
 */
export function parsedAddress(text: string): URL | null {
  return URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'));
}

/** Both places that may have it. */
export function passwordsIn(text: string): readonly string[] {
  const url = parsedAddress(text);
  if (url === null) return [];
  const inQuery = url.searchParams.get('password') ?? '';
  return [...(url.password === url.username ? [] : [decoded(url.password)]), inQuery].filter(Boolean);
}

/** Host, port and database; no user, no password. */
export function placeOf(text: string): string {
  return `${hostOf(text)}${parsedAddress(text)?.pathname ?? ''}`;
}

/** `db.example.com:5432`, also where the port is left out; a folder for a server that is reached by a socket. */
export function serverOf(text: string): string {
  const host = hostOf(text);
  return parsedAddress(text)?.port || host.startsWith('/') ? host : `${host}:5432`;
}

function hostOf(text: string): string {
  const url = parsedAddress(text);
  return url?.searchParams.get('host') || decoded(url?.host ?? '') || 'localhost';
}
