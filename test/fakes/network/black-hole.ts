import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface BlackHole {
  /** The address of the server, by way of this. */
  readonly url: string;
  /** How many there were. */
  connections(): number;
  /** From now on nothing arrives any more, and nobody hears of it; new connections get through where `isOpen` is set. */
  swallow(options?: { readonly isOpen?: boolean }): void;
  /** New connections get through again; those that were swallowed stay so. */
  open(): void;
  close(): Promise<void>;
}

/** As PgBouncer does it: what a client is told of its process on the server is a number that means nothing there. */
export function withOtherPid(answer: Buffer): Buffer {
  const at = answer.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
  if (at >= 0) answer.writeInt32BE(2_000_000_000, at + 5);
  return answer;
}

/**
 * Goes between a client and the server at a URL, and forwards until it is told to drop what comes. What the server says goes
 * through `rewritten`.
 */
export async function blackHole(
  target: string,
  rewritten: (answer: Buffer) => Buffer = (answer) => answer,
): Promise<BlackHole> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const sockets = new Set<Socket>();
  let isOpen = true;
  let connections = 0;
  const server: Server = createServer((near) => {
    sockets.add(near);
    connections += 1;
    near.on('error', () => undefined);
    if (!isOpen) return;
    const far = connect({ host: hostname, port: Number(port || '5432') });
    sockets.add(far);
    const pair = [near, far] as const;
    pairs.add(pair);
    far.on('error', () => pairs.has(pair) && near.destroy());
    near.on('data', (data) => pairs.has(pair) && far.write(data));
    far.on('data', (data) => pairs.has(pair) && near.write(rewritten(data)));
    // A server never hears of the end of a connection that was swallowed.
    near.on('close', () => pairs.has(pair) && far.destroy());
    far.on('close', () => pairs.has(pair) && near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const ownPort = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: Object.assign(new URL(target), { hostname: '127.0.0.1', port: String(ownPort) }).href,
    connections: () => connections,
    swallow: (options = {}) => {
      isOpen = options.isOpen ?? false;
      pairs.clear();
    },
    open: () => {
      isOpen = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
