import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from '../../../src/engine/database/open.ts';
import { createEngine } from '../../../src/engine/runs/engine.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

/** What the bot does by itself once a day, as if the promotion had been over for a month. */
async function cleanUp(url: string) {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ url, dataDir: stage.dir, log });
  const nothing = async () => undefined;
  const engine = createEngine({
    database,
    log,
    now: Date.now,
    flows: { promote: nothing, rollback: nothing },
    onCrash: nothing,
  });
  await engine.launch();
  try {
    return await engine.cleanUp(Date.now() + 60_000);
  } finally {
    await engine.shutdown();
    await database.close();
  }
}

/** What all tables hold, without the room that PostgreSQL keeps for later. */
async function bytesKept(): Promise<number> {
  const tables = await stage.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('slipway', 'slipway_dbos') and tablename not like '%migrations'`,
  );
  const sums = tables.map(({ name }) => `(select coalesce(sum(pg_column_size(t.*)), 0) from ${name} t)`);
  const [kept] = await stage.query<{ bytes: string }>(`select ${sums.join(' + ')} as bytes`);
  return Number(kept?.bytes);
}

test('rolled back from the old thread when the journal of the promotion is gone', async () => {
  const { workspace, shop } = stage;
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  await stage.threadSays(/report/i);
  // The card is shipped a moment before the run is over.
  const underWay = "select from slipway_dbos.workflow_status where status = 'PENDING'";
  await vi.waitFor(async () => expect(await stage.query(underWay)).toHaveLength(0), { timeout: 10_000 });
  await stage.crash(async () => {
    const { runs, samples, notices } = await cleanUp(stage.databaseUrl);
    expect(runs).toBe(1);
    expect(samples).toBeGreaterThan(0);
    expect(notices).toBeGreaterThan(0);
    expect(await stage.query('select from slipway_dbos.operation_outputs')).toHaveLength(0);
    expect(await bytesKept()).toBeLessThan(50_000);
  });
  const before = stage.thread().length;

  workspace.as('linus').say('#ship', 'please revert this', { thread_ts: stage.card().ts });
  const confirmation = await stage.told('linus', /Roll shop back to 1\.2\.0\?/);
  await workspace.as('linus').click(confirmation, 'rollback');
  await stage.cardShows(/Rolled back/);
  expect(shop.control.state().live?.version).toBe('1.2.0');
  expect(stage.cards()).toHaveLength(1);
  expect(stage.thread().length).toBeGreaterThan(before);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1 });
  await stage.expectNothingAmiss();
});
