import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { projectRoot } from '../../demo/project-root.ts';
import { TlsFront } from '../fakes/network/tls-front.ts';
import { setStage } from '../stories/stage.ts';
import { type Certificate, selfSigned } from '../support/certificate.ts';
import { nodeProgram } from './node-binary.ts';
import { freePort } from './program.ts';

const run = promisify(execFile);

/** The floor, the newest of each line that is kept up, and what has a known fault. */
const VERSIONS = ['20.18.1', '20', '22', '24', '26.0.0', '26'];
const TOO_OLD = ['20.17.0', '18', '14.21.3'];

/** The programs by version; null where the registry is not to be had. */
const programs = await Promise.all(
  [...VERSIONS, '26.1.0', ...TOO_OLD].map(async (version) => [version, await nodeProgram(version)] as const),
).then(
  (found) => new Map(found),
  (error: Error) => {
    const line = `no Node to try, because the npm registry does not answer: ${error.message.split('\n')[0]}`;
    if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(line);
    process.stderr.write(`skipped, ${line}\n`);
    return null;
  },
);

describe.skipIf(programs === null)('Slack over HTTP/2', () => {
  let dir: string;
  let certificate: Certificate;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nodes-'));
    certificate = await selfSigned(dir, ['localhost']);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const programOf = (version: string) => programs?.get(version) ?? '';

  /** What the fetch of that Node says of an empty body, as Slack's client sends it for `auth.test`. */
  async function ownFetch(version: string): Promise<string> {
    const server = createServer((request, response) => request.resume().on('end', () => response.end()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const front = await new TlsFront(certificate).start();
    front.leads('localhost', (server.address() as AddressInfo).port);
    const script = `fetch('https://localhost:${front.port}/', { method: 'POST', body: '', signal: AbortSignal.timeout(1500) })
      .then(({ status }) => console.log(status), ({ name }) => console.log(name)).finally(() => process.exit())`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate.file };
    try {
      return (await run(programOf(version), ['-e', script], { env })).stdout.trim();
    } finally {
      await front.close();
      server.closeAllConnections();
      server.close();
    }
  }

  test('the known fault is there: the fetch of 26.0 and 26.1 never ends an empty body', async () => {
    expect({
      '24': await ownFetch('24'),
      '26.0.0': await ownFetch('26.0.0'),
      '26.1.0': await ownFetch('26.1.0'),
      '26': await ownFetch('26'),
    }).toEqual({ '24': '200', '26.0.0': 'TimeoutError', '26.1.0': 'TimeoutError', '26': '200' });
  });

  test.each(VERSIONS)('Node %s: starts, ships, and is there again after a reconnect', async (version) => {
    const port = await freePort();
    const front = await new TlsFront(certificate).start();
    front.leads('localhost', port);
    const stage = await setStage({
      node: programOf(version),
      port,
      slackUrl: `https://localhost:${front.port}`,
      window: '1s',
      env: { NODE_EXTRA_CA_CERTS: certificate.file },
    });
    try {
      await stage.asks();
      await stage.press('grace', 'approve');
      await stage.cardShows(/Shipped/);
      stage.workspace.control.disconnect('refresh');
      const sockets = () => front.seen.filter((line) => line.includes(' UPGRADE ')).length;
      await vi.waitFor(() => expect(sockets()).toBe(2), { timeout: 10_000, interval: 50 });
      await stage.workspace.waitForConnection(10_000);
      await stage.workspace.as('ada').command('/ship-prod status');
      await stage.told('ada', /shop/);
      expect(front.seen.join('\n')).toMatch(/POST \/api\/auth\.test[\s\S]*UPGRADE \/link\//);
      expect(await readFile(stage.logFile, 'utf8')).toContain('Slipway is ready');
      expect(stage.workspace.control.violations()).toEqual([]);
    } catch (error) {
      throw new Error(await readFile(stage.logFile, 'utf8'), { cause: error });
    } finally {
      await stage.end();
      await front.close();
    }
  });

  test.each(TOO_OLD)(
    'Node %s is told that it is too old, by the command and by the demo',
    async (version) => {
      for (const args of [
        ['bin/slipway.mjs', 'start'],
        ['bin/slipway.mjs', 'doctor'],
        ['scripts/ensure.mjs'],
      ]) {
        const failed = await run(programOf(version), args, { cwd: projectRoot }).then(
          () => null,
          (error: { code: number; stderr: string }) => error,
        );
        expect(failed).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(
            /^Slipway needs Node 20\.18\.1 or newer, and this is v\d+\.\d+\.\d+\. .*\n$/,
          ),
        });
      }
    },
  );
});
