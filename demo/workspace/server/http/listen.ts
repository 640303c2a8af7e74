import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

interface Listening {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on this machine only: on `port`, or on any free one when that is taken and `otherPort` allows it. */
export async function listen(
  server: Server,
  { port = 0, otherPort = false }: { readonly port?: number; readonly otherPort?: boolean },
): Promise<Listening> {
  // Pages hold sockets that the server, once upgraded, counts as open but no longer closes.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (_request, socket) => {
    upgraded.add(socket);
    // Whoever breaks off before or after the socket is taken over ends no more than it.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => upgraded.delete(socket));
  });
  await listenOn(server, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || !otherPort) throw error;
    return listenOn(server, 0);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
