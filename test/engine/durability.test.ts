import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { sampled } from '../support/whole.ts';
import { Child, compileChildren } from './children.ts';
import type { TestDatabase } from './database.ts';
import { freshDatabase } from './database.ts';

/** Flows in processes that are killed; see child/flow.ts for the flow. */
describe('flows on PostgreSQL', () => {
  let children: { readonly dir: string; remove(): void };
  const databases: TestDatabase[] = [];
  const alive: Child[] = [];

  beforeAll(async () => {
    children = await compileChildren();
  });
  afterEach(async () => {
    await Promise.all(alive.splice(0).map((child) => child.kill()));
    await Promise.all(databases.splice(0).map((database) => database.close()));
  });
  afterAll(() => children.remove());

  const prepare = async () => {
    const database = await freshDatabase();
    databases.push(database);
    await database.pool.query(`
      create table attempts (run text, step text);
      create table effects (run text, step text, primary key (run, step));
      create table ends (run text primary key, told json)`);
    return database;
  };
  const start = (orders: object) => {
    const child = new Child(children.dir, 'flow', orders);
    alive.push(child);
    return child;
  };
  const counts = async (database: TestDatabase, table: 'attempts' | 'effects', run: string) => {
    const { rows } = await database.pool.query<{ step: string; n: number }>(
      `select step, count(*)::int as n from ${table} where run = $1 group by step order by step`,
      [run],
    );
    return Object.fromEntries(rows.map((row) => [row.step, row.n]));
  };
  const told = async (database: TestDatabase, run: string) => {
    const { rows } = await database.pool.query<{ told: Record<string, unknown> }>(
      'select told from ends where run = $1',
      [run],
    );
    return rows[0]?.told;
  };

  it('goes on after kill -9 at every step, with one effect each', async () => {
    const database = await prepare();
    const { url } = database;
    const steps = ['a', 'b', 'c', 'd'] as const;
    const deaths = sampled(
      ['a before', 'a after', 'b before', 'b after', 'waiting', 'c before', 'c after', 'd before', 'd after'],
      (death) => death.split(' '),
    );
    const wait = deaths.indexOf('waiting');
    const pids: number[] = [];
    for (const [life, dieAt] of deaths.entries()) {
      const child = start({
        url,
        kind: 'embedded',
        dieAt,
        ...(life === 0 ? { start: 'p1' } : {}),
        // The message is sent again by each life after the wait, with the same key.
        send: life > wait ? [{ id: 'p1', by: 'UANN', key: 'k1' }] : [],
      });
      pids.push(child.pid);
      await child.said(`dies ${dieAt}`);
      expect(await child.exited).toBe('SIGKILL');
    }
    const last = start({ url, kind: 'embedded' });
    pids.push(last.pid);
    await last.said('ended p1');
    const diedIn = (step: string) => deaths.filter((death) => death.startsWith(step));
    /** By whom a step was done at last: the life after the last that died in it. */
    const by = (step: string) => `${step} by ${pids[deaths.indexOf(diedIn(step).at(-1) ?? '') + 1]}`;
    expect(await counts(database, 'effects', 'p1')).toEqual({ a: 1, b: 1, c: 1, d: 1 });
    expect(await counts(database, 'attempts', 'p1')).toEqual(
      Object.fromEntries(steps.map((step) => [step, diedIn(step).length + 1])),
    );
    expect(await told(database, 'p1')).toEqual({
      a: by('a'),
      b: by('b'),
      message: { kind: 'hold', by: 'UANN' },
      c: by('c'),
      none: null,
      at: expect.any(Number),
      d: by('d'),
    });
  }, 60_000);

  it('resumes soon after the restart', async () => {
    const database = await prepare();
    const { url } = database;
    const first = start({ url, kind: 'embedded', start: 'p1', dieAt: 'b before' });
    await first.exited;
    const began = performance.now();
    const second = start({ url, kind: 'embedded' });
    await second.said('waiting p1');
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  it('carries the runs of a dead replica over to a living one, and of one that left', async () => {
    const database = await prepare();
    const { url } = database;
    const orders = { url, kind: 'server', staleMs: 1_000 } as const;
    const first = start({ ...orders, start: 'p1' });
    await first.said('waiting p1');
    const second = start({ ...orders, start: 'p2' });
    await second.said('waiting p2');
    await first.kill();
    const third = start({ ...orders, send: [{ id: 'p1', by: 'UBOB', key: 'k' }] });
    await third.said('launched');
    await Promise.race([second.said('ended p1'), third.said('ended p1')]);
    expect(await counts(database, 'attempts', 'p1')).toEqual({ a: 1, b: 1, c: 1, d: 1 });

    await second.kill('SIGTERM');
    expect(second.lines).toContain('left');
    const fourth = start({ ...orders, send: [{ id: 'p2', by: 'UBOB', key: 'k' }] });
    await Promise.race([third.said('ended p2'), fourth.said('ended p2')]);
    expect(await counts(database, 'attempts', 'p2')).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  }, 60_000);

  it('carries over the runs of a replica that is frozen, which does nothing when it wakes', async () => {
    const database = await prepare();
    const orders = { url: database.url, kind: 'server', staleMs: 1_000 } as const;
    const first = start({ ...orders, start: 'p1' });
    await first.said('waiting p1');
    const second = start(orders);
    await second.said('launched');
    first.process.kill('SIGSTOP');
    // The run waits for a message: whoever has it now takes it.
    const third = start({ ...orders, send: [{ id: 'p1', by: 'UBOB', key: 'k' }] });
    await Promise.race([second.said('ended p1'), third.said('ended p1')]);
    first.process.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await counts(database, 'attempts', 'p1')).toEqual({ a: 1, b: 1, c: 1, d: 1 });
    expect(first.lines.filter((line) => /ended|crashed/.test(line))).toEqual([]);
    // It has a place again, and works on.
    const fourth = start({ ...orders, start: 'p3', send: [{ id: 'p3', by: 'UANN', key: 'k' }] });
    await fourth.said('ended p3');
  }, 60_000);

  it('starts many replicas at once on an empty database', async () => {
    const database = await prepare();
    await database.pool.query('drop schema slipway_dbos cascade');
    const all = Array.from({ length: 4 }, (_, index) =>
      start({ url: database.url, kind: 'server', start: `e${index}` }),
    );
    await Promise.all(all.map((one, index) => one.said(`waiting e${index}`)));
  }, 60_000);

  it('keeps one audit chain for many processes', async () => {
    const database = await prepare();
    const { url } = database;
    const writers = Array.from({ length: 4 }, () => new Child(children.dir, 'audit', { url, rows: 50 }));
    alive.push(...writers);
    await Promise.all(writers.map((writer) => writer.said('appended')));
    const ledger = createLedger({ pool: database.pool, now: Date.now });
    expect(await ledger.verifyAudit()).toMatchObject({ rows: 200, brokenAt: null });
    const trail = await ledger.auditTrail({ limit: 500 });
    expect(new Set(trail.map((row) => row.actor)).size).toBe(4);
  });

  it('leaves the runs of a living replica alone', async () => {
    const database = await prepare();
    const { url } = database;
    const orders = { url, kind: 'server', staleMs: 400 } as const;
    const first = start({ ...orders, start: 'p1' });
    await first.said('waiting p1');
    const second = start(orders);
    await second.said('launched');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const third = start({ ...orders, send: [{ id: 'p1', by: 'UANN', key: 'k' }] });
    await first.said('ended p1');
    expect([...second.lines, ...third.lines].filter((line) => line.includes('p1'))).toEqual([]);
    expect(await counts(database, 'attempts', 'p1')).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  }, 60_000);
});
