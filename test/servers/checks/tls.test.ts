import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { describeWith, freePort } from '../program.ts';
import { type Certificates, certificatesFor, Folder, silentServer, textOf } from './servers.ts';

const DAY = 86_400_000;
/** Between two full hours: a test that ran within the second of the certificate would see the hour before. */
const HALF_HOUR = 1_800_000;

describeWith('openssl', 'openssl')('checks of a server with a certificate', () => {
  const folder = new Folder();
  let certificates: Certificates;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    certificates = await certificatesFor(folder, 'DNS:localhost,DNS:shop.test', 30);
    server = createServer({ cert: textOf(certificates.cert), key: textOf(certificates.key) }, (socket) =>
      socket.end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    folder.remove();
  });

  const open = (settings: Record<string, unknown> = {}, later = 0) =>
    checks.open(
      checks.settings.parse({
        use: 'tls',
        host: '127.0.0.1',
        port,
        'server-name': 'shop.test',
        ca: certificates.ca,
        timeout: '3s',
        ...settings,
      }),
      adapterContext({ now: () => Date.now() + later }),
    );
  const attempt = (settings?: Record<string, unknown>, later?: number) =>
    open(settings, later).attempt(EXPECTED, AbortSignal.timeout(10_000));

  checkContract({
    name: 'tls',
    well: async () => open(),
    unwell: async () => open({ 'server-name': 'other.test' }),
    gone: async () => open({ port: await freePort() }),
  });

  test('says how long it is good for, and warns in time', async () => {
    expect(await attempt({}, HALF_HOUR)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(
        /^the certificate of shop\.test is good for 29 days 23 h \(until \d{4}-\d\d-\d\d\)$/,
      ),
    });
    const soon = await attempt({}, 20 * DAY + HALF_HOUR);
    expect(soon).toMatchObject({
      ok: false,
      warning: true,
      detail: expect.stringMatching(/expires in 9 days 23 h \(.*\): renew it$/),
    });
    const now = await attempt({}, 29.5 * DAY + HALF_HOUR);
    expect(now).toMatchObject({ ok: false, detail: expect.stringMatching(/expires in 11 h/) });
    expect(now).not.toHaveProperty('warning');
    expect(await attempt({}, 31 * DAY)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/expired on .*: renew it$/),
    });
    expect(await attempt({ 'warn-before': '40d' })).toMatchObject({ ok: false, warning: true });
  });

  test('says when it is for another name, and by whom it is not trusted', async () => {
    expect(await attempt({ 'server-name': 'other.test' })).toMatchObject({
      ok: false,
      detail: 'certificate is not for other.test, it is for "DNS:localhost, DNS:shop.test"',
    });
    expect(await attempt({ ca: undefined })).toMatchObject({
      ok: false,
      detail: 'certificate is signed by an unknown authority',
    });
  });

  test('says when it is no TLS, or nothing is said at all', async () => {
    const silent = await silentServer();
    expect(await attempt({ port: silent.port, timeout: '100ms' })).toMatchObject({
      ok: false,
      detail: 'no answer within 100 ms; it waited for the TLS handshake',
    });
    await expect.poll(silent.open).toBe(0);
    silent.close();
  });

  test('refuses a file that is not there, and times that contradict each other', () => {
    expect(() => open({ ca: './none.pem' })).toThrow(expect.objectContaining({ code: 'check-file' }));
    expect(() => open({ 'fail-before': '20d' })).toThrow(/at most warn-before/);
  });
});
