import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnTurn } from '../../../../src/adapters/repositories/git/spawn-turns.ts';

const answering = createServer((_asked, answer) => answer.end('ok'));
beforeAll(() => new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => answering.close(resolve)));

/** As long as starting a process holds up the event loop. */
function block(): void {
  const until = performance.now() + 20;
  while (performance.now() < until);
}

test('who asks meanwhile is answered before the crowd of processes is started', async () => {
  const { port } = answering.address() as AddressInfo;
  let started = 0;
  const all = Promise.all(
    Array.from({ length: 40 }, async () => {
      await spawnTurn();
      block();
      started += 1;
    }),
  );
  const before = await new Promise<number>((resolve, reject) => {
    request({ port, host: '127.0.0.1' }, (answer) => {
      answer.resume().on('end', () => resolve(started));
    })
      .on('error', reject)
      .end();
  });
  expect(before).toBeLessThan(20);
  await all;
  expect(started).toBe(40);
});

test('they are started in the order in which they asked', async () => {
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((n) => spawnTurn().then(() => order.push(n))));
  expect(order).toEqual([1, 2, 3]);
});
