import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askRedis, redisConnection } from '../../../src/adapters/checks/redis/client.ts';
import { EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { describeWith, freePort } from '../program.ts';
import { Folder, listens, once, Program, postgresPrograms } from './servers.ts';

const BIN = postgresPrograms();
const NOW = Date.parse('2030-01-07T10:00:00Z');
const iso = (msAgo: number) => new Date(NOW - msAgo).toISOString();

const attempt = (settings: Record<string, unknown>, url: string, now = NOW) =>
  checks
    .open(
      checks.settings.parse({ use: 'jobs', url: { env: 'JOBS_URL' }, timeout: '3s', ...settings }),
      adapterContext({ env: { JOBS_URL: url }, now: () => now }),
    )
    .attempt(EXPECTED, AbortSignal.timeout(10_000));

describeWith('redis-server', 'redis-server')('jobs in a real Redis', () => {
  const folder = new Folder();
  let server: Program;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    server = new Program('redis-server', [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder.path,
      '--save',
      '',
    ]);
    await server.ready(() => listens(port));
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  /** What the systems would have written. */
  const write = async (...commands: readonly (readonly string[])[]) => {
    const connection = redisConnection({ url: { env: 'X' } }, adapterContext({ env: { X: url } }));
    const done = await askRedis(connection, 5_000, AbortSignal.timeout(5_000), async (ask) => {
      for (const command of commands) await ask(...command);
      return { ok: true, detail: 'written' };
    });
    expect(done).toMatchObject({ ok: true });
  };
  beforeEach(() => write(['FLUSHALL']));

  test('of BullMQ', async () => {
    await write(
      ['HSET', 'bull:mail:meta', 'version', 'bullmq:5'],
      ['HSET', 'bull:mail:1', 'timestamp', String(NOW - 90_000), 'delay', '0', 'opts', '{"delay":30000}'],
      ['HSET', 'bull:mail:2', 'timestamp', String(NOW - 1_000), 'delay', '0', 'opts', '{}'],
      ['LPUSH', 'bull:mail:wait', '1', '2'],
      ['ZADD', 'bull:mail:prioritized', '1', '2'],
    );
    const settings = { system: 'bullmq', queues: ['mail'] };
    expect(await attempt({ ...settings, 'max-age': '2m' }, url)).toMatchObject({
      ok: true,
      detail: '3 jobs wait, the oldest for 1 min',
    });
    expect(await attempt({ ...settings, 'max-waiting': 2 }, url)).toMatchObject({
      ok: false,
      detail: '3 jobs wait, expected at most 2',
    });
    expect(await attempt({ ...settings, queues: ['mial'], 'max-waiting': 2 }, url)).toMatchObject({
      ok: false,
      unasked: true,
      detail: expect.stringContaining('there is no queue mial in this Redis (prefix bull)'),
    });
  });

  test('of BullMQ, where a job waits from when it fell due, and one that came back does not tell', async () => {
    const HOURS = 3_600_000;
    const job = (id: string, ageMs: number, options = {}, ...more: readonly string[]) => [
      ['HSET', `bull:mail:${id}`, 'timestamp', String(NOW - ageMs), 'opts', JSON.stringify(options), ...more],
      ['LPUSH', 'bull:mail:wait', id],
    ];
    await write(
      ['HSET', 'bull:mail:meta', 'version', 'bullmq:5'],
      ...job('due', 24 * HOURS, { delay: 24 * HOURS }, 'delay', '0'),
    );
    const settings = { system: 'bullmq', queues: ['mail'], 'max-age': '5m' };
    expect(await attempt(settings, url)).toMatchObject({
      ok: true,
      detail: '1 job waits, the oldest for 0 ms',
    });

    await write(
      ['DEL', 'bull:mail:wait'],
      ...job('promoted', 1 * HOURS, { delay: 24 * HOURS }),
      ...job('stalled', 2 * HOURS, {}, 'processedOn', String(NOW - HOURS), 'ats', '1'),
      ...job('retried', 2 * HOURS, { attempts: 3 }, 'atm', '1'),
      ...job('older-retried', 2 * HOURS, {}, 'attemptsMade', '1'),
      ...job('parent', 2 * HOURS),
      ['HSET', 'bull:mail:parent:processed', 'bull:mail:child', '{}'],
    );
    expect(await attempt(settings, url)).toMatchObject({
      ok: false,
      unasked: true,
      detail: 'its jobs are unknown, as it is not told how long the oldest job has waited',
    });
    expect(await attempt({ ...settings, 'max-waiting': 4 }, url)).toEqual({
      ok: false,
      latencyMs: expect.any(Number),
      detail: '5 jobs wait, expected at most 4',
    });
    await write(...job('next', HOURS));
    expect(await attempt(settings, url)).toMatchObject({
      ok: false,
      detail: 'the oldest job waits for 1 h, expected at most 5 min',
    });
  });

  test('of BullMQ that is paused', async () => {
    await write(
      ['HSET', 'bull:mail:meta', 'version', 'bullmq:4', 'paused', '1'],
      ['HSET', 'bull:mail:1', 'timestamp', String(NOW - 90_000), 'delay', '0', 'opts', '{}'],
      ['LPUSH', 'bull:mail:paused', '1', '0:0'],
    );
    const settings = { system: 'bullmq', queues: ['mail'] };
    expect(await attempt({ ...settings, 'max-age': '1m' }, url)).toMatchObject({
      ok: false,
      detail: 'the oldest job waits for 1 min 30 s, expected at most 1 min',
    });
    expect(await attempt({ ...settings, 'max-waiting': 0 }, url)).toMatchObject({
      ok: false,
      detail: '1 job waits, expected at most 0',
    });
  });

  test('of BullMQ, where jobs of a later priority never get their turn', async () => {
    const job = (id: string, priority: number, nth: number, ageMs: number) => [
      ['ZADD', 'bull:mail:prioritized', String(priority * 2 ** 32 + nth), id],
      ['HSET', `bull:mail:${id}`, 'timestamp', String(NOW - ageMs), 'delay', '0'],
    ];
    await write(
      ['HSET', 'bull:mail:meta', 'version', 'bullmq:5'],
      ...job('fresh', 1, 9, 1_000),
      ...job('starved', 10, 2, 3_600_000),
      ...job('later', 10, 3, 60_000),
      ...job('last', 2 ** 21, 4, 30_000),
    );
    const settings = { system: 'bullmq', queues: ['mail'], 'max-age': '2m' };
    expect(await attempt(settings, url)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('1 h'),
    });
    // However many priorities there are, it is not asked for all of them.
    await write(...Array.from({ length: 300 }, (_, nth) => job(`p${nth}`, 100 + nth, nth, 5_000)).flat(), [
      'ZREM',
      'bull:mail:prioritized',
      'starved',
    ]);
    expect(await attempt(settings, url)).toMatchObject({
      ok: true,
      detail: '303 jobs wait, the oldest for 30 s',
    });
  });

  test('of Sidekiq, old and new', async () => {
    await write(
      ['SADD', 'queues', 'default', 'mailers'],
      ['LPUSH', 'queue:default', JSON.stringify({ enqueued_at: (NOW - 60_000) / 1_000 }), '{}'],
      ['LPUSH', 'queue:mailers', JSON.stringify({ enqueued_at: NOW - 5_000 })],
      ['SADD', 'processes', 'host:1:abc', 'host:2:gone'],
      ['HSET', 'host:1:abc', 'beat', String((NOW - 4_000) / 1_000)],
    );
    const settings = { system: 'sidekiq', heartbeat: '30s', 'max-age': '2m' };
    expect(await attempt(settings, url)).toMatchObject({
      ok: true,
      detail: '3 jobs wait, the oldest for 1 min; a worker was seen 4 s ago',
    });
    expect(await attempt({ ...settings, 'max-age': '30s' }, url)).toMatchObject({ ok: false });
    await write(['DEL', 'host:1:abc']);
    expect(await attempt(settings, url)).toMatchObject({
      ok: false,
      detail: 'no worker is known, expected one within 30 s',
    });
  });

  test('of RQ', async () => {
    await write(
      ['SADD', 'rq:queues', 'rq:queue:default'],
      ['RPUSH', 'rq:queue:default', 'a', 'b'],
      ['HSET', 'rq:job:a', 'enqueued_at', iso(30_000)],
      ['SADD', 'rq:workers', 'rq:worker:w1'],
      ['HSET', 'rq:worker:w1', 'last_heartbeat', iso(90_000)],
    );
    const settings = { system: 'rq', 'max-age': '1m' };
    expect(await attempt(settings, url)).toMatchObject({
      ok: true,
      detail: '2 jobs wait, the oldest for 30 s; a worker was seen 1 min 30 s ago',
    });
    expect(await attempt({ ...settings, heartbeat: '1m' }, url)).toMatchObject({
      ok: false,
      detail: 'the last sign of a worker is 1 min 30 s old, expected one within 1 min',
    });
  });

  test('of Resque and Celery', async () => {
    await write(
      ['SADD', 'resque:queues', 'low'],
      ['RPUSH', 'resque:queue:low', '{}', '{}'],
      ['HSET', 'resque:workers:heartbeat', 'host:1:*', iso(10_000)],
      ['LPUSH', 'celery', '{}'],
      ['LPUSH', 'celery\x06\x166', '{}', '{}'],
    );
    expect(await attempt({ system: 'resque', heartbeat: '1m', 'max-waiting': 2 }, url)).toMatchObject({
      ok: true,
      detail: '2 jobs wait; a worker was seen 10 s ago',
    });
    expect(await attempt({ system: 'celery', 'max-waiting': 2 }, url)).toMatchObject({
      ok: false,
      detail: '3 jobs wait, expected at most 2',
    });
  });

  test('a queue that nobody made is not an empty one', async () => {
    await write(
      ['SADD', 'queues', 'mail'],
      ['SADD', 'rq:queues', 'rq:queue:mail'],
      ['SADD', 'resque:queues', 'mail'],
      ['SADD', '_kombu.binding.mail', 'mail\x06\x16\x06\x16mail'],
      ...Array.from({ length: 3_000 }, (_, index) => ['SET', `other:${index}`, '1']),
    );
    for (const system of ['sidekiq', 'rq', 'resque', 'celery']) {
      const named = (queue: string) => attempt({ system, queues: [queue], 'max-waiting': 2 }, url);
      expect(await named('mail'), system).toMatchObject({ ok: true });
      expect(await named('mial'), system).toMatchObject({ ok: false, unasked: true });
    }
    await write(['FLUSHALL']);
    expect(await attempt({ system: 'sidekiq', 'max-waiting': 2 }, url)).toMatchObject({ unasked: true });
  });
});

/** The columns that count, as the migrations of the systems make them. */
const TABLES = [
  `CREATE TABLE delayed_jobs (id int, run_at TIMESTAMP(6) NULL, locked_at TIMESTAMP(6) NULL, failed_at TIMESTAMP(6) NULL, queue VARCHAR(255))`,
  `CREATE TABLE solid_queue_ready_executions (queue_name VARCHAR(255), created_at TIMESTAMP(6) NOT NULL)`,
  `CREATE TABLE solid_queue_processes (kind VARCHAR(255), last_heartbeat_at TIMESTAMP(6) NOT NULL)`,
];

describeWith(
  'postgres',
  'postgresql',
  BIN,
)('jobs in a real PostgreSQL', () => {
  const folder = new Folder();
  let server: Program;
  let client: pg.Client;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    await once(join(BIN, 'initdb'), [
      '-D',
      folder.at('data'),
      '-U',
      'root',
      '--auth=trust',
      '-E',
      'UTF8',
      '-N',
    ]);
    url = `postgres://root@127.0.0.1:${port}/postgres`;
    server = new Program(join(BIN, 'postgres'), [
      ...[
        '-D',
        folder.at('data'),
        '-p',
        String(port),
        '-c',
        'fsync=off',
        '-c',
        `unix_socket_directories=${folder.path}`,
      ],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'timezone=America/New_York'],
    ]);
    await server.ready(async () => {
      client = new pg.Client(url);
      await client.connect();
    });
    for (const statement of [
      ...TABLES,
      'CREATE SCHEMA pgboss',
      "CREATE TYPE pgboss.job_state AS ENUM ('created', 'retry', 'active', 'completed', 'cancelled', 'failed')",
      'CREATE TABLE pgboss.job (name text, state pgboss.job_state, start_after timestamptz)',
      'CREATE SCHEMA graphile_worker',
      'CREATE TABLE pgboss.queue (name text)',
      "INSERT INTO pgboss.queue VALUES ('idle')",
      'CREATE TABLE graphile_worker._private_tasks (identifier text)',
      "INSERT INTO graphile_worker._private_tasks VALUES ('idle')",
      'CREATE TABLE graphile_worker.jobs (task_identifier text, run_at timestamptz, attempts smallint, max_attempts smallint, locked_at timestamptz)',
      'CREATE TABLE good_jobs (queue_name text, scheduled_at timestamp, performed_at timestamp, finished_at timestamp, created_at timestamp)',
      'CREATE TABLE good_job_processes (updated_at timestamp)',
      "CREATE TYPE oban_job_state AS ENUM ('available', 'scheduled', 'executing', 'retryable', 'completed', 'discarded')",
      'CREATE TABLE oban_jobs (state oban_job_state, queue text, scheduled_at timestamp)',
    ]) {
      await client.query(statement);
    }
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop('SIGQUIT');
    folder.remove();
  });

  const zoned = (seconds: number) => `now() - interval '${seconds} seconds'`;
  const utc = (seconds: number) => `(now() AT TIME ZONE 'UTC') - interval '${seconds} seconds'`;

  test.each([
    [
      'pg-boss',
      `INSERT INTO pgboss.job VALUES ('mail', 'created', ${zoned(60)}), ('mail', 'active', ${zoned(900)}), ('mail', 'retry', ${zoned(-60)})`,
      'mail',
    ],
    [
      'graphile-worker',
      `INSERT INTO graphile_worker.jobs VALUES ('mail', ${zoned(60)}, 0, 25, NULL), ('mail', ${zoned(900)}, 25, 25, NULL), ('mail', ${zoned(900)}, 1, 25, now())`,
      'mail',
    ],
    [
      'oban',
      `INSERT INTO oban_jobs VALUES ('available', 'mail', ${utc(60)}), ('scheduled', 'mail', ${utc(900)})`,
      null,
    ],
    [
      'delayed_job',
      `INSERT INTO delayed_jobs VALUES (1, ${utc(60)}, NULL, NULL, 'mail'), (2, ${utc(900)}, NULL, ${utc(1)}, 'mail')`,
      null,
    ],
  ])('of %s', async (system, insert, queue) => {
    await client.query(insert);
    const seen = await attempt({ system, 'max-age': '2m' }, url);
    expect(seen).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^1 job waits, the oldest for 1 min( \d s)?$/),
    });
    expect(await attempt({ system, 'max-age': '30s' }, url)).toMatchObject({ ok: false });
    if (queue === null) return;
    const named = (name: string) => attempt({ system, 'max-age': '30s', queues: [name] }, url);
    expect(await named(queue)).toMatchObject({ ok: false, detail: expect.stringContaining('oldest') });
    expect(await named('idle')).toMatchObject({ ok: true, detail: '0 jobs wait' });
    expect(await named('mial')).toMatchObject({
      ok: false,
      unasked: true,
      detail: expect.stringMatching(/there is no queue mial in the tables of /),
    });
  });

  test('of GoodJob and Solid Queue, with their workers', async () => {
    await client.query(
      `INSERT INTO good_jobs VALUES ('default', NULL, NULL, NULL, ${utc(60)}), ('default', ${utc(900)}, ${utc(800)}, ${utc(700)}, ${utc(900)})`,
    );
    const named = (name: string) => attempt({ system: 'good_job', 'max-waiting': 5, queues: [name] }, url);
    expect(await named('default')).toMatchObject({ ok: true });
    expect(await named('defualt')).toMatchObject({ ok: false, unasked: true });
    await client.query(`INSERT INTO good_job_processes VALUES (${utc(20)}), (${utc(900)})`);
    expect(await attempt({ system: 'good_job', heartbeat: '1m' }, url)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(
        /^1 job waits, the oldest for 1 min( \d s)?; a worker was seen 2\d s ago$/,
      ),
    });
    await client.query(
      `INSERT INTO solid_queue_processes VALUES ('Worker', ${utc(300)}), ('Dispatcher', ${utc(1)})`,
    );
    expect(await attempt({ system: 'solid_queue', heartbeat: '1m' }, url)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(
        /^the last sign of a worker is 5 min( \d s)? old, expected one within 1 min$/,
      ),
    });
  });

  test('says when the tables are not there', async () => {
    expect(await attempt({ system: 'pg-boss', schema: 'boss', 'max-waiting': 1 }, url)).toMatchObject({
      ok: false,
      detail: 'PostgreSQL answered relation "boss.job" does not exist',
    });
  });
});

describeWith(
  'mariadbd',
  'mariadb-server',
  '/usr/sbin',
)('jobs in a real MariaDB', () => {
  const folder = new Folder();
  let server: Program;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `mysql://rails:rails@127.0.0.1:${port}/jobs`;
    const own = ['--no-defaults', `--datadir=${folder.make('data')}`, `--tmpdir=${folder.path}`];
    await once('mariadb-install-db', [
      ...own,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ]);
    server = new Program('/usr/sbin/mariadbd', [
      ...own,
      ...[
        `--socket=${folder.at('sock')}`,
        `--pid-file=${folder.at('pid')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
      ],
      ...['--innodb-buffer-pool-size=8M', '--default-time-zone=-05:00'],
    ]);
    await server.ready(() => listens(port));
    const client = await createConnection({ socketPath: folder.at('sock'), user: 'root' });
    for (const statement of [
      'CREATE DATABASE jobs',
      'USE jobs',
      ...TABLES.map((table) => table.replaceAll('TIMESTAMP(6)', 'DATETIME(6)')),
      "INSERT INTO delayed_jobs VALUES (1, UTC_TIMESTAMP(6) - INTERVAL 60 SECOND, NULL, NULL, 'mail')",
      "INSERT INTO solid_queue_ready_executions VALUES ('mail', UTC_TIMESTAMP(6) - INTERVAL 60 SECOND)",
      "INSERT INTO solid_queue_processes VALUES ('Worker', UTC_TIMESTAMP(6) - INTERVAL 20 SECOND)",
      'CREATE TABLE solid_queue_jobs (queue_name VARCHAR(255))',
      "INSERT INTO solid_queue_jobs VALUES ('idle')",
      "CREATE USER rails@'%' IDENTIFIED BY 'rails'",
      "GRANT SELECT ON jobs.* TO rails@'%'",
    ]) {
      await client.query(statement);
    }
    await client.end();
  });
  afterAll(async () => {
    await server?.stop();
    folder.remove();
  });

  test.each([['delayed_job'], ['solid_queue']])('of %s', async (system) => {
    expect(await attempt({ system, 'max-age': '2m' }, url)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(
        /^1 job waits, the oldest for 1 min( \d s)?(; a worker was seen 2\d s ago)?$/,
      ),
    });
    expect(await attempt({ system, 'max-age': '30s' }, url)).toMatchObject({ ok: false });
  });

  test('a queue of Solid Queue that nobody made is not an empty one', async () => {
    const named = (name: string) => attempt({ system: 'solid_queue', 'max-waiting': 5, queues: [name] }, url);
    expect(await named('mail')).toMatchObject({ ok: true });
    expect(await named('idle')).toMatchObject({ ok: true, detail: expect.stringContaining('0 jobs') });
    expect(await named('mial')).toMatchObject({ ok: false, unasked: true });
  });
});

describe('a system that is only for PostgreSQL', () => {
  test('takes no other address', () => {
    expect(() => attempt({ system: 'oban', 'max-waiting': 1 }, 'https://x')).toThrow('check-address');
  });
});
