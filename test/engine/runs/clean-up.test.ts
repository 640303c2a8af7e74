import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { createEngine, type Engine } from '../../../src/engine/runs/engine.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { cleanUpToday } from '../../../src/jobs/clean-up.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const DAY_MS = 86_400_000;

describe('the clean-up', () => {
  const log = pino({ level: 'silent' });
  let database: TestDatabase;
  let engine: Engine;
  let ledger: Ledger;
  let now: number;
  const ended: string[] = [];

  beforeEach(async () => {
    database = await freshDatabase();
    ended.length = 0;
    now = Date.now();
    ledger = createLedger({ pool: database.pool, now: () => now });
    engine = createEngine({
      database: { kind: 'embedded', ...database },
      log,
      now: () => now,
      onCrash: async () => undefined,
      flows: {
        promote: async (run) => {
          await run.step('a', async () => 'a');
          await run.wait(60_000);
          ended.push(run.id);
        },
        rollback: async (run) => {
          await run.step('back', () =>
            ledger.change(run.id.replace(/-rollback.*/, ''), { to: 'rolled-back' }),
          );
          ended.push(run.id);
        },
      },
    });
    await engine.launch();
  });
  afterEach(async () => {
    await engine.shutdown();
    await database.close();
  });

  /** A promotion that was touched for the last time so many days ago, with all that belongs to one. */
  const promotion = async (id: string, options: { days: number; state: PromotionState; ends: boolean }) => {
    const present = now;
    now = present - options.days * DAY_MS;
    await ledger.open({ id, request: { service: id, bump: 'auto', by: 'UANN' }, channel: 'C1' });
    await ledger.change(id, { to: 'awaiting-approval', digest: 'd' });
    await ledger.vote(id, { by: 'UBOB', digest: 'd', decision: 'approve' });
    const at = new Date(now).toISOString();
    await ledger.addSamples(id, [{ phase: 'after', at, seconds: 30, total: 1, errors: 0 } as never]);
    await createOutbox({ database, now: () => now, log }).put(id, 'k', { kind: 'shipped' } as never);
    await ledger.change(id, { to: options.state });
    await engine.runs.start('promote', id, { promotionId: id });
    if (options.ends) {
      await engine.runs.send(id, { kind: 'hold', by: 'UANN' }, `${id} first`);
      // Over is a run when the journal says so, a moment after its last line.
      const statusOf = async () => {
        const { rows } = await database.pool.query<{ status: string }>(
          'select status from slipway_dbos.workflow_status where workflow_uuid = $1',
          [id],
        );
        return rows[0]?.status;
      };
      await vi.waitFor(async () => expect(await statusOf()).toBe('SUCCESS'), {
        timeout: 10_000,
        interval: 5,
      });
    }
    now = present;
  };
  const sent = () => database.pool.query("update slipway.notices set ts = '1.2'");
  const left = async (table: string, column = 'promotion_id') => {
    const { rows } = await database.pool.query<{ id: string }>(
      `select distinct ${column} as id from ${table} order by 1`,
    );
    return rows.map(({ id }) => id);
  };
  const journal = async () => ({
    status: await left('slipway_dbos.workflow_status', 'workflow_uuid'),
    steps: await left('slipway_dbos.operation_outputs', 'workflow_uuid'),
    inputs: await left('slipway_dbos.workflow_input', 'workflow_uuid'),
    messages: await left('slipway_dbos.notifications', 'destination_uuid'),
  });
  const whole = (...ids: string[]) => ({ status: ids, steps: ids, inputs: ids, messages: ids });
  /** Runs end now by the clock of the database, so what is old is told by the promotion. */
  const soon = () => Date.now() + 60_000;

  it('removes what was over long ago, and nothing of what is open or recent', async () => {
    now = soon() + 2 * DAY_MS;
    await promotion('old', { days: 40, state: 'shipped', ends: true });
    await promotion('failed', { days: 31, state: 'failed', ends: true });
    await promotion('recent', { days: 0, state: 'shipped', ends: true });
    await promotion('open', { days: 40, state: 'monitoring', ends: true });
    await promotion('crashed', { days: 40, state: 'shipped', ends: true });
    await database.pool.query("update slipway.promotions set state = 'deploying' where id = 'crashed'");
    await sent();
    await promotion('unsent', { days: 40, state: 'shipped', ends: true });

    expect(await engine.cleanUp(now - DAY_MS)).toEqual({ runs: 3, samples: 3, notices: 2, isAll: true });
    const stay = ['crashed', 'open', 'recent'];
    expect(await journal()).toEqual(whole(...stay));
    expect(await left('slipway.samples')).toEqual(stay);
    expect(await left('slipway.notices')).toEqual([...stay, 'unsent']);
    const all = ['crashed', 'failed', 'old', 'open', 'recent', 'unsent'];
    expect(await left('slipway.promotions', 'id')).toEqual(all);
    expect(await left('slipway.approvals')).toEqual(all);
    expect(await ledger.verifyAudit()).toMatchObject({ brokenAt: null });
    expect(await engine.cleanUp(now - DAY_MS)).toEqual({ runs: 0, samples: 0, notices: 0, isAll: true });
  });

  it('leaves runs that have not ended, and those that ended just now', async () => {
    await promotion('old', { days: 40, state: 'shipped', ends: true });
    expect((await engine.cleanUp(now - 30 * DAY_MS)).runs).toBe(0);
    await promotion('running', { days: 40, state: 'shipped', ends: false });
    expect((await engine.cleanUp(soon())).runs).toBe(1);
    expect((await journal()).status).toEqual(['running']);
  });

  it('goes through more than one batch, past those that stay', async () => {
    for (let number = 0; number < 120; number += 1) {
      const id = `p${String(number).padStart(3, '0')}`;
      await promotion(id, { days: 40, state: number % 3 === 0 ? 'monitoring' : 'shipped', ends: true });
    }
    const both = await Promise.all([engine.cleanUp(soon()), engine.cleanUp(soon())]);
    // Two replicas at once share the work, and may step over a few; the next time finds them.
    const all = [...both, await engine.cleanUp(soon())];
    expect(all.reduce((sum, { runs }) => sum + runs, 0)).toBeGreaterThanOrEqual(80);
    expect((await journal()).status).toHaveLength(40);
  }, 60_000);

  it('does not stand in the way of a rollback', async () => {
    await promotion('old', { days: 40, state: 'shipped', ends: true });
    await sent();
    expect((await engine.cleanUp(soon())).runs).toBe(1);
    await ledger.change('old', { from: ['shipped'], to: 'rolling-back', data: { run: 'old-rollback-3' } });
    await engine.runs.start('rollback', 'old-rollback-3', { promotionId: 'old', by: 'UANN', reason: 'late' });
    await vi.waitFor(() => expect(ended).toContain('old-rollback-3'), 10_000);
    expect((await ledger.get('old')).state).toBe('rolled-back');
    expect(await ledger.approvals('old')).toHaveLength(1);
  });

  it('removes plans that are settled, keys that count no more, and offers that nobody asks for', async () => {
    const present = now;
    const before = present - 30 * DAY_MS;
    const rows = async (table: string) =>
      Number((await database.pool.query(`select count(*) as n from slipway.${table}`)).rows[0].n);
    const plan = (id: string, service: string) =>
      ledger.plan({ id, by: 'UANN', channel: 'C1', services: [{ service }] } as never);
    now = present - 40 * DAY_MS;
    await plan('settled', 'shop');
    await plan('waiting', 'api');
    await ledger.changeSequence('settled', (sequence) => ({
      sequence: { ...sequence, end: { kind: 'cancelled' } } as never,
      isSettled: true,
    }));
    for (const key of ['asked', 'forgotten']) {
      expect(await ledger.tryOffer(key, 1_000)).toBe(true);
      await ledger.offerMade(key);
    }
    await ledger.once('old');
    now = present - 10 * DAY_MS;
    // What is ready is still looked at: it was offered, and is not offered again.
    expect(await ledger.tryOffer('asked', 1_000)).toBe(false);
    now = present - DAY_MS;
    await ledger.once('recent');
    now = present;

    await engine.cleanUp(before);
    expect(await left('slipway.sequences', 'id')).toEqual(['waiting']);
    expect(await rows('offers')).toBe(1);
    expect(await ledger.tryOffer('asked', 1_000)).toBe(false);
    expect(await rows('once')).toBe(1);
    // However short `keep` is, what Slack may send again is known for a week.
    await engine.cleanUp(present);
    expect(await ledger.once('recent')).toBe(false);
    expect(await left('slipway.sequences', 'id')).toEqual(['waiting']);
  });

  it('happens once a day, whoever asks', async () => {
    const cleanUp = vi.fn(async (_before: number) => ({ isAll: true }));
    const other = createLedger({ pool: database.pool, now: () => now });
    const options = { cleanUp, keepMs: 30 * DAY_MS, log };
    const ask = (at: string, by: Ledger) => {
      now = Date.parse(at);
      return cleanUpToday({ ...options, requests: { ledger: by, now: () => now } });
    };
    await ask('2026-11-20T00:23:00Z', ledger);
    await ask('2026-11-20T01:23:00Z', other);
    await ask('2026-11-20T23:23:00Z', ledger);
    await ask('2026-11-21T00:23:00Z', other);
    const before = cleanUp.mock.calls.map(([at]) => new Date(at).toISOString());
    expect(before).toEqual(['2026-10-21T00:23:00.000Z', '2026-10-22T00:23:00.000Z']);
  });

  it('removes a day of the largest installation, and goes on with what is left where it has to stop', async () => {
    await promotion('old', { days: 40, state: 'shipped', ends: true });
    const count = async () =>
      Number((await database.pool.query('select count(*) as n from slipway.samples')).rows[0].n);
    const { rows } = await database.pool.query<{ name: string }>(
      `select column_name as name from information_schema.columns
        where table_schema = 'slipway' and table_name = 'samples' and column_name <> 'seq'`,
    );
    const columns = rows.map(({ name }) => `"${name}"`);
    const copied = columns.map((name) =>
      name === '"at"' ? `s."at" + n * interval '1 second'` : `s.${name}`,
    );
    await database.pool.query(
      `insert into slipway.samples (${columns.join(', ')})
        select ${copied.join(', ')} from slipway.samples s, generate_series(1, 204000) n`,
    );
    expect(await engine.cleanUp(soon(), AbortSignal.abort())).toMatchObject({ samples: 0, isAll: false });
    const stopping = new AbortController();
    const begun = engine.cleanUp(soon(), stopping.signal);
    await vi.waitFor(async () => expect(await count()).toBeLessThan(204_001), { timeout: 20_000 });
    stopping.abort();
    expect(await begun).toMatchObject({ isAll: false });
    const left = await count();
    expect(left).toBeGreaterThan(0);
    expect(await engine.cleanUp(soon())).toMatchObject({ samples: left, isAll: true });
    expect(await count()).toBe(0);
  }, 120_000);

  it('is not done for the day while something is left', async () => {
    const some = vi.fn(async (_before: number) => ({ isAll: false }));
    for (const at of ['2026-11-20T00:23:00Z', '2026-11-20T01:23:00Z', '2026-11-20T02:23:00Z']) {
      now = Date.parse(at);
      await cleanUpToday({ cleanUp: some, keepMs: DAY_MS, log, requests: { ledger, now: () => now } });
    }
    expect(some).toHaveBeenCalledTimes(3);
  });

  it('happens again within the hour when it was broken off', async () => {
    const broken = vi.fn(async (_before: number) => Promise.reject(new Unavailable('the database', 'away')));
    const whole = vi.fn(async (_before: number) => ({ isAll: true }));
    const ask = (at: string, cleanUp: (before: number) => Promise<{ isAll: boolean }>) => {
      now = Date.parse(at);
      return cleanUpToday({ cleanUp, keepMs: DAY_MS, log, requests: { ledger, now: () => now } });
    };
    await expect(ask('2026-11-20T00:23:00Z', broken)).rejects.toThrow('the database');
    // A replica that asks at the same time leaves it to the one that has begun.
    await ask('2026-11-20T00:23:01Z', whole);
    expect(whole).not.toHaveBeenCalled();
    await ask('2026-11-20T01:22:59Z', whole);
    await ask('2026-11-20T02:23:00Z', whole);
    expect(whole).toHaveBeenCalledTimes(1);
  });
});
