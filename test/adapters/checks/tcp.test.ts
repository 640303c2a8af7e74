import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { floods, RawServer } from './raw-server.ts';

let server: RawServer;
beforeEach(async () => {
  server = await RawServer.start();
});
afterEach(() => server.close());

const open = (settings: Record<string, unknown> = {}) =>
  checks.open(
    checks.settings.parse({ use: 'tcp', host: '127.0.0.1', port: server.port, ...settings }),
    adapterContext(),
  );
const attempt = (settings?: Record<string, unknown>) =>
  open(settings).attempt(EXPECTED, AbortSignal.timeout(5_000));

checkContract({
  name: 'tcp',
  well: async () => open(),
  unwell: async () => {
    server.does((socket) => socket.end());
    return open({ expect: '220' });
  },
  gone: async () => {
    await server.close();
    return open();
  },
});

describe('the tcp check', () => {
  test('connects, and closes again', async () => {
    expect(await attempt()).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^connected in \d+ ms$/),
    });
    await expect.poll(() => server.open).toBe(0);
    expect(open()).toMatchObject({ name: `127.0.0.1:${server.port}`, kind: 'tcp', critical: true });
    expect(open()).not.toHaveProperty('watch');
    expect(open({ watch: false, name: 'mail' })).toMatchObject({ name: 'mail', watch: false });
  });

  test('waits for what the server says first', async () => {
    server.does((socket) => {
      socket.write('220 mail');
      setTimeout(() => socket.write('.shop.test ESMTP\r\n'), 10);
    });
    expect(await attempt({ expect: 'ESMTP' })).toMatchObject({ ok: true });
    expect(await attempt({ expect: { matches: '^220 ' } })).toMatchObject({ ok: true });
    expect(await attempt({ expect: 'SSH', timeout: '80ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 80 ms; it waited for what the server says first',
    });
    server.does((socket) => socket.end('554 go\u202e away\r\n'));
    expect((await attempt({ expect: { matches: '^220' } })).detail).toMatch(
      /what it says is "554 go\\u\{202e\} away\\r\\n", expected a match of "\^220"$/,
    );
    server.does(floods(Buffer.alloc(65_536, 'a')));
    expect(await attempt({ expect: 'b' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/does not contain "b"$/),
    });
  });

  test('says why there is no connection', async () => {
    const { port } = server;
    await server.close();
    expect((await attempt({ port })).detail).toBe(`127.0.0.1:${port}: connection refused`);
    expect((await attempt({ port, host: 'no.such.host.invalid' })).detail).toMatch(
      /no such host|could not be looked up/,
    );
  });

  test.each([
    [{ host: 'http://a' }],
    [{ host: 'a b' }],
    [{ port: 0 }],
    [{ port: 70_000 }],
    [{ expect: { matches: '(' } }],
  ])('refuses the settings %j', (settings) => {
    expect(checks.settings.safeParse({ use: 'tcp', host: 'a', port: 1, ...settings }).success).toBe(false);
  });
});
