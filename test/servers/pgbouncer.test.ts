import { spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { databaseProbe } from '../../src/doctor/database.ts';
import { serverAccount } from '../../src/engine/database/account.ts';
import { openDatabase } from '../../src/engine/database/open.ts';
import { joinReplicas } from '../../src/engine/runs/replicas.ts';
import { freshDatabase } from '../engine/database.ts';
import { describeWith, freePort } from './program.ts';

const log = pino({ level: 'silent' });
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** PgBouncer before a database of the test run's server; its address. */
async function pooled(mode: 'session' | 'transaction'): Promise<string> {
  expect(inject('serverUrl')).toBeTruthy();
  const database = await freshDatabase();
  ends.push(() => database.close());
  const { hostname, port, username, password, pathname } = new URL(database.url);
  const dir = await mkdtemp(join(tmpdir(), 'slipway-pgbouncer-'));
  const own = await freePort();
  const account = serverAccount();
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  await writeFile(
    join(dir, 'pgbouncer.ini'),
    `[databases]
* = host=${hostname} port=${port || 5432} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
server_check_delay = 0
`,
  );
  if (account) await chown(dir, account.uid, account.gid);
  await chmod(dir, 0o755);
  const program = spawn('pgbouncer', [join(dir, 'pgbouncer.ini')], {
    stdio: 'ignore',
    env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    ...as,
  });
  const ended = new Promise((resolve) => program.once('exit', resolve));
  ends.push(async () => {
    program.kill('SIGKILL');
    await ended;
    await rm(dir, { recursive: true, force: true });
  });
  const url = `postgresql://any:any@127.0.0.1:${own}${pathname}`;
  const answers = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('select 1').finally(() => client.end());
  };
  await vi.waitFor(answers, { timeout: 10_000, interval: 100 });
  return url;
}

const joined = (url: string) =>
  joinReplicas({ database: { kind: 'server', url }, log, staleMs: 6_000, takeOver: async () => 0 });
const found = async (url: string) => {
  const probe = databaseProbe(() => openDatabase({ url, dataDir: '/nowhere', log }), Date.now);
  return (await probe.look(AbortSignal.timeout(10_000))).map(({ detail }) => detail).join('\n');
};

describeWith(
  'pgbouncer',
  'pgbouncer',
  '/usr/sbin',
)('PgBouncer', () => {
  test('in transaction mode is refused, and found by doctor', async () => {
    const url = await pooled('transaction');
    await expect(joined(url)).rejects.toMatchObject({ code: 'database-pooled' });
    expect(await found(url)).toContain('gives each transaction another connection');
  });

  test('in session mode is as good as the server', async () => {
    const url = await pooled('session');
    const replica = await joined(url);
    expect(replica.isFresh()).toBe(true);
    expect(await found(url)).not.toContain('gives each transaction another connection');
    await replica.leave(true);
  });
});
