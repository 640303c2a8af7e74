import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { leave } from '../../src/app/leave.ts';
import { createEngine } from '../../src/engine/runs/engine.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

test('while what was asked for is finished and stored, promotions begin no further step', async () => {
  let begun = 0;
  let ended = 0;
  const engine = createEngine({
    database: { kind: 'server', ...database },
    log,
    now: Date.now,
    onCrash: async () => undefined,
    flows: {
      promote: async (run) => {
        for (let turn = 0; turn < 100; turn += 1) {
          await run.step(`step ${turn}`, async () => {
            begun += 1;
            await new Promise((resolve) => setTimeout(resolve, 300));
            ended += 1;
          });
        }
      },
      rollback: async () => undefined,
    },
  });
  await engine.launch();
  const ledger = createLedger({ pool: database.pool, now: Date.now });
  await ledger.open({ id: 'p', request: { service: 'shop', bump: 'auto', by: 'UANN' }, channel: 'C1' });
  await engine.runs.start('promote', 'p', { promotionId: 'p' });
  await vi.waitFor(() => expect(begun).toBe(2), 10_000);

  const cancel = { kind: 'cancel', by: 'UANN', reason: 'no' } as const;
  const finishHandlers = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const audit = { actor: 'UANN', action: 'thread.cancel', result: 'done' } as const;
    await ledger.claim('p', { key: 'k', message: cancel, from: ['checking'], audit });
    await engine.runs.send('p', cancel, 'k');
  };
  const stopped = { stop: async () => undefined };
  await leave({
    runs: { engine, live: { close: async () => undefined } },
    bot: { bolt: { stop: finishHandlers }, outboxWorker: stopped, homeTabs: stopped },
    jobs: [stopped],
  });
  expect({ begun, ended }).toEqual({ begun: 2, ended: 2 });
  expect(await ledger.undelivered({ run: 'p' })).toMatchObject([{ message: cancel }]);
});
