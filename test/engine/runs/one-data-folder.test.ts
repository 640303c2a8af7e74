import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { joinReplicas } from '../../../src/engine/runs/replicas.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const join = (kind: 'embedded' | 'server') =>
  joinReplicas({
    database: { kind, url: database.url },
    log: pino({ level: 'silent' }),
    staleMs: 6_000,
    takeOver: async () => 0,
  });

test('a second bot on one data folder is refused, with the process that has it; on a server it is a replica', async () => {
  const first = await join('embedded');
  const refused = await join('embedded').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  const { text, hint } = explain(refused as Refusal);
  expect(text).toBe(`Another Slipway already uses this data folder: process ${process.pid}.`);
  expect(hint).toMatch(/Stop that one first/);
  await first.leave(true);
  const next = await join('embedded');
  expect(next.executorId).toBe('local#1');
  await next.leave(true);

  const replicas = [await join('server'), await join('server')];
  expect(replicas.map(({ executorId }) => executorId.split('#')[1])).toEqual(['1', '2']);
  await Promise.all(replicas.map((one) => one.leave(true)));
});
