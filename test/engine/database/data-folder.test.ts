import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { serverAccount } from '../../../src/engine/database/account.ts';
import { findBinaries } from '../../../src/engine/database/binaries.ts';
import { type Database, openDatabase } from '../../../src/engine/database/open.ts';
import { lockKey } from '../../../src/engine/database/place-lock.ts';
import { isPostgres, readPostmaster, stopPostmaster } from '../../../src/engine/database/postmaster.ts';
import { launch } from '../../../src/engine/database/server-process.ts';
import { serverSettings } from '../../../src/engine/database/settings.ts';
import { Child, compileChildren } from '../children.ts';

/** Who has the data folder of an embedded database: one server at a time, whatever died, and whoever else is there. */

const lines: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
const tables = { schemas: [], bring: async () => undefined };
const ends: (() => unknown)[] = [];
let children: { readonly dir: string; remove(): void };
let made = '';

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'slipway-folder-'));
  const [compiled, database] = await Promise.all([compileChildren(), openDatabase({ dataDir: made, log })]);
  children = compiled;
  await database.close();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  lines.length = 0;
});
afterAll(() => {
  children.remove();
  rmSync(made, { recursive: true, force: true });
});

/** A data folder whose database was stopped in order. */
function stopped() {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-folder-'));
  execFileSync('cp', ['-a', `${made}/.`, dataDir]);
  const home = join(dataDir, 'postgres');
  const data = join(home, 'data');
  ends.push(async () => {
    await stopPostmaster(`${data}.upgrading`);
    await stopPostmaster(data);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { dataDir, home, data };
}
async function opened(dataDir: string, options: Partial<Parameters<typeof openDatabase>[0]> = {}) {
  const database = await openDatabase({ dataDir, log, ...options });
  ends.push(() => database.close());
  return database;
}
function child(dataDir: string, within: readonly string[] = []) {
  const started = new Child(children.dir, 'database', { dataDir }, within);
  ends.push(() => started.kill('SIGKILL'));
  return started;
}
const asOwner = async (database: Database, statement: string) => {
  const client = new pg.Client({ connectionString: database.ownerUrl ?? '' });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
};
const pidOf = (data: string) => readPostmaster(data)?.pid ?? 0;

const ELSEWHERE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] as const;
const canUnshare = spawnSync(ELSEWHERE[0], [...ELSEWHERE.slice(1), 'true']).status === 0;

test.skipIf(!canUnshare)(
  'a container on the same folder is refused while the server lives, and starts when it is gone',
  async () => {
    const { dataDir, data } = stopped();
    const first = child(dataDir);
    await first.said('ready');
    const pid = pidOf(data);
    const before = readFileSync(join(data, 'postmaster.pid'), 'utf8');
    const refused = async () => {
      const second = child(dataDir, ELSEWHERE);
      await second.exited;
      expect(second.lines.join('\n')).toMatch(/refused data-folder-in-use .*process \d+ on /);
      expect(readFileSync(join(data, 'postmaster.pid'), 'utf8')).toBe(before);
      expect(isPostgres(pid)).toBe(true);
    };
    await refused();
    // The server outlives the bot, and no pid says so over there.
    await first.kill('SIGKILL');
    await refused();
    process.kill(pid, 'SIGKILL');
    const third = child(dataDir, ELSEWHERE);
    await third.said('ready', 30_000);
  },
  90_000,
);

test('whoever cannot be seen has the folder as long as there are signs of life', async () => {
  const { dataDir, home } = stopped();
  const owner = join(home, 'owner.json');
  writeFileSync(owner, JSON.stringify({ space: 'another machine', host: 'blue', pid: 1 }));
  const beat = setInterval(() => utimesSync(owner, new Date(), new Date()), 500);
  await expect(openDatabase({ dataDir, log })).rejects.toMatchObject({
    code: 'data-folder-in-use',
    facts: { process: 'process 1 on blue' },
  });
  clearInterval(beat);
  const began = performance.now();
  await opened(dataDir);
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(readFileSync(owner, 'utf8')).not.toContain('blue');
}, 60_000);

test('who finds the folder taken by somebody else ends the own server', async () => {
  const { dataDir, home, data } = stopped();
  await opened(dataDir);
  const pid = pidOf(data);
  writeFileSync(join(home, 'owner.json'), JSON.stringify({ space: 'another machine', host: 'blue', pid: 1 }));
  await vi.waitUntil(() => !isPostgres(pid), 15_000);
  await vi.waitUntil(() => lines.some((line) => line.includes('data-folder-in-use')), 15_000);
}, 60_000);

test('locks that a full disk left empty hold nobody up', async () => {
  const { dataDir, home, data } = stopped();
  writeFileSync(join(home, 'start.lock'), '');
  writeFileSync(join(data, 'postmaster.pid'), '');
  const began = performance.now();
  await opened(dataDir);
  expect(performance.now() - began).toBeLessThan(20_000);
}, 60_000);

test.skipIf(process.env['TEST_DATABASE_URL'] !== undefined)(
  'the pid of the last server is that of another PostgreSQL by now',
  async () => {
    const { dataDir, data } = stopped();
    const client = new pg.Client({ connectionString: inject('serverUrl') });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      `select (regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1]::int as pid`,
    );
    await client.end();
    const theirs = rows[0]?.pid ?? 0;
    const file = [theirs, data, 1, 1, '', '127.0.0.1', '', 'starting', ''].join('\n');
    writeFileSync(join(data, 'postmaster.pid'), file);
    const began = performance.now();
    await opened(dataDir);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(isPostgres(theirs)).toBe(true);
  },
  60_000,
);

test('a server whose port is taken while it is down comes back on that one, and the log says why it waits once', async () => {
  const { dataDir, data } = stopped();
  const database = await opened(dataDir);
  const port = Number(new URL(database.url).port);
  process.kill(pidOf(data), 'SIGKILL');
  const squatter = await squat(port);
  await vi.waitUntil(() => lines.some((line) => line.includes('embedded-database-port')), 15_000);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(lines.filter((line) => line.includes('does not start again'))).toHaveLength(1);
  await new Promise((resolve) => squatter.close(resolve));
  await vi.waitFor(() => database.pool.query('select 1'), { timeout: 20_000, interval: 200 });
}, 90_000);

async function squat(port: number): Promise<Server> {
  for (;;) {
    const server = createServer();
    const isThere = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (isThere) return server;
  }
}

test('who gets no connection does not stop the server of others', async () => {
  const { dataDir, data } = stopped();
  const other = child(dataDir);
  await other.said('ready');
  const database = await openDatabase({ dataDir, log });
  await asOwner(database, 'alter role slipway_bot connection limit 0');
  await asOwner(
    database,
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'slipway_bot' and application_name like 'slipway " +
      `${process.pid} %'`,
  );
  await vi.waitFor(() => expect(database.pool.query('select 1')).rejects.toMatchObject({ code: '53300' }));
  await database.close();
  expect(isPostgres(pidOf(data))).toBe(true);
}, 60_000);

test('a second bot is refused before it changes anything', async () => {
  const { dataDir, data } = stopped();
  const database = await opened(dataDir);
  const first = new pg.Client({ connectionString: database.url, application_name: 'slipway 4242 ab' });
  await first.connect();
  ends.push(() => first.end());
  await first.query('select pg_advisory_lock($1)', [lockKey('local#1')]);
  await expect(openDatabase({ dataDir, log, tables })).rejects.toMatchObject({
    code: 'data-folder-in-use',
    facts: { process: 'process 4242' },
  });
  expect(isPostgres(pidOf(data))).toBe(true);
  // Whoever only looks may.
  await opened(dataDir);
}, 60_000);

test('a server of an older version that a broken copy left behind is not taken for ours', async () => {
  const { dataDir, home, data } = stopped();
  const account = serverAccount();
  const { postgres } = findBinaries(home, account);
  const server = { home, data, account, durable: false };
  const access = JSON.parse(readFileSync(join(home, 'access.json'), 'utf8')) as { port: number };
  cpSync(data, `${data}.upgrading`, { recursive: true });
  execFileSync('chown', ['-R', String(statSync(data).uid), `${data}.upgrading`]);
  execFileSync('chmod', ['700', `${data}.upgrading`]);
  const free = await squat(0);
  const { port } = free.address() as { port: number };
  free.close();
  await launch(server, postgres, data, serverSettings(access.port, false));
  await launch(server, postgres, `${data}.upgrading`, serverSettings(port, false));
  const pids = [pidOf(data), pidOf(`${data}.upgrading`)];
  writeFileSync(join(data, 'PG_VERSION'), '9\n');

  const user = new pg.Client({
    connectionString: `postgresql://slipway:${(access as unknown as { password: string }).password}@127.0.0.1:${access.port}/postgres`,
    application_name: 'slipway 4242 ab',
  });
  user.on('error', () => undefined);
  await user.connect();
  await expect(openDatabase({ dataDir, log, tables })).rejects.toMatchObject({ code: 'data-folder-in-use' });
  expect(isPostgres(pids[0] ?? 0)).toBe(true);
  await user.end();
  await expect(openDatabase({ dataDir, log, tables })).rejects.toMatchObject({
    code: 'embedded-database-older',
  });
  expect(pids.map(isPostgres)).toEqual([false, false]);
}, 90_000);
