import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut and mended: while it is cut, nothing listens there. */
export class Relay {
  readonly #to: { readonly host: string; readonly port: number };
  readonly #open = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(to: { readonly host: string; readonly port: number }) {
    this.#to = to;
  }

  /** The same one each time. */
  get port(): number {
    return this.#port;
  }

  async mend(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#to);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#open.delete(one);
          other.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = new Promise((resolve) => server?.close(resolve) ?? resolve(null));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
