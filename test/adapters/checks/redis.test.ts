import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeReply, RedisError } from '../../../src/adapters/checks/redis/reply.ts';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { floods, RawServer, WEB_PAGE } from './raw-server.ts';

let server: RawServer;
beforeEach(async () => {
  server = await RawServer.start();
});
afterEach(() => server.close());

const INFO = (role: string, more = '') => {
  const text = `# Replication\r\nrole:${role}\r\n${more}`;
  return `$${text.length}\r\n${text}\r\n`;
};
const open = (settings: Record<string, unknown> = {}, login = '') =>
  checks.open(
    checks.settings.parse({ use: 'redis', url: { env: 'REDIS_URL' }, ...settings }),
    adapterContext({ env: { REDIS_URL: `redis://${login}127.0.0.1:${server.port}` } }),
  );
const attempt = async (settings?: Record<string, unknown>, login?: string) => {
  const seen = await open(settings, login).attempt(EXPECTED, AbortSignal.timeout(5_000));
  expect(JSON.stringify(seen)).not.toContain('s3cret');
  return seen;
};

checkContract({
  name: 'redis',
  well: async () => {
    server.says('+PONG\r\n', INFO('master'));
    return open();
  },
  unwell: async () => {
    server.says('-LOADING Redis is loading the dataset in memory\r\n');
    return open();
  },
  gone: async () => {
    await server.close();
    return open();
  },
});

const NOT_SEEN = {
  ok: true,
  detail: expect.stringMatching(
    /^answers in .*; the state of its cluster was not seen: allow \+cluster\|info/,
  ),
};

describe('the redis check', () => {
  test('closes its connection', async () => {
    server.says('+PONG\r\n', INFO('master'));
    expect(await attempt()).toMatchObject({ ok: true });
    await expect.poll(() => server.open).toBe(0);
  });

  test.each([
    ['-NOAUTH Authentication required.\r\n', 'Redis asks for a password, and the address has none'],
    [
      '-DENIED Redis is running in protected mode because\r\n',
      'Redis is in protected mode: it takes connections from its own machine only',
    ],
    [
      '-MISCONF Redis is configured to save RDB snapshots\r\n',
      'Redis takes no writes because it cannot save them to disk',
    ],
    ['-BUSY Redis is busy running a script.\r\n', 'Redis is busy with a script and answers nobody'],
    ['-MASTERDOWN Link with MASTER is down\r\n', 'Redis is a replica that has lost its primary'],
    ['-ERR something\u202e else\r\n', 'Redis answered ERR something\\u{202e} else'],
    ['+WHAT\r\n', 'Redis answered "WHAT" to PING'],
    [WEB_PAGE, /gave no answer that Redis gives: it answered something else$/],
    [
      '*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n',
      /gave no answer that Redis gives: its answer is nested too deeply$/,
    ],
    ['*99999999\r\n', /gave no answer that Redis gives: its answer is too long$/],
    ['$5\r\nPONG!!!\r\n', /gave no answer that Redis gives/],
    [':99999999999999999999\r\n', /gave no answer that Redis gives/],
  ])('says what it makes of %j', async (answer, detail) => {
    server.says(answer);
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
  });

  test.each([
    ['-MOVED 3999 127.0.0.1:6381\r\n'],
    ['-ASK 3999 127.0.0.1:6381\r\n'],
    ['-TRYAGAIN Multiple keys request during rehashing of slot\r\n'],
    ["-CROSSSLOT Keys in request don't hash to the same slot\r\n"],
  ])('what another node of a cluster has is unknown: %j', async (answer) => {
    server.says(answer);
    expect(await attempt()).toMatchObject({
      ok: false,
      unasked: true,
      detail: expect.stringMatching(/^this node of a Redis Cluster does not have what the check asks for \(/),
    });
  });

  test.each([
    ['active-replica', { ok: true }],
    ['slave', { ok: false, detail: 'Redis is a replica, expected one that takes writes (role: primary)' }],
    ['replica', { ok: false, detail: 'Redis is a replica, expected one that takes writes (role: primary)' }],
    [
      'sentinel',
      { ok: false, unasked: true, detail: 'Redis does not say what it is: is it a Sentinel or a proxy?' },
    ],
  ])('one that calls itself %s', async (role, seen) => {
    server.says('+PONG\r\n', INFO(role));
    expect(await attempt()).toMatchObject(seen);
  });

  test.each([
    ['$17\r\ncluster_state:ok\n\r\n', { ok: true }],
    [
      '$18\r\ncluster_state:fail\r\n',
      { ok: false, detail: 'the Redis Cluster takes no writes (cluster_state: fail)' },
    ],
    ['-NOPERM this user has no permissions to run the cluster|info command\r\n', NOT_SEEN],
    ['-ERR unknown command CLUSTER\r\n', NOT_SEEN],
  ])('a cluster that answers %j', async (answer, seen) => {
    server.says('+PONG\r\n', INFO('master', 'cluster_enabled:1\r\n'), answer);
    const found = await attempt();
    expect(found).toMatchObject(seen);
    expect(found).not.toHaveProperty('unasked');
  });

  test('sends the password once, and repeats it nowhere', async () => {
    const sent: string[] = [];
    server.does((socket) =>
      socket.on('data', (data) => {
        sent.push(data.toString());
        socket.write('-WRONGPASS invalid username-password pair s3cret\r\n');
      }),
    );
    expect(await attempt({}, 'shop:s3cret@')).toMatchObject({
      ok: false,
      detail: 'Redis refused the password of user shop',
    });
    expect(sent).toEqual(['*3\r\n$4\r\nAUTH\r\n$4\r\nshop\r\n$6\r\ns3cret\r\n']);
  });

  test('reads an answer that comes in pieces', async () => {
    server.does((socket) => {
      const left = ['+PONG\r\n', INFO('master')];
      socket.on('data', () => {
        for (const character of left.shift() ?? '') socket.write(character);
      });
    });
    expect(await attempt()).toMatchObject({ ok: true });
  });

  test('one that never ends its answer, or sends without end, is given up', async () => {
    server.says('$100000\r\nabc');
    expect(await attempt({ timeout: '60ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 60 ms; it waited for Redis to answer',
    });
    server.does(floods(Buffer.from(`$${10 * 1024 * 1024}\r\n${'x'.repeat(65_536)}`)));
    expect(await attempt()).toMatchObject({ ok: false });
    await expect.poll(() => server.open).toBe(0);
  });

  test.each([['postgres://127.0.0.1'], ['127.0.0.1:6379'], ['redis://'], ['']])(
    'refuses the address %j without repeating it',
    (url) => {
      const context = adapterContext({ env: { REDIS_URL: url } });
      const settings = checks.settings.parse({ use: 'redis', url: { env: 'REDIS_URL' } });
      expect(() => checks.open(settings, context)).toThrow(
        expect.objectContaining({ code: 'check-address' }),
      );
    },
  );
});

describe('replies', () => {
  test.each([
    ['+OK\r\n', 'OK'],
    [':-5\r\n', -5],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['$0\r\n\r\n', ''],
    ['*2\r\n$1\r\na\r\n:1\r\n', ['a', 1]],
    ['-ERR x\r\n', new RedisError('ERR x')],
  ])('%j', (bytes, reply) => {
    expect(decodeReply(Buffer.from(bytes))).toEqual({ reply, next: bytes.length });
    for (let end = 0; end < bytes.length; end++)
      expect(decodeReply(Buffer.from(bytes.slice(0, end)))).toBeNull();
  });
});
