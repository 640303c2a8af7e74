import { isIP, Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { networkTrouble } from '../../shared/network-trouble.ts';
import type { Look } from './within-time.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `db.example:5432`, `[::1]:5432`. */
export function placeInWords({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What went wrong between here and there, as a part of a sentence. */
export function troubleWith({ host, port }: Endpoint, codes: readonly string[]): string {
  const name = host.includes(':') ? `[${host}]` : host;
  if (codes.includes('ETIMEDOUT')) return 'no connection in time';
  return networkTrouble(codes, new URL(`tcp://${name}:${port}`));
}

/** Connects to its place, whatever host its user knows it by. */
class EndpointSocket extends Socket {
  readonly #place: Endpoint;

  constructor(place: Endpoint) {
    super();
    this.#place = place;
  }

  override connect(): this {
    return super.connect({ ...this.#place, autoSelectFamily: true });
  }
}

/** A socket that is not connected yet, and is destroyed with its look, whoever else forgot it. */
export function newSocket(place: Endpoint, look: Look): Socket {
  const socket = new EndpointSocket(place);
  // Somebody has to hear of errors at all times; whoever waits hears of them too.
  socket.on('error', () => undefined);
  look.signal.addEventListener('abort', () => socket.destroy(), { once: true });
  return socket;
}

/** A connection. Throws the error of the socket. */
export function connected(place: Endpoint, look: Look): Promise<Socket> {
  const socket = newSocket(place, look);
  look.waitsFor = 'for a connection';
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('close', () => reject(closed()));
    socket.once('connect', () => resolve(socket));
    socket.connect(place.port, place.host);
  });
}

export interface TlsSettings {
  /** Authorities that are trusted besides nobody; absent: those of Node. */
  readonly ca?: string;
  /** The name that the certificate must be for. */
  readonly name: string;
  readonly verify: boolean;
}

/** What both of Node and the clients of databases take. */
export function tlsOptions({ ca, name, verify }: TlsSettings) {
  return {
    rejectUnauthorized: verify,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca === undefined ? {} : { ca }),
  };
}

/**
 * TLS on top of a connection. Throws the error of the handshake. It ends with the connection below: Node 20 crashes when
 * both are destroyed in one turn, the one below first.
 */
export function secured(socket: Socket, settings: TlsSettings, look: Look): Promise<TLSSocket> {
  look.waitsFor = 'for the TLS handshake';
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({ socket, host: settings.name, ...tlsOptions(settings) });
    secure.on('error', reject).once('close', () => reject(closed()));
    secure.once('secureConnect', () => resolve(secure));
  });
}

/** Ends a connection whose other side sends more than anybody needs; the clients of databases know no limit. */
export function limitBytes(socket: Socket, most: number, look: Look): void {
  const timer = setInterval(() => {
    if (socket.bytesRead > most) socket.destroy(tooMuch(most));
  }, 10);
  look.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

export function tooMuch(most: number): Error {
  return Object.assign(new Error(`it sent more than ${most / 1024} KiB`), { code: 'TOO_MUCH' });
}

function closed(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}
