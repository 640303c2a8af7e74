import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serveOperations } from '../../../src/app/operations/server.ts';

let server: Awaited<ReturnType<typeof serveOperations>>;
const sockets: Socket[] = [];
beforeEach(async () => {
  const never = () => Promise.reject(new Error('not asked'));
  server = await serveOperations(
    { host: '127.0.0.1', port: 0 },
    { readiness: never, metrics: never, api: never },
    pino({ level: 'silent' }),
  );
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** Connections that say this and then nothing. */
async function hold(count: number, says = ''): Promise<void> {
  const opened = Array.from({ length: count }, () => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    if (says !== '') socket.write(says);
    return once(socket, 'connect');
  });
  await Promise.all(opened);
}

const isAlive = async () => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/healthz`, {
    signal: AbortSignal.timeout(2_000),
    headers: { connection: 'close' },
  });
  return answer.status;
};

test.each([
  ['nothing', ''],
  ['half a request', 'GET /api/v1/status HTTP/1.1\r\nhost: x\r\n'],
  ['a body that does not come', 'POST /api/v1/ship HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n'],
])('says that it lives while others hold connections open with %s', async (_what, says) => {
  for (let round = 0; round < 3; round += 1) {
    await hold(200, says);
    expect(await isAlive()).toBe(200);
  }
});

test('ends connections that say nothing within seconds', async () => {
  await hold(3);
  const ended = vi.fn();
  for (const socket of sockets) socket.resume().once('close', ended);
  await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(3), { timeout: 9_000 });
}, 15_000);
