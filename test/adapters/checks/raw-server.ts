import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Takes connections and does with each what it is told; knows how many are open. */
export class RawServer {
  open = 0;
  port = 0;
  #server: Server;
  readonly #sockets = new Set<Socket>();
  #behave: (socket: Socket) => void = (socket) => socket.resume();

  private constructor() {
    this.#server = createServer((socket) => {
      this.open++;
      socket
        .on('error', () => undefined)
        .on('close', () => {
          this.open--;
        });
      this.#behave(socket);
    });
  }

  static async start(): Promise<RawServer> {
    const server = new RawServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    server.port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  /** What happens to the connections from now on. */
  does(behave: (socket: Socket) => void): void {
    this.#behave = behave;
  }

  /** Answers each thing that is sent with the next of these. */
  says(...answers: readonly (string | Buffer)[]): void {
    this.does((socket) => {
      const left = [...answers];
      socket.on('data', () => {
        const next = left.shift();
        if (next !== undefined) socket.write(next);
      });
    });
  }

  close(): Promise<unknown> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Sends without end. */
export function floods(chunk: Buffer): (socket: Socket) => void {
  return (socket) => {
    socket.resume();
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  };
}

/** What many things answer that are no database: a web server, a sign-in page. */
export const WEB_PAGE =
  'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html><title>Sign in</title></html>';
