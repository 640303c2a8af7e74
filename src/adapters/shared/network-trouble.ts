/** Codes of an error, of what caused it, and of all addresses that were tried. */
export function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 4) return [];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const inner = error instanceof AggregateError ? error.errors : [];
  return [code, ...[error.cause, ...inner].flatMap((one) => codesOf(one, depth + 1))];
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before the answer was complete',
  EPIPE: 'the connection was closed before the answer was complete',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection was closed before the answer was complete',
  EAI_AGAIN: 'the name could not be looked up just now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate is signed by an unknown authority',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS on this port',
  EPROTO: 'the TLS handshake failed',
};

/** What keeps this machine from asking anybody: no resolver, no route, no memory. */
const OWN = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * Whether it is this machine that could not ask, which says nothing of whom it asked. Where one of several addresses was
 * tried in earnest it is not: a machine without IPv6 has no route to half of them.
 */
export function isOwnTrouble(codes: readonly string[]): boolean {
  const trouble = codes.filter((code) => /^(?:E[A-Z_]+|UND_ERR_\w+)$/.test(code));
  return trouble.length > 0 && trouble.every((code) => OWN.has(code));
}

/** What went wrong with a request, as a part of a sentence that holds nothing of the request. */
export function networkTrouble(codes: readonly string[], url: URL): string {
  if (codes.includes('ENOTFOUND')) return `no such host: ${url.hostname}`;
  if (codes.includes('ERR_TLS_CERT_ALTNAME_INVALID')) return `certificate is not for ${url.hostname}`;
  if (codes.some((code) => code.startsWith('HPE_') || code === 'HTTPParserError'))
    return 'the answer was not HTTP';
  const known = codes.find((code) => WORDS[code] !== undefined);
  return (known && WORDS[known]) ?? `the request failed (${codes[0] ?? 'unknown error'})`;
}
