import { hostname } from 'node:os';
import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mustStillAct } from '../../../src/domain/operations/acting.ts';
import { lockKey } from '../../../src/engine/database/place-lock.ts';
import { createEngine, type Engine } from '../../../src/engine/runs/engine.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

/** A step that stood still while others went on with its run changes nothing outside when it wakes. */

const logged: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
let database: TestDatabase;
let engine: Engine | null = null;
const acted: string[] = [];
let wake = () => undefined as void;
let entered = 0;

beforeEach(async () => {
  database = await freshDatabase();
  acted.length = 0;
  logged.length = 0;
  entered = 0;
  engine = createEngine({
    database: { kind: 'server', url: database.url, pool: database.pool },
    log,
    now: Date.now,
    graceMs: 4_000,
    staleMs: 1_000,
    onCrash: async () => undefined,
    flows: {
      promote: async (run) => {
        await run.step('deploy', async () => {
          entered += 1;
          const nth = entered;
          if (nth === 1) await new Promise<void>((resolve) => (wake = resolve));
          await mustStillAct();
          acted.push(`try ${nth}`);
        });
      },
      rollback: async (run) => {
        await run.wait(60_000);
        await run.step('late', async () => void acted.push('late'));
      },
    },
  });
  await engine.launch();
  await engine.runs.start('promote', 'p', { promotionId: 'p' });
  await vi.waitFor(() => expect(entered).toBe(1), 10_000);
});
afterEach(async () => {
  await engine?.shutdown();
  await database.close();
});

const losesItsPlace = () =>
  database.pool.query(
    `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and datname = current_database() and pid <> pg_backend_pid()`,
  );

test('another replica has the run', async () => {
  await losesItsPlace();
  await database.pool.query(
    "update slipway_dbos.workflow_status set executor_id = 'other#1' where workflow_uuid = 'p'",
  );
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  wake();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(acted).toEqual([]);
}, 30_000);

test('this process has it again, in another execution: only that one acts', async () => {
  await database.pool.query(
    "update slipway_dbos.workflow_status set status = 'ENQUEUED', queue_name = '_dbos_internal_queue' where workflow_uuid = 'p'",
  );
  await vi.waitFor(() => expect(acted).toEqual(['try 2']), 15_000);
  wake();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(acted).toEqual(['try 2']);
}, 30_000);

test('nobody else had it: the step goes on', async () => {
  await losesItsPlace();
  await new Promise((resolve) => setTimeout(resolve, 500));
  wake();
  await vi.waitFor(() => expect(acted).toEqual(['try 1']), 10_000);
}, 30_000);

test.each([
  ['free again', true],
  ['taken', false],
])(
  'a step that waits for its place when the process is to end does not begin, with the place %s',
  async (_what, isFree) => {
    wake();
    await vi.waitFor(() => expect(acted).toEqual(['try 1']), 5_000);
    await engine?.runs.start('rollback', 'r', { promotionId: 'p', by: null, reason: 'orders fail' });
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    const taken = other.query('select pg_advisory_lock($1)', [lockKey(`${hostname()}#1`)]);
    await losesItsPlace();
    await taken;
    await vi.waitFor(() => expect(engine?.isInPlace()).toBe(false), 5_000);
    await engine?.runs.send('r', { kind: 'vote' }, 'k');
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    const began = performance.now();
    const left = engine?.shutdown();
    if (isFree) await other.end();
    await left;
    expect(performance.now() - began).toBeLessThan(3_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    logged.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(acted).toEqual(['try 1']);
    expect(logged).toEqual([]);
    if (!isFree) await other.end();
  },
  30_000,
);
