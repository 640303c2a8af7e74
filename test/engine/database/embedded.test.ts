import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../src/engine/database/open.ts';
import { isPostgres, stopPostmaster } from '../../../src/engine/database/postmaster.ts';
import { Child, compileChildren } from '../children.ts';

const log = pino({ level: 'silent' });

describe('the embedded database', () => {
  let children: { readonly dir: string; remove(): void };
  const dirs: string[] = [];
  const alive: Child[] = [];

  /** A data folder whose database was made and stopped, to be copied: to make one takes a second or two. */
  let made = '';

  beforeAll(async () => {
    made = mkdtempSync(join(tmpdir(), 'slipway-embedded-'));
    const [compiled, database] = await Promise.all([compileChildren(), openDatabase({ dataDir: made, log })]);
    children = compiled;
    await database.close();
  });
  afterEach(async () => {
    await Promise.all(alive.splice(0).map((child) => child.kill()));
    for (const dir of dirs.splice(0)) {
      await stopPostmaster(join(dir, 'postgres', 'data'));
      rmSync(dir, { recursive: true, force: true });
    }
  });
  afterAll(() => {
    children.remove();
    rmSync(made, { recursive: true, force: true });
  });

  /** An empty data folder. */
  const folder = () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-embedded-'));
    dirs.push(dir);
    return dir;
  };
  /** A data folder with a database that was stopped in order. */
  const stopped = () => {
    const dir = folder();
    execFileSync('cp', ['-a', `${made}/.`, dir]);
    return dir;
  };
  const start = async (dataDir: string) => {
    const child = new Child(children.dir, 'database', { dataDir });
    alive.push(child);
    await child.said('ready');
    const [, pid, port] = /server (\d+) on (\d+)/.exec(child.lines.join('\n')) ?? [];
    return { child, pid: Number(pid), port: Number(port) };
  };

  it('outlives a bot that is killed, serves the next one, and stops with it', async () => {
    const dir = stopped();
    const first = await start(dir);
    await first.child.kill('SIGKILL');
    expect(isPostgres(first.pid)).toBe(true);
    const second = await start(dir);
    expect([second.pid, second.port]).toEqual([first.pid, first.port]);
    await second.child.kill('SIGTERM');
    expect(second.child.lines).toContain('closed');
    expect(isPostgres(first.pid)).toBe(false);
    const third = await start(dir);
    expect(third.pid).not.toBe(first.pid);
    expect(third.port).toBe(first.port);
  });

  it('keeps running for another process that uses it', async () => {
    const dir = folder();
    const [first, second] = await Promise.all([start(dir), start(dir)]);
    expect(second.pid).toBe(first.pid);
    await first.child.kill('SIGTERM');
    expect(isPostgres(first.pid)).toBe(true);
    await second.child.kill('SIGTERM');
    expect(isPostgres(first.pid)).toBe(false);
  });

  /** Asks as the role that owns the database. */
  const asOwner = async <Row extends pg.QueryResultRow>(database: Database, statement: string) => {
    const client = new pg.Client({ connectionString: database.ownerUrl ?? '' });
    await client.connect();
    try {
      return await client.query<Row>(statement);
    } finally {
      await client.end();
    }
  };

  it('keeps what was stored, and its files to itself', async () => {
    const dataDir = folder();
    const first = await openDatabase({ dataDir, log });
    await asOwner(first, "create table t as select 'é 💥'::text as word; grant select on t to public");
    await first.close();
    const second = await openDatabase({ dataDir, log });
    const { rows } = await second.pool.query(
      "select word, current_setting('server_encoding') as encoding, inet_server_addr()::text as address from t",
    );
    expect(rows).toEqual([{ word: 'é 💥', encoding: 'UTF8', address: '127.0.0.1/32' }]);
    expect(second.kind).toBe('embedded');
    await second.close();
    expect(statSync(join(dataDir, 'postgres')).mode & 0o077).toBe(0);
    const access = join(dataDir, 'postgres', 'access.json');
    expect(statSync(access).mode & 0o777).toBe(0o600);
    const { password } = JSON.parse(readFileSync(access, 'utf8')) as { password: string };
    expect(password.length).toBeGreaterThan(24);
    expect(readFileSync(join(dataDir, 'postgres', 'postgres.log'), 'utf8')).not.toContain(password);
  });

  it('lets the bot in as a role that is nobody, also where the bot was the superuser before', async () => {
    const dataDir = stopped();
    const access = join(dataDir, 'postgres', 'access.json');
    const { botPassword, ...before } = JSON.parse(readFileSync(access, 'utf8')) as { botPassword: string };
    writeFileSync(access, JSON.stringify(before));
    const database = await openDatabase({ dataDir, log });
    const { rows } = await database.pool.query(
      'select rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication from pg_roles where rolname = session_user',
    );
    expect(rows).toEqual([
      {
        rolname: 'slipway_bot',
        rolsuper: false,
        rolcreatedb: false,
        rolcreaterole: false,
        rolreplication: false,
      },
    ]);
    expect((JSON.parse(readFileSync(access, 'utf8')) as { botPassword: string }).botPassword).not.toBe(
      botPassword,
    );
    await expect(database.pool.query("copy (select 1) to program 'true'")).rejects.toMatchObject({
      code: '42501',
    });
    await expect(database.pool.query("select pg_read_file('postmaster.pid')")).rejects.toMatchObject({
      code: '42501',
    });
    await database.close();
  });

  it('starts although a file says that some other process is the server', async () => {
    const dataDir = stopped();
    // As after a crash of the machine: the file is still there, its pid belongs to something else by now.
    writeFileSync(
      join(dataDir, 'postgres', 'data', 'postmaster.pid'),
      [process.pid, join(dataDir, 'postgres', 'data'), 1, 1, '', '127.0.0.1', '', 'ready   ', ''].join('\n'),
    );
    const second = await openDatabase({ dataDir, log });
    await second.close();
  });

  it('goes to another port when its own is taken', async () => {
    const dataDir = stopped();
    const first = await openDatabase({ dataDir, log });
    const port = Number(new URL(first.url).port);
    await first.close();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    const second = await openDatabase({ dataDir, log });
    expect(Number(new URL(second.url).port)).not.toBe(port);
    await second.close();
    squatter.close();
  });

  it('comes back by itself when it is killed, and nobody falls over', async () => {
    const dataDir = stopped();
    const database = await openDatabase({ dataDir, log });
    const held = await database.pool.connect();
    const { rows } = await asOwner<{ pid: number }>(
      database,
      `select (regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1]::int as pid`,
    );
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    await expect
      .poll(() =>
        held.query('select 1').then(
          () => 'ok',
          () => 'lost',
        ),
      )
      .toBe('lost');
    held.release(true);
    await expect
      .poll(
        () =>
          database.pool.query('select 1').then(
            () => 'ok',
            () => 'lost',
          ),
        { timeout: 15_000, interval: 200 },
      )
      .toBe('ok');
    await database.close();
  });

  it('says so when the file with its password is gone', async () => {
    const dataDir = stopped();
    rmSync(join(dataDir, 'postgres', 'access.json'));
    await expect(openDatabase({ dataDir, log })).rejects.toMatchObject({ code: 'embedded-database-access' });
    expect(existsSync(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).toBe(true);
  });

  it('says what the server said when it does not start', async () => {
    const dataDir = stopped();
    writeFileSync(join(dataDir, 'postgres', 'data', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(openDatabase({ dataDir, log })).rejects.toMatchObject({
      code: 'embedded-database-failed',
      facts: { reason: expect.stringMatching(/configuration file|no_such_setting/) },
    });
  });

  it.runIf(process.getuid?.() === 0)(
    'lives elsewhere when its account cannot reach the data folder',
    async () => {
      const home = folder();
      const dataDir = join(home, 'data');
      mkdirSync(dataDir);
      const database = await openDatabase({ dataDir, log });
      const { rows } = await asOwner<{ place: string }>(
        database,
        "select current_setting('data_directory') as place",
      );
      const place = rows[0]?.place ?? '';
      await database.close();
      expect(place.startsWith(home)).toBe(false);
      expect(statSync(join(place, '..')).mode & 0o077).toBe(0);
      const again = await openDatabase({ dataDir, log });
      await again.close();
      rmSync(join(place, '..'), { recursive: true, force: true });
    },
  );
});
