import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { describeWith, freePort } from '../program.ts';
import {
  type Certificates,
  certificatesFor,
  Folder,
  once,
  Program,
  postgresPrograms,
  Relay,
} from './servers.ts';

const PASSWORD = 's3cret-of-the-shop';
const BIN = postgresPrograms();

describeWith(
  'postgres',
  'postgresql',
  BIN,
)('checks of a real PostgreSQL', () => {
  const folder = new Folder();
  let certificates: Certificates;
  let primary: Program;
  let port: number;
  let admin: pg.Client;

  /** Starts a server in a folder that initdb or pg_basebackup made. */
  const start = async (name: string, on: number, ...more: string[]) => {
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder.path}`,
      'fsync=off',
      ...more,
    ];
    const args = ['-D', folder.at(name), '-p', String(on), ...settings.flatMap((one) => ['-c', one])];
    const program = new Program(join(BIN, 'postgres'), args);
    await program.ready(async () => {
      const client = new pg.Client({ host: folder.path, port: on, user: 'root', database: 'postgres' });
      await client.connect();
      await client.end();
    });
    return program;
  };

  beforeAll(async () => {
    certificates = await certificatesFor(folder, 'DNS:localhost,DNS:db.shop.test');
    await once(join(BIN, 'initdb'), [
      '-D',
      folder.at('primary'),
      '-U',
      'root',
      '--auth=trust',
      '-E',
      'UTF8',
      '-N',
    ]);
    folder.write(
      'primary/pg_hba.conf',
      [
        'local all,replication root trust',
        'host all careful 127.0.0.1/32 reject',
        'hostssl all over_tls 127.0.0.1/32 scram-sha-256',
        'host all shop,crowd 127.0.0.1/32 scram-sha-256',
        'host replication root 127.0.0.1/32 trust',
      ].join('\n'),
    );
    port = await freePort();
    primary = await start(
      'primary',
      port,
      'ssl=on',
      `ssl_cert_file=${certificates.cert}`,
      `ssl_key_file=${certificates.key}`,
      'wal_level=replica',
    );
    admin = new pg.Client({ host: folder.path, port, user: 'root', database: 'postgres' });
    await admin.connect();
    admin.on('error', () => undefined);
    for (const user of ['shop', 'over_tls', 'careful']) {
      await admin.query(`CREATE USER ${user} PASSWORD '${PASSWORD}'`);
    }
    await admin.query(`CREATE USER crowd PASSWORD '${PASSWORD}' CONNECTION LIMIT 1`);
    await admin.query('CREATE DATABASE shop');
    await admin.query('CREATE TABLE orders (id int)');
    await admin.query('INSERT INTO orders VALUES (1), (2), (3)');
    await admin.query('GRANT SELECT ON orders TO shop');
    await admin.query('CREATE TABLE secrets (id int)');
  });
  afterAll(async () => {
    await admin?.end();
    await primary?.stop('SIGQUIT');
    folder.remove();
  });

  const address = (
    on = port,
    user = 'shop',
    password = PASSWORD,
    database = 'postgres',
    host = '127.0.0.1',
  ) => `postgres://${user}:${password}@${host}:${on}/${database}`;
  const open = (settings: Record<string, unknown> = {}, url = address()) =>
    checks.open(
      checks.settings.parse({
        use: 'postgres',
        url: { env: 'SHOP_DATABASE_URL' },
        timeout: '3s',
        ...settings,
      }),
      adapterContext({ env: { SHOP_DATABASE_URL: url } }),
    );
  const attempt = async (settings?: Record<string, unknown>, url?: string) => {
    const seen = await open(settings, url).attempt(EXPECTED, AbortSignal.timeout(10_000));
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    return seen;
  };
  const sessions = async () => {
    const { rows } = await admin.query(
      "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'slipway-check'",
    );
    return rows[0].open as number;
  };

  checkContract({
    name: 'postgres',
    well: async () => open(),
    unwell: async () => open({}, address(port, 'shop', 's3cret-wrong')),
    gone: async () => open({}, address(await freePort())),
  });

  test('answers, and leaves no connection behind', async () => {
    const seen = await attempt();
    expect(seen).toMatchObject({ ok: true, detail: expect.stringMatching(/^answers in \d+ ms$/) });
    await expect.poll(sessions).toBe(0);
  });

  test.each([
    [
      'the wrong password',
      () => address(port, 'shop', 's3cret-wrong'),
      'PostgreSQL refused the password of user shop',
    ],
    [
      'no password',
      () => address(port, 'shop', ''),
      'PostgreSQL asks for the password of user shop, and the address has none',
    ],
    ['no such database', () => address(port, 'shop', PASSWORD, 'none'), 'PostgreSQL has no database none'],
    [
      'nobody there',
      async () => address(await freePort()),
      /^PostgreSQL at 127\.0\.0\.1:\d+: connection refused$/,
    ],
    [
      'a host that is unknown',
      () => address(port, 'shop', PASSWORD, 'shop', 'no.such.host.invalid'),
      /no such host|could not be looked up/,
    ],
    [
      'TLS only',
      () => address(port, 'over_tls'),
      'PostgreSQL takes user over_tls from here only over TLS, if at all: set tls: true on the check',
    ],
    [
      'a user that may not log in',
      () => address(port, 'careful'),
      /^PostgreSQL takes no login of user careful from this machine/,
    ],
  ])('says in words: %s', async (_name, url, detail) => {
    expect(await attempt({}, await url())).toMatchObject({
      ok: false,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
  });

  test('speaks TLS, and trusts only whom it was told to trust', async () => {
    const ca = { ca: certificates.ca };
    const at = (host: string) => address(port, 'over_tls', PASSWORD, 'postgres', host);
    expect(await attempt({ tls: ca }, at('localhost'))).toMatchObject({ ok: true });
    expect(await attempt({ tls: true }, at('localhost'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is signed by an unknown authority$/),
    });
    expect(await attempt({}, `${at('localhost')}?sslmode=require`)).toMatchObject({ ok: false });
    expect(await attempt({ tls: ca }, at('127.0.0.1'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is not for 127\.0\.0\.1$/),
    });
    expect(await attempt({ tls: { ...ca, name: 'db.shop.test' } }, at('127.0.0.1'))).toMatchObject({
      ok: true,
    });
    expect(await attempt({ tls: { verify: false } }, at('127.0.0.1'))).toMatchObject({ ok: true });
  });

  test('says when there is no connection left', async () => {
    const busy = new pg.Client({ connectionString: address(port, 'crowd') });
    await busy.connect();
    expect(await attempt({}, address(port, 'crowd'))).toMatchObject({
      ok: false,
      detail: 'PostgreSQL has no connection left (too many connections for role "crowd")',
    });
    await busy.end();
  });

  test('asks a query that may only read, for so long only', async () => {
    const count = 'SELECT count(*) FROM orders';
    expect(await attempt({ query: count, expect: { equals: 3 } })).toMatchObject({ ok: true });
    expect(await attempt({ query: count, expect: { 'at-least': 5 } })).toMatchObject({
      ok: false,
      detail: 'the query is 3, expected at least 5',
    });
    expect(await attempt({ query: 'SELECT 1 WHERE false' })).toMatchObject({
      detail: 'the query gives no row, expected one',
    });
    expect(await attempt({ query: 'INSERT INTO orders VALUES (4)' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^the query wants to write, and checks only read/),
    });
    expect(await attempt({ query: 'COMMIT; DELETE FROM orders' })).toMatchObject({ ok: false });
    expect(await attempt({ query: 'SELECT * FROM secrets' })).toMatchObject({
      detail: expect.stringMatching(/^user shop may not run the query/),
    });
    expect(
      await attempt({ query: "SELECT repeat('x', 1000000) FROM generate_series(1, 1000)" }),
    ).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/answered with more than 1 MiB$/),
    });
    const began = performance.now();
    const late = await attempt({ query: 'SELECT pg_sleep(30)', timeout: '300ms' });
    expect(late).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/timeout of the check|no answer within/),
    });
    expect(performance.now() - began).toBeLessThan(1_500);
    await expect.poll(sessions, { timeout: 5_000 }).toBe(0);
    expect((await admin.query(count)).rows[0].count).toBe('3');
  });

  test('is read-only by what is set for all, not for the user of the check', async () => {
    const set = 'default_transaction_read_only';
    const readOnly = { ok: false, detail: expect.stringMatching(/^PostgreSQL is read-only/) };
    const hidden = { ok: true, detail: expect.stringMatching(/hides that of the server: remove it/) };
    try {
      await admin.query(`ALTER ROLE shop SET ${set} = on`);
      expect(await attempt()).toMatchObject(hidden);
      expect(await attempt({ role: 'any' })).toMatchObject({ ok: true });
      await admin.query(`ALTER ROLE shop IN DATABASE postgres SET ${set} = off`);
      expect(await attempt()).toMatchObject(hidden);
      // What is set for the database goes before what is set for the server.
      await admin.query(`ALTER DATABASE postgres SET ${set} = off`);
      expect(await attempt()).toMatchObject({ ok: true });
      // What is set for the user hides it.
      await admin.query(`ALTER DATABASE postgres SET ${set} = true`);
      expect(await attempt()).toMatchObject(readOnly);
      await admin.query(`ALTER ROLE shop IN DATABASE postgres RESET ${set}`);
      await admin.query(`ALTER ROLE shop RESET ${set}`);
      expect(await attempt()).toMatchObject(readOnly);
      await admin.query(`ALTER DATABASE postgres SET ${set} = off`);
      await admin.query(`ALTER ROLE ALL SET ${set} = on`);
      expect(await attempt()).toMatchObject({ ok: true });
      await admin.query(`ALTER DATABASE postgres RESET ${set}`);
      expect(await attempt()).toMatchObject(readOnly);
      await admin.query(`ALTER ROLE ALL RESET ${set}`);
      await admin.query(`ALTER SYSTEM SET ${set} = on`);
      await admin.query('SELECT pg_reload_conf()');
      await expect.poll(() => attempt()).toMatchObject(readOnly);
    } finally {
      await admin.query('SET default_transaction_read_only = off');
      await admin.query(`ALTER ROLE shop IN DATABASE postgres RESET ${set}`);
      await admin.query(`ALTER ROLE shop RESET ${set}`);
      await admin.query(`ALTER DATABASE postgres RESET ${set}`);
      await admin.query(`ALTER ROLE ALL RESET ${set}`);
      await admin.query(`ALTER SYSTEM RESET ${set}`);
      await admin.query('SELECT pg_reload_conf()');
    }
    await expect.poll(async () => (await attempt()).ok).toBe(true);
  });

  test('tells a replica from a primary', async () => {
    await once(join(BIN, 'pg_basebackup'), [
      '-D',
      folder.at('replica'),
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'root',
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
    ]);
    const on = await freePort();
    const replica = await start('replica', on);
    try {
      expect(await attempt({}, address(on))).toMatchObject({
        ok: false,
        detail: expect.stringMatching(/^PostgreSQL is read-only: a replica/),
      });
      expect(await attempt({ role: 'replica' }, address(on))).toMatchObject({ ok: true });
      expect(await attempt({ role: 'any' }, address(on))).toMatchObject({ ok: true });
      expect(await attempt({ role: 'replica' })).toMatchObject({
        ok: false,
        detail: 'PostgreSQL takes writes, expected a replica',
      });
    } finally {
      await replica.stop('SIGQUIT');
    }
  });

  describe('when the network or the server is bad', () => {
    test('a slow one is waited for, within the timeout', async () => {
      const relay = new Relay(port);
      const on = await relay.listen();
      relay.delayMs = 60;
      expect(await attempt({}, address(on))).toMatchObject({ ok: true });
      expect(await attempt({ timeout: '150ms' }, address(on))).toMatchObject({
        ok: false,
        detail: expect.stringMatching(/^no answer within 150 ms; it waited for/),
      });
      relay.delayMs = 0;
      relay.cutAfter = 30;
      expect(await attempt({}, address(on))).toMatchObject({
        ok: false,
        detail: expect.stringMatching(/the connection was closed before the answer was complete$/),
      });
      relay.close();
    });

    test('one that takes connections and answers nothing is not waited for', async () => {
      primary.hang();
      const began = performance.now();
      expect(await attempt({ timeout: '300ms' })).toMatchObject({
        ok: false,
        detail: 'no answer within 300 ms; it waited for PostgreSQL to let it in',
      });
      expect(performance.now() - began).toBeLessThan(1_000);
      primary.goOn();
      await expect.poll(async () => (await attempt()).ok).toBe(true);
    });

    test('one that is stopped is gone', async () => {
      await primary.stop('SIGQUIT');
      expect(await attempt()).toMatchObject({
        ok: false,
        detail: expect.stringMatching(/connection refused$/),
      });
      primary = await start('primary', port);
      expect(await attempt()).toMatchObject({ ok: true });
    });
  });
});
