import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { describeWith, freePort } from '../program.ts';
import { type Certificates, certificatesFor, Folder, once, Program, Relay } from './servers.ts';

const PASSWORD = 's3cret-of-the-shop';
const SBIN = '/usr/sbin';

describeWith(
  'mariadbd',
  'mariadb-server',
  SBIN,
)('checks of a real MariaDB', () => {
  const folder = new Folder();
  const socketPath = folder.at('mariadb.sock');
  let certificates: Certificates;
  let server: Program;
  let port: number;

  const asRoot = async (...statements: string[]) => {
    const client = await createConnection({ socketPath, user: 'root' });
    let rows: unknown;
    for (const statement of statements) [rows] = await client.query(statement);
    await client.end();
    return rows as Record<string, unknown>[];
  };
  const start = async (...options: readonly string[]) => {
    const program = new Program(`${SBIN}/mariadbd`, [
      '--no-defaults',
      `--datadir=${folder.at('data')}`,
      `--tmpdir=${folder.path}`,
      `--socket=${socketPath}`,
      `--pid-file=${folder.at('pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=8M',
      '--innodb-flush-log-at-trx-commit=0',
      '--max-connections=10',
      '--skip-name-resolve',
      `--ssl-ca=${certificates.ca}`,
      `--ssl-cert=${certificates.cert}`,
      `--ssl-key=${certificates.key}`,
      ...options,
    ]);
    await program.ready(() => asRoot('SELECT 1'));
    return program;
  };

  beforeAll(async () => {
    certificates = await certificatesFor(folder, 'DNS:localhost,DNS:db.shop.test');
    port = await freePort();
    const install = [
      '--no-defaults',
      `--datadir=${folder.make('data')}`,
      `--tmpdir=${folder.path}`,
      '--auth-root-authentication-method=normal',
    ];
    await once('mariadb-install-db', [...install, '--skip-test-db', '--skip-name-resolve']);
    server = await start();
    await asRoot(
      'CREATE DATABASE shop',
      'CREATE TABLE shop.orders (id int)',
      'INSERT INTO shop.orders VALUES (1), (2), (3)',
      `CREATE USER shop@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`,
      "GRANT SELECT, INSERT ON shop.* TO shop@'127.0.0.1'",
      `CREATE USER over_tls@'127.0.0.1' IDENTIFIED BY '${PASSWORD}' REQUIRE SSL`,
      `CREATE USER crowd@'127.0.0.1' IDENTIFIED BY '${PASSWORD}' WITH MAX_USER_CONNECTIONS 1`,
    );
  });
  afterAll(async () => {
    await server?.stop();
    folder.remove();
  });

  const address = (on = port, user = 'shop', password = PASSWORD, database = 'shop', host = '127.0.0.1') =>
    `mysql://${user}:${password}@${host}:${on}/${database}`;
  const open = (settings: Record<string, unknown> = {}, url = address()) =>
    checks.open(
      checks.settings.parse({ use: 'mysql', url: { env: 'SHOP_DATABASE_URL' }, timeout: '3s', ...settings }),
      adapterContext({ env: { SHOP_DATABASE_URL: url } }),
    );
  const attempt = async (settings?: Record<string, unknown>, url?: string) => {
    const seen = await open(settings, url).attempt(EXPECTED, AbortSignal.timeout(10_000));
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    return seen;
  };
  const sessions = async () =>
    (await asRoot("SELECT count(*) AS open FROM information_schema.processlist WHERE user = 'shop'"))[0]?.[
      'open'
    ];

  checkContract({
    name: 'mysql',
    well: async () => open(),
    unwell: async () => open({}, address(port, 'shop', 's3cret-wrong')),
    gone: async () => open({}, address(await freePort())),
  });

  test.each([
    [
      'the wrong password',
      () => address(port, 'shop', 's3cret-wrong'),
      'MySQL refused user shop: a wrong password, no login from this machine, or TLS only (tls: true)',
    ],
    [
      'no such database',
      () => address(port, 'shop', PASSWORD, 'none'),
      /^MySQL (has no database none|does not let user shop use the database none)$/,
    ],
    [
      'nobody there',
      async () => address(await freePort()),
      /^MySQL at 127\.0\.0\.1:\d+: connection refused$/,
    ],
    [
      'TLS only',
      () => address(port, 'over_tls', PASSWORD, ''),
      /^MySQL refused user over_tls: .* or TLS only \(tls: true\)$/,
    ],
  ])('says in words: %s', async (_name, url, detail) => {
    expect(await attempt({}, await url())).toMatchObject({
      ok: false,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
  });

  test('says when only TLS is let in', async () => {
    await asRoot('SET GLOBAL require_secure_transport = ON');
    const seen = await attempt();
    await asRoot('SET GLOBAL require_secure_transport = OFF');
    expect(seen).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/TLS only \(tls: true\)$/),
    });
  });

  test('speaks TLS, and trusts only whom it was told to trust', async () => {
    const ca = { ca: certificates.ca };
    const at = (host: string) => address(port, 'over_tls', PASSWORD, '', host);
    expect(await attempt({ tls: { ...ca, name: 'db.shop.test' } }, at('127.0.0.1'))).toMatchObject({
      ok: true,
    });
    expect(await attempt({ tls: { ...ca, name: 'other.test' } }, at('127.0.0.1'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is not for other\.test$/),
    });
    expect(await attempt({ tls: { verify: true, name: 'db.shop.test' } }, at('127.0.0.1'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is signed by an unknown authority$/),
    });
    expect(await attempt({ tls: { verify: false } }, at('127.0.0.1'))).toMatchObject({ ok: true });
    expect(() => open({ tls: true }, at('127.0.0.1'))).toThrow('check-tls-name');
    expect(await attempt({}, `${at('127.0.0.1')}?ssl=skip-verify`)).toMatchObject({ ok: true });
    // By the address alone the authority is looked at, and no name.
    expect(await attempt({}, `${at('127.0.0.1')}?ssl=true`)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is signed by an unknown authority$/),
    });
  });

  test('says when there is no connection left', async () => {
    const url = { host: '127.0.0.1', port, user: 'crowd', password: PASSWORD };
    const busy = await createConnection(url);
    expect(await attempt({}, address(port, 'crowd', PASSWORD, ''))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^MySQL has no connection left/),
    });
    await busy.end();
    const all = await Promise.all(
      Array.from({ length: 11 }, () => createConnection({ socketPath, user: 'root' })),
    );
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: 'MySQL has no connection left (max_connections is reached)',
    });
    await Promise.all(all.map((one) => one.end()));
  });

  test('asks a query that may only read, for so long only, and leaves nothing behind', async () => {
    const count = 'SELECT count(*) FROM orders';
    expect(await attempt({ query: count, expect: { equals: 3 } })).toMatchObject({ ok: true });
    expect(await attempt({ query: count, expect: { 'at-most': 2 } })).toMatchObject({
      ok: false,
      detail: 'the query is 3, expected at most 2',
    });
    expect(await attempt({ query: 'INSERT INTO orders VALUES (4)' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^the query wants to write, and checks only read/),
    });
    expect(await attempt({ query: 'COMMIT; DELETE FROM orders' })).toMatchObject({ ok: false });
    expect(await attempt({ query: "SELECT repeat('x', 900000) FROM seq_1_to_1000" })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/answered with more than 1 MiB$/),
    });
    const began = performance.now();
    expect(await attempt({ query: 'SELECT sleep(30)', timeout: '400ms' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/timeout of the check|no answer within/),
    });
    expect(performance.now() - began).toBeLessThan(1_500);
    await expect.poll(sessions, { timeout: 5_000 }).toBe(0);
    expect((await asRoot('SELECT count(*) AS n FROM shop.orders'))[0]?.['n']).toBe(3);
  });

  test('tells one that only reads from one that takes writes', async () => {
    await asRoot('SET GLOBAL read_only = ON');
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^MySQL is read-only: a replica/),
    });
    expect(await attempt({ role: 'replica' })).toMatchObject({ ok: true });
    await asRoot('SET GLOBAL read_only = OFF');
    expect(await attempt({ role: 'replica' })).toMatchObject({
      ok: false,
      detail: 'MySQL takes writes, expected a replica',
    });
  });

  test('tells a reader of storage that others write', async () => {
    // What is left of a crash could not be repaired.
    await server.stop('SIGTERM');
    server = await start('--innodb-read-only=ON');
    expect(await asRoot('SELECT @@global.read_only AS own')).toMatchObject([{ own: 0 }]);
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^MySQL is read-only: a replica/),
    });
    expect(await attempt({ role: 'replica' })).toMatchObject({ ok: true });
    await server.stop();
    server = await start();
    expect(await attempt()).toMatchObject({ ok: true });
  }, 60_000);

  test('a slow or broken network is told from one that is well', async () => {
    const relay = new Relay(port);
    const on = await relay.listen();
    relay.delayMs = 40;
    expect(await attempt({}, address(on))).toMatchObject({ ok: true });
    expect(await attempt({ timeout: '100ms' }, address(on))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^no answer within 100 ms; it waited for/),
    });
    relay.delayMs = 0;
    relay.cutAfter = 30;
    expect(await attempt({}, address(on))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/closed before the answer/),
    });
    relay.close();
  });

  test('one that hangs is not waited for, and one that is stopped is gone', async () => {
    server.hang();
    const began = performance.now();
    expect(await attempt({ timeout: '300ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 300 ms; it waited for MySQL to let it in',
    });
    expect(performance.now() - began).toBeLessThan(1_000);
    server.goOn();
    await expect.poll(async () => (await attempt()).ok).toBe(true);
    await server.stop();
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/connection refused$/),
    });
    server = await start();
    expect(await attempt()).toMatchObject({ ok: true });
  });
});
