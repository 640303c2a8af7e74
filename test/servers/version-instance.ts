import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An instance of the shop that counts its requests by the clock, so many a second, as those of its version. */
export class VersionInstance {
  /** Share of the requests that fail, 0..1. */
  failing = 0;
  readonly #version: string;
  readonly #perSecond: () => number;
  #counted = Date.now();
  #served = 0;
  #failed = 0;
  readonly #server = createServer((_request, response) => {
    const requests = ((Date.now() - this.#counted) / 1_000) * this.#perSecond();
    this.#counted = Date.now();
    this.#served += requests * (1 - this.failing);
    this.#failed += requests * this.failing;
    const line = (status: number, value: number) =>
      `http_requests_total{version="${this.#version}",status="${status}"} ${value.toFixed(0)}\n`;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(line(200, this.#served) + line(503, this.#failed));
  });

  constructor(version: string, perSecond: () => number) {
    this.#version = version;
    this.#perSecond = perSecond;
  }

  /** Its host and port. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
