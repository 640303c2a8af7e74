import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXPECTED } from '../contracts/check.ts';
import { adapterContext } from '../fakes/adapter-context.ts';
import { checks } from '../support/all-adapters.ts';
import { describeWith } from './program.ts';

const run = promisify(execFile);

describeWith('openssl', 'openssl')('a check of a server with a certificate of its own', () => {
  let dir: string;
  let server: Server;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tls-'));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const make = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ];
    await run('openssl', ['req', ...make, '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert]);
    const pem = { key: await readFile(key), cert: await readFile(cert) };
    server = createServer(pem, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true, force: true });
  });

  test('does not trust it, and says why', async () => {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
    const check = checks.open(checks.settings.parse({ use: 'http', url }), adapterContext());
    expect(await check.attempt(EXPECTED, AbortSignal.timeout(10_000))).toMatchObject({
      ok: false,
      detail: 'certificate is self-signed',
    });
  });
});
