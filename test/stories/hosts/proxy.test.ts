import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { GitHttp } from '../../fakes/git-http.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { TlsFront } from '../../fakes/network/tls-front.ts';
import { FakeWebProxy } from '../../fakes/network/web-proxy.ts';
import { freePort } from '../../servers/program.ts';
import { selfSigned } from '../../support/certificate.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

const PASSWORD = 'Correct-horse!9';
const HOSTS = ['slack.test', 'shop.test', 'git.test', 'gate.test'];

let dir: string;
let proxy: FakeWebProxy;
let front: TlsFront;
let git: GitHttp;
let gate: TestServer;
let stage: Stage;

/** Names of the hosts are known to the proxy alone: whatever goes around it arrives nowhere. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'proxy-'));
  const certificate = await selfSigned(dir, HOSTS);
  front = await new TlsFront(certificate).start();
  proxy = await new FakeWebProxy(`ada:${PASSWORD}`).start();
  for (const host of HOSTS) proxy.knows(host, front.port);
  gate = await startHttpServer();
  front.leads('gate.test', Number(new URL(gate.url).port));
  const port = await freePort();
  front.leads('slack.test', port);
  git = new GitHttp(join(dir, 'world', 'remote.git'), 'git-token-of-the-shop');
  await git.listen();
  front.leads('git.test', Number(new URL(git.url).port));
  stage = await setStage({
    dir: join(dir, 'world'),
    port,
    slackUrl: 'https://slack.test',
    window: '2s',
    env: {
      HTTPS_PROXY: `http://ada:${encodeURIComponent(PASSWORD)}@${proxy.name}`,
      NODE_EXTRA_CA_CERTS: certificate.file,
      GIT_SSL_CAINFO: certificate.file,
      SHOP_GIT_TOKEN: 'git-token-of-the-shop',
    },
    overrides: (shop) => {
      front.leads('shop.test', Number(new URL(shop).port));
      const url = 'https://shop.test';
      return {
        repository: { url: 'https://git.test/remote.git', token: { env: 'SHOP_GIT_TOKEN' } },
        gates: [{ use: 'http', name: 'office-hours', url: 'https://gate.test/open' }],
        target: { url },
        checks: [
          { use: 'http', url: `${url}/health` },
          { use: 'version', url: `${url}/api/version`, json: 'version' },
        ],
        metrics: { url },
        links: { production: url },
      };
    },
  });
});
afterAll(async () => {
  await stage?.end();
  await Promise.all([proxy?.close(), front?.close(), gate?.close(), git?.close()]);
  await rm(dir, { recursive: true, force: true });
});

const log = () => readFile(stage.logFile, 'utf8');

test('a whole promotion in Socket Mode, with everything behind a proxy that asks for a password', async () => {
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  expect(await releaseFacts(stage)).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, fsck: '' });

  expect([...new Set(proxy.seen)].sort()).toEqual(HOSTS.map((host) => `CONNECT ${host}:443`).sort());
  const asked = front.seen.join('\n');
  for (const line of [
    /slack\.test \S+ POST \/api\/auth\.test/,
    /slack\.test \S+ UPGRADE \/link\//,
    /slack\.test \S+ POST \/upload\//,
    /slack\.test \S+ POST \/actions\//,
    /shop\.test \S+ GET \/health/,
    /git\.test \S+ POST \/remote\.git\/git-receive-pack/,
    /gate\.test \S+ \w+ \/open/,
  ])
    expect(asked).toMatch(line);
});

// Told where everything runs, like other long ones.
test.runIf(inject('sampling').whole)('a socket that is recycled comes back through the proxy', async () => {
  const sockets = () => front.seen.filter((line) => line.includes(' UPGRADE ')).length;
  const before = sockets();
  stage.workspace.control.disconnect('refresh');
  await vi.waitFor(() => expect(sockets()).toBe(before + 1), { timeout: 10_000, interval: 50 });
  await stage.workspace.waitForConnection(10_000);
  await stage.workspace.as('ada').command('/ship-prod status');
  await stage.told('ada', /shop/);
});

test('a proxy that does not take the password any more is named in the log, once it matters; its password never is', async () => {
  proxy.fault = 407;
  stage.workspace.control.disconnect('abrupt');
  await vi.waitFor(
    async () =>
      expect(await log()).toContain(
        `the proxy ${proxy.name} does not take the user and password of HTTPS_PROXY (407)`,
      ),
    { timeout: 15_000, interval: 100 },
  );
  proxy.fault = null;
  await stage.workspace.waitForConnection(20_000);
  expect(await log()).not.toMatch(/Correct-horse|Q29ycmVjd/);
  expect(stage.workspace.control.violations()).toEqual([]);
});
