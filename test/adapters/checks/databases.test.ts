import type { Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mysqlConnection } from '../../../src/adapters/checks/databases/mysql.ts';
import { mysqlTrouble } from '../../../src/adapters/checks/databases/mysql-words.ts';
import { postgresConnection } from '../../../src/adapters/checks/databases/postgres.ts';
import { postgresTrouble } from '../../../src/adapters/checks/databases/postgres-words.ts';
import { wrongRows } from '../../../src/adapters/checks/databases/settings.ts';
import { EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { floods, RawServer, WEB_PAGE } from './raw-server.ts';

// The client is loaded by the first check that needs it, which is no part of what is timed here.
beforeAll(async () => {
  await import('mysql2/promise');
}, 60_000);

let server: RawServer;
beforeEach(async () => {
  server = await RawServer.start();
});
afterEach(() => server.close());

const CONNECTION = {
  host: 'db.test',
  port: 1,
  user: 'shop',
  password: 's3cret',
  database: 'orders',
  tls: null,
};

describe.each([
  ['postgres', 'PostgreSQL'],
  ['mysql', 'MySQL'],
])('the %s check', (use, software) => {
  const open = (settings: Record<string, unknown> = {}) =>
    checks.open(
      checks.settings.parse({ use, url: { env: 'DB_URL' }, ...settings }),
      adapterContext({ env: { DB_URL: `${use}://shop:s3cret@127.0.0.1:${server.port}/orders` } }),
    );
  const attempt = async (settings?: Record<string, unknown>) => {
    const seen = await open(settings).attempt(EXPECTED, AbortSignal.timeout(5_000));
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    return seen;
  };

  test('takes silence for an answer, and leaves nothing open', async () => {
    const began = performance.now();
    expect(await attempt({ timeout: '80ms' })).toMatchObject({
      ok: false,
      detail: `no answer within 80 ms; it waited for ${software} to let it in`,
    });
    expect(performance.now() - began).toBeLessThan(5_000);
    await expect.poll(() => server.open).toBe(0);
  });

  test.each([
    ['a web page', (socket: Socket) => socket.resume().end(WEB_PAGE)],
    ['a connection that is closed at once', (socket: Socket) => socket.destroy()],
    ['half of an answer', (socket: Socket) => socket.resume().end(Buffer.from([0x52, 0, 0]))],
    [
      'a packet of a gigabyte',
      floods(Buffer.from([0x52, 0x3f, 0xff, 0xff, 0xff, ...new Array(60_000).fill(0)])),
    ],
    ['zeros without end', floods(Buffer.alloc(65_536))],
    [
      'noise without end',
      floods(Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7_919) % 256))),
    ],
  ])('is not brought down by %s', async (_name, behave) => {
    server.does(behave);
    const seen = await attempt({ timeout: '1500ms' });
    expect(seen).toMatchObject({ ok: false, detail: expect.stringMatching(new RegExp(software)) });
    await expect.poll(() => server.open).toBe(0);
  });

  test('is over when its run is', async () => {
    const stop = new AbortController();
    const seen = open().attempt(EXPECTED, stop.signal);
    await expect.poll(() => server.open).toBe(1);
    stop.abort();
    expect(await seen).toMatchObject({ ok: false });
    await expect.poll(() => server.open).toBe(0);
  });

  test.each([['https://db.test'], ['db.test'], [`${use}://db.test/x`], [`${use}://a:b@one,two/x`], ['']])(
    'refuses the address %j without repeating it',
    (url) => {
      const context = adapterContext({ env: { DB_URL: url } });
      const settings = checks.settings.parse({ use, url: { env: 'DB_URL' } });
      expect(() => checks.open(settings, context)).toThrow(
        expect.objectContaining({
          code: 'check-address',
          facts: { name: 'DB_URL', example: expect.anything() },
        }),
      );
    },
  );

  test('refuses a password in the config', () => {
    expect(checks.settings.safeParse({ use, url: `${use}://a:b@c` }).success).toBe(false);
    expect(checks.settings.safeParse({ use, url: { env: 'X' }, tls: { ca: '' } }).success).toBe(false);
  });
});

describe('an address asks for TLS', () => {
  const warned: string[] = [];
  const asks = (url: string) => {
    const warn = (_: object, text: string) => warned.push(text);
    const context = adapterContext({ env: { DB_URL: url }, log: { warn } as never });
    warned.length = 0;
    const settings = { url: { env: 'DB_URL' } };
    const isMysql = url.startsWith('mysql');
    const { tls } = isMysql
      ? mysqlConnection(settings, context, 'mysql')
      : postgresConnection(settings, context);
    return tls;
  };
  const at = (use: string, query: string) => `${use}://shop:s3cret@db.test/orders${query}`;

  test.each([
    ['postgres', '?sslmode=require'],
    ['postgres', '?sslmode=verify-full'],
    ['postgres', '?ssl=true'],
    ['postgres', '?ssl=1'],
    ['mysql', '?ssl-mode=REQUIRED'],
    ['mysql', '?ssl-mode=REQUIRED&ssl=Amazon%20RDS'],
    ['mysql', '?ssl-mode=VERIFY_IDENTITY&ssl=skip-verify'],
    ['mysql', '?ssl=true'],
    ['mysql', `?ssl=${encodeURIComponent('{"rejectUnauthorized":true}')}`],
  ])('%s%s', (use, query) => {
    expect(asks(at(use, query))).toEqual({ name: 'db.test', verify: true });
    expect(warned).toEqual([]);
  });

  test.each([
    ['postgres', '?sslmode=no-verify', 0],
    ['postgres', '?sslmode=require&ssl=no-verify', 0],
    ['postgres', '?ssl=no-verify', 0],
    ['mysql', '?ssl=skip-verify', 0],
    ['mysql', '?ssl-mode=REQUIRED&ssl=no-verify', 0],
    ['mysql', '?ssl={"rejectUnauthorized":false}', 0],
    ['mysql', `?ssl=${encodeURIComponent('{ "rejectUnauthorized": false, "ca": "x" }')}`, 0],
    ['mysql', '?ssl=Amazon%20RDS', 1],
    ['mysql', `?ssl=${encodeURIComponent('{"ca":"x"}')}`, 1],
  ])('with anybody: %s%s', (use, query, warnings) => {
    expect(asks(at(use, query))).toEqual({ name: 'db.test', verify: false });
    expect(warned).toHaveLength(warnings);
  });

  test.each(['true', '1', 'Amazon%20RDS', 'skip-verify', '{"rejectUnauthorized":false}', '{}'])(
    'by ssl=%s, and the number of a host is no reason not to start',
    (ssl) => {
      expect(asks(`mysql://a:b@10.1.2.3/shop?ssl=${ssl}`)).toMatchObject({ name: '10.1.2.3' });
      const context = adapterContext({ env: { DB_URL: `mysql://a:b@10.1.2.3/shop?ssl=${ssl}` } });
      expect(() => mysqlConnection({ url: { env: 'DB_URL' }, tls: true }, context, 'mysql')).toThrow(
        'check-tls-name',
      );
    },
  );

  test.each([
    ['postgres', ''],
    ['postgres', '?sslmode=disable'],
    ['postgres', '?sslmode=disable&ssl=true'],
    ['postgres', '?ssl=no'],
    ['postgres', '?sslmode=prefer'],
    ['postgres', '?ssl=false'],
    ['postgres', '?ssl=0'],
    ['mysql', ''],
    ['mysql', '?ssl='],
    ['mysql', '?ssl=false'],
    ['mysql', '?ssl=0'],
    ['mysql', '?ssl=no'],
    ['mysql', '?ssl=off'],
    ['mysql', '?ssl-mode=DISABLED&ssl=skip-verify'],
    ['mysql', '?ssl-mode=PREFERRED'],
  ])('or not: %s%s', (use, query) => {
    expect(asks(at(use, query))).toBeNull();
  });
});

describe('words', () => {
  test.each([
    [3159, 'x', 'MySQL lets user shop in over TLS only: set tls: true on the check'],
    [1040, 'x', 'MySQL has no connection left (max_connections is reached)'],
    [
      1130,
      "Host '10.0.0.1' is not allowed",
      'MySQL takes no login from this machine: grant the user access from here',
    ],
    [1129, 'x', 'MySQL blocks this machine after too many broken connections: run FLUSH HOSTS there'],
    [3024, 'x', 'MySQL stopped the query because it took longer than the timeout of the check'],
    [1064, 'near\n\u202e x', 'MySQL answered near \\u{202e} x'],
  ])('of MySQL for %i', (errno, message, words) => {
    expect(mysqlTrouble(Object.assign(new Error(message), { errno, code: 'ER_X' }), CONNECTION)).toBe(words);
  });

  test('of MySQL that asks for the password in the clear', () => {
    const error = Object.assign(new Error('x'), { code: 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED' });
    expect(mysqlTrouble(error, CONNECTION)).toBe(
      'MySQL at db.test:1 asks for the password in the clear, and a check does not send it so',
    );
  });

  test.each([
    [
      '57P03',
      'the database system is starting up',
      'PostgreSQL takes no connections yet (the database system is starting up)',
    ],
    [
      '53300',
      'sorry, too many clients already',
      'PostgreSQL has no connection left (sorry, too many clients already)',
    ],
    ['57P01', 'terminating connection', 'PostgreSQL is shutting down'],
    ['42P01', 'relation "x" does not exist', 'PostgreSQL answered relation "x" does not exist'],
  ])('of PostgreSQL for %s', (code, message, words) => {
    expect(postgresTrouble(Object.assign(new Error(message), { code }), CONNECTION)).toBe(words);
  });

  test.each([
    [[], {}, 'the query gives no row, expected one'],
    [[['5']], { 'at-least': 5, 'at-most': 5 }, null],
    [[['']], { 'at-least': 0 }, 'the query is "", expected a number'],
    [[[null]], { 'at-most': 3 }, 'the query is null, expected a number'],
    [[[true]], { equals: true }, null],
    [[[new Date(0)]], { equals: '1970-01-01T00:00:00.000Z' }, null],
    [[[]], { equals: null }, null],
  ])('of rows %o that must be %j: %s', (rows, expect_, words) => {
    expect(wrongRows({ role: 'any', expect: expect_ }, rows)).toBe(words);
  });
});
