import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';
import { describeWith, freePort } from '../program.ts';
import { type Certificates, certificatesFor, Folder, once, silentServer, textOf } from './servers.ts';

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

  /** Keys with their names, and certificates for them that end when a test wants. */
  const authority = async () => {
    const settings = folder.write(
      'ca.cnf',
      `[ca]\ndefault_ca=here\n[here]\ndatabase=${folder.write('index.txt', '')}\nnew_certs_dir=${folder.make('issued')}\n` +
        'unique_subject=no\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n',
    );
    const extensions = folder.write('ca.ext', 'basicConstraints=critical,CA:true\n');
    const names = folder.write('leaf.ext', 'subjectAltName=DNS:shop.test\n');
    const request = async (name: string) => {
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const out = ['-keyout', folder.at(`${name}.key`), '-out', folder.at(`${name}.csr`)];
      await once('openssl', ['req', ...kind, '-subj', `/CN=${name}`, ...out]);
    };
    const sign = async (name: string, by: string, ends: number, as = name) => {
      const signer = name === by ? ['-selfsign'] : ['-cert', folder.at(`${by}.pem`)];
      const until = new Date(ends).toISOString().replace(/[-:T]|\.\d+/g, '');
      await once('openssl', [
        ...['ca', '-batch', '-notext', '-config', settings, ...signer, '-keyfile', folder.at(`${by}.key`)],
        ...['-startdate', '20200101000000Z', '-enddate', until],
        ...['-extfile', name === 'leaf' ? names : extensions],
        ...['-in', folder.at(`${name}.csr`), '-out', folder.at(`${as}.pem`)],
      ]);
      return folder.at(`${as}.pem`);
    };
    return { request, sign };
  };

  test('an authority that nobody needs does not make it fail, and one that is needed does', async () => {
    const { request, sign } = await authority();
    const [ended, later] = [Date.parse('2024-01-01T00:00:00Z'), Date.now() + 300 * DAY];
    for (const name of ['old', 'root', 'inter', 'leaf']) await request(name);
    const old = await sign('old', 'old', later);
    const root = await sign('root', 'root', later);
    const cross = await sign('root', 'old', ended, 'cross');
    const soon = await sign('root', 'old', Date.now() + HALF_HOUR, 'soon');
    const inter = await sign('inter', 'root', later);
    const leaf = await sign('leaf', 'inter', Date.now() + 200 * DAY);
    const endedInter = await sign('inter', 'root', ended, 'ended');
    const look = async (chain: readonly string[], later = 0) => {
      const cert = [leaf, ...chain].map(textOf).join('');
      const shows = createServer({ cert, key: textOf(folder.at('leaf.key')) }, (socket) => socket.end());
      await new Promise<void>((resolve) => shows.listen(0, '127.0.0.1', resolve));
      try {
        return await attempt({ ca: root, port: (shows.address() as AddressInfo).port }, later);
      } finally {
        await new Promise((resolve) => shows.close(resolve));
      }
    };
    expect(await look([inter, cross, old])).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^the certificate of shop\.test is good for/),
    });
    expect(await look([inter, soon, old])).toMatchObject({
      ok: false,
      warning: true,
      detail: expect.stringMatching(/^the certificate of an authority above shop\.test expires in/),
    });
    const failing = await look([inter, cross, old], 199.5 * DAY);
    expect(failing).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^the certificate of shop\.test expires in/),
    });
    expect(failing).not.toHaveProperty('warning');
    expect(await look([endedInter])).toMatchObject({
      ok: false,
      detail: 'the certificate of an authority above shop.test expired on 2024-01-01: renew it',
    });
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
