import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseProbe } from '../../../src/doctor/database.ts';
import { openDatabase } from '../../../src/engine/database/open.ts';
import { prepareTables } from '../../../src/engine/migrations/prepare.ts';
import { createEngine } from '../../../src/engine/runs/engine.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { installationSecret } from '../../../src/engine/tables/secrets.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const log = pino({ level: 'silent' });

describe.each([
  ['a database that was used until now', false],
  ['an empty database', true],
])("the bot's role on %s", (_name, isEmpty) => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let url: string;
  const role = `bot_${randomBytes(4).toString('hex')}`;

  beforeAll(async () => {
    database = await freshDatabase();
    if (isEmpty) await database.pool.query('drop schema slipway cascade; drop schema slipway_dbos cascade');
    await database.pool.query(`create role ${role} login password 'p'`);
    url = Object.assign(new URL(database.url), { username: role, password: 'p' }).href;
    pool = new pg.Pool({ connectionString: url, max: 5 });
    await prepareTables({ pool, ownerUrl: database.url }, log);
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
    const server = new pg.Client({
      connectionString: Object.assign(new URL(database.url), { pathname: '/postgres' }).href,
    });
    await server.connect();
    await server.query(`drop role ${role}`);
    await server.end();
  });

  it('does all of the work', async () => {
    const ledger = createLedger({ pool, now: Date.now });
    const request = { service: 'shop', by: 'UANN', bump: 'auto' } as const;
    await ledger.open({ id: 'p1', request, channel: 'C1' });
    await ledger.change('p1', { to: 'awaiting-approval', digest: 'd1' });
    await ledger.vote('p1', { by: 'UBOB', digest: 'd1', decision: 'approve' });
    await ledger.lock({ service: 'shop', owner: 'UANN', reason: 'so' });
    await ledger.unlock('shop', 'UANN');
    await ledger.joinQueue('shop', 'UANN');
    await ledger.once('k');
    expect(await installationSecret(pool, 'buttons')).toHaveLength(32);
    expect(await ledger.verifyAudit()).toMatchObject({ brokenAt: null });

    const done: string[] = [];
    const engine = createEngine({
      database: { kind: 'server', url, pool },
      log,
      now: Date.now,
      flows: {
        promote: async (run, { promotionId }) => {
          await run.step('one', async () => done.push(promotionId));
        },
        rollback: async () => undefined,
      },
      onCrash: async () => undefined,
    });
    await engine.launch();
    await engine.runs.start('promote', 'p1', { promotionId: 'p1' });
    await expect.poll(() => done).toEqual(['p1']);
    expect(await engine.cleanUp(Date.now())).toBeTypeOf('object');
    await engine.shutdown();
    // Nothing is left to do at the next start, and nothing is done as the owner.
    await prepareTables({ pool, ownerUrl: 'postgresql://nobody@127.0.0.1:1/none' }, log);
  });

  it('reads all that a backup reads, also where the rights were given by an earlier version', async () => {
    const sequences = async () => {
      const { rows } = await pool.query<{ name: string }>(
        `select oid::regclass::text as name from pg_class
         where relkind = 'S' and relnamespace in ('slipway'::regnamespace, 'slipway_dbos'::regnamespace)`,
      );
      expect(rows.length).toBeGreaterThan(2);
      for (const { name } of rows) await pool.query(`select last_value from ${name}`);
    };
    await sequences();
    await database.pool.query(`revoke select on all sequences in schema slipway from ${role}`);
    await expect(sequences()).rejects.toMatchObject({ code: '42501' });
    await prepareTables({ pool, ownerUrl: database.url }, log);
    await sequences();
  });

  it('is fine for doctor, which warns of a superuser and of the owner of the audit', async () => {
    const owner = `${role}_owner`;
    await database.pool.query(`create role ${owner}; alter table slipway.events owner to ${owner}`);
    await database.pool.query(`create role ${owner}_member login password 'p' in role ${owner}`);
    const member = Object.assign(new URL(database.url), { username: `${owner}_member`, password: 'p' }).href;
    const said = async (as: string) => {
      const found = await databaseProbe(
        () => openDatabase({ url: as, ownerUrl: database.url, dataDir: '/nowhere', log }),
        Date.now,
      ).look(AbortSignal.timeout(10_000));
      return found.map(({ status, detail }) => `${status} ${detail}`).slice(1);
    };
    expect(await said(url)).toEqual([]);
    expect(await said(member)).toEqual([expect.stringMatching(/^warning .* owns the audit log, so whoever/)]);
    expect(await said(database.url)).toEqual([
      expect.stringMatching(/^warning .* is a superuser, so whoever/),
    ]);
    await database.pool.query(
      `alter table slipway.events owner to current_user; drop role ${owner}_member, ${owner}`,
    );
  });

  it.each([
    'update slipway.events set hash = hash',
    'delete from slipway.events',
    'truncate slipway.events',
    'alter table slipway.events disable trigger all',
    'alter table slipway.events add column x int',
    'drop trigger events_append_only on slipway.events',
    'drop table slipway.events cascade',
    'delete from slipway.chain',
    'insert into slipway.chain (single, seq, hash) values (false, 1, 1)',
    'delete from slipway.approvals',
    'delete from slipway.promotions',
    "update slipway.releases set commit = 'x'",
    "update slipway.own_commits set sha = 'x'",
    'update slipway.migrations set number = 1',
    "update slipway.secrets set value = '\\x00'",
    'create table slipway.x (n int)',
    'create table public.x (n int)',
    'create schema x',
    'create or replace function slipway.refuse_rewriting() returns trigger language plpgsql as $$ begin return null; end $$',
    'drop schema slipway cascade',
    'set session_replication_role = replica',
    "copy slipway.events to program 'true'",
    "copy slipway.events from program 'true'",
    "copy slipway.events to '/tmp/events'",
    'create role x superuser',
    `alter role ${role} superuser`,
    'set role postgres',
    "select pg_read_file('PG_VERSION')",
  ])('may not: %s', async (statement) => {
    await expect(pool.query(statement)).rejects.toMatchObject({
      // Insufficient privilege; a role that does not exist cannot be taken on either.
      code: expect.stringMatching(/^(42501|22023)$/),
    });
  });
});
