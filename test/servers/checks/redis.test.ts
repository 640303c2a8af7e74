import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askRedis, redisConnection } from '../../../src/adapters/checks/redis/client.ts';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { describeWith, freePort } from '../program.ts';
import { type Certificates, certificatesFor, Folder, listens, Program, Relay } from './servers.ts';

const PASSWORD = 's3cret-of-the-shop';

describeWith('redis-server', 'redis-server')('checks of a real Redis', () => {
  const folder = new Folder();
  let certificates: Certificates;
  let primary: Program;
  let port: number;
  let tlsPort: number;

  const start = async (name: string, on: number, ...more: string[]) => {
    const args = ['--port', String(on), '--bind', '127.0.0.1', '--dir', folder.make(name), '--save', ''];
    const program = new Program('redis-server', [...args, ...more]);
    await program.ready(() => listens(on));
    return program;
  };
  const startPrimary = () =>
    start(
      'primary',
      port,
      ...['--requirepass', PASSWORD, '--user', 'careful', 'on', `>${PASSWORD}`, '+ping', '+auth'],
      ...[
        '--tls-port',
        String(tlsPort),
        '--tls-cert-file',
        certificates.cert,
        '--tls-key-file',
        certificates.key,
      ],
      ...['--tls-ca-cert-file', certificates.ca, '--tls-auth-clients', 'no'],
    );

  beforeAll(async () => {
    certificates = await certificatesFor(folder, 'DNS:localhost');
    [port, tlsPort] = [await freePort(), await freePort()];
    primary = await startPrimary();
  });
  afterAll(async () => {
    await primary?.stop();
    folder.remove();
  });

  const address = (on = port, login = `:${PASSWORD}`, database = '0') =>
    `redis://${login}@127.0.0.1:${on}/${database}`;
  const open = (settings: Record<string, unknown> = {}, url = address()) =>
    checks.open(
      checks.settings.parse({ use: 'redis', url: { env: 'SHOP_REDIS_URL' }, timeout: '3s', ...settings }),
      adapterContext({ env: { SHOP_REDIS_URL: url } }),
    );
  const attempt = async (settings?: Record<string, unknown>, url?: string) => {
    const seen = await open(settings, url).attempt(EXPECTED, AbortSignal.timeout(10_000));
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    return seen;
  };

  checkContract({
    name: 'redis',
    well: async () => open(),
    unwell: async () => open({}, address(port, ':s3cret-wrong')),
    gone: async () => open({}, address(await freePort())),
  });

  test.each([
    ['the wrong password', () => address(port, ':s3cret-wrong'), 'Redis refused the password'],
    [
      'the wrong password of a user',
      () => address(port, 'shop:s3cret'),
      'Redis refused the password of user shop',
    ],
    ['no password', () => address(port, ''), 'Redis asks for a password, and the address has none'],
    ['no such database', () => address(port, undefined, '99'), 'Redis has no database 99'],
    [
      'a user that may not ask',
      () => address(port, `careful:${PASSWORD}`),
      /^Redis does not let this user ask what the check asks/,
    ],
    [
      'nobody there',
      async () => address(await freePort()),
      /^Redis at 127\.0\.0\.1:\d+: connection refused$/,
    ],
    [
      'no TLS where there is only TLS',
      () => address(tlsPort),
      /the connection was closed .* does it speak TLS only/,
    ],
    ['TLS where there is none', () => address().replace('redis:', 'rediss:'), /TLS/],
  ])('says in words: %s', async (_name, url, detail) => {
    expect(await attempt({}, await url())).toMatchObject({
      ok: false,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
  });

  test('speaks TLS, and trusts only whom it was told to trust', async () => {
    const at = (host: string) => `rediss://:${PASSWORD}@${host}:${tlsPort}`;
    expect(await attempt({ tls: { ca: certificates.ca } }, at('localhost'))).toMatchObject({ ok: true });
    expect(await attempt({}, at('localhost'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is signed by an unknown authority$/),
    });
    expect(await attempt({ tls: { ca: certificates.ca } }, at('127.0.0.1'))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/certificate is not for 127\.0\.0\.1$/),
    });
    expect(await attempt({ tls: { verify: false } }, at('127.0.0.1'))).toMatchObject({ ok: true });
  });

  test('tells a replica from a primary, and one that lost it', async () => {
    const on = await freePort();
    const source = ['--replicaof', `127.0.0.1 ${port}`, '--masterauth', PASSWORD];
    const replica = await start('replica', on, ...source, '--requirepass', PASSWORD);
    try {
      expect(await attempt({}, address(on))).toMatchObject({
        ok: false,
        detail: 'Redis is a replica, expected one that takes writes (role: primary)',
      });
      await expect
        .poll(async () => (await attempt({ role: 'replica' }, address(on))).ok, { timeout: 10_000 })
        .toBe(true);
      expect(await attempt({ role: 'any' }, address(on))).toMatchObject({ ok: true });
      expect(await attempt({ role: 'replica' })).toMatchObject({
        ok: false,
        detail: 'Redis takes writes, expected a replica',
      });
      await primary.stop();
      await expect
        .poll(async () => (await attempt({ role: 'replica' }, address(on))).detail)
        .toBe('Redis is a replica that has lost its primary');
      primary = await startPrimary();
    } finally {
      await replica.stop();
    }
  });

  test('a Sentinel does not say that it takes writes', async () => {
    const on = await freePort();
    const config = folder.write('sentinel.conf', `port ${on}\nbind 127.0.0.1\n`);
    const sentinel = new Program('redis-server', [config, '--sentinel']);
    try {
      await sentinel.ready(() => listens(on));
      expect(await attempt({}, address(on, ''))).toMatchObject({
        ok: false,
        unasked: true,
        detail: 'Redis does not say what it is: is it a Sentinel or a proxy?',
      });
    } finally {
      await sentinel.stop();
    }
  });

  test('a cluster that has lost a part of its slots takes no writes', async () => {
    const on = await freePort();
    const node = await start(
      'cluster',
      on,
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      String(await freePort()),
    );
    try {
      expect(await attempt({}, address(on, ''))).toMatchObject({
        ok: false,
        detail: 'the Redis Cluster takes no writes (cluster_state: fail)',
      });
      const connection = redisConnection(
        { url: { env: 'X' } },
        adapterContext({ env: { X: address(on, '') } }),
      );
      await askRedis(connection, 5_000, AbortSignal.timeout(5_000), async (ask) => {
        await ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
        return { ok: true, detail: 'whole' };
      });
      await expect.poll(async () => (await attempt({}, address(on, ''))).ok, { timeout: 10_000 }).toBe(true);
    } finally {
      await node.stop();
    }
  });

  test('says when there is no connection left', async () => {
    const on = await freePort();
    const small = await start('small', on, '--maxclients', '2');
    const held: Socket[] = [connect(on, '127.0.0.1'), connect(on, '127.0.0.1')];
    try {
      await expect
        .poll(async () => (await attempt({}, address(on, ''))).detail)
        .toBe('Redis has no connection left (maxclients is reached)');
      for (const socket of held) socket.destroy();
      await expect.poll(async () => (await attempt({}, address(on, ''))).ok).toBe(true);
    } finally {
      await small.stop();
    }
  });

  test('a slow or broken network is told from one that is well', async () => {
    const relay = new Relay(port);
    const on = await relay.listen();
    relay.delayMs = 40;
    expect(await attempt({}, address(on))).toMatchObject({ ok: true });
    expect(await attempt({ timeout: '60ms' }, address(on))).toMatchObject({
      ok: false,
      detail: 'no answer within 60 ms; it waited for Redis to answer',
    });
    relay.delayMs = 0;
    relay.cutAfter = 8;
    expect(await attempt({}, address(on))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/closed before the answer/),
    });
    relay.close();
  });

  test('one that hangs is not waited for, and one that is stopped is gone', async () => {
    primary.hang();
    const began = performance.now();
    expect(await attempt({ timeout: '300ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 300 ms; it waited for Redis to answer',
    });
    expect(performance.now() - began).toBeLessThan(1_000);
    primary.goOn();
    await expect.poll(async () => (await attempt()).ok).toBe(true);
    await primary.stop();
    expect(await attempt()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/connection refused$/),
    });
    primary = await startPrimary();
    expect(await attempt()).toMatchObject({ ok: true });
  });
});
