import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRemote, RemoteSettings } from '../../../../src/adapters/repositories/git/remote.ts';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitHttp } from '../../../fakes/git-http.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

const TOKEN = 'ghp_S3cretToken1234567890';

let remote: GitRemote;
let host: GitHttp;
let stranger: Server;
/** What came to the host that nobody configured: `METHOD path authorization`. */
let caught: string[];
let dataDir: string;

beforeEach(async () => {
  remote = new GitRemote();
  remote.push('main', 'feat: begin', { VERSION: '1.0.0\n' });
  host = new GitHttp(remote.path, TOKEN);
  await host.listen();
  caught = [];
  stranger = createServer((request, response) => {
    caught.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
});
afterEach(async () => {
  await host.close();
  await new Promise((resolve) => stranger.close(resolve));
  remote.remove();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

function strangerUrl(): string {
  return `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
}

function open(): Repository {
  const settings = GitRepositorySettings.parse({
    use: 'git',
    url: host.url,
    token: { env: 'TOKEN' },
    timeout: '10s',
  });
  return openGitRepository(settings, adapterContext({ dataDir, env: { TOKEN } }));
}

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (caughtError: unknown) => caughtError,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

describe('a host that sends git elsewhere', () => {
  test.each([301, 302, 307, 308])(
    'is not followed on its first answer (%i), and the new address is said',
    async (status) => {
      host.redirect = { status, to: strangerUrl(), methods: ['GET', 'POST'] };
      const refusal = await refusalOf(open().refs());
      expect(refusal).toMatchObject({
        code: 'repository-redirects',
        facts: { remote: host.url, to: `${strangerUrl()}/shop.git` },
      });
      expect(explain(refusal).text).toContain(`${strangerUrl()}/shop.git`);
      expect(caught).toEqual([]);
    },
  );

  test.each([302, 307])('is not followed on the request that carries the data (%i)', async (status) => {
    const repository = open();
    const base = (await repository.refs()).branches['main'] as Sha;
    host.redirect = { status, to: strangerUrl(), methods: ['POST'] };
    const refusal = await refusalOf(
      repository.cutRelease(
        {
          base,
          branch: 'main',
          version: '1.1.0',
          tag: 'v1.1.0',
          message: 'chore(release): v1.1.0',
          tagMessage: 'Release v1.1.0\n',
          files: [{ path: 'VERSION', text: '1.1.0\n' }],
        },
        'key',
      ),
    );
    expect(refusal).toMatchObject({
      code: 'repository-redirects',
      facts: { to: `${strangerUrl()}/shop.git` },
    });
    expect(host.requests.some((request) => request.startsWith('POST'))).toBe(true);
    expect(caught).toEqual([]);
  });

  test('tells nothing else of where it leads than the address', async () => {
    host.redirect = { status: 302, to: `http://user:pass-word@127.0.0.1:1`, methods: ['GET'] };
    expect((await refusalOf(open().refs())).facts['to']).toBe('http://127.0.0.1:1/shop.git');
  });
});

describe('an address that is not encrypted', () => {
  const parsed = (settings: object) => RemoteSettings.safeParse(settings);
  const token = { env: 'TOKEN' };

  test.each([
    ['http with a token', { url: 'http://git.example/shop.git', token }],
    ['http in capitals', { url: 'HTTP://git.example/shop.git', token }],
    ['a name that only looks like this machine', { url: 'http://localhost.example/shop.git', token }],
    ['a user that looks like this machine', { url: 'http://127.0.0.1.example/shop.git', token }],
    ['git', { url: 'git://git.example/shop.git' }],
  ])('is refused in the config and when it is opened: %s', (_, settings) => {
    expect(parsed(settings).error?.issues[0]).toMatchObject({
      path: ['url'],
      message: expect.stringMatching(/https or ssh/),
    });
    expect(GitRepositorySettings.safeParse({ use: 'git', ...settings }).success).toBe(false);
    const asIs = { username: 'x', timeout: 1_000, ...settings };
    expect(() => openRemote(asIs, adapterContext({ env: { TOKEN } }))).toThrowError(
      expect.objectContaining({ code: 'repository-plain' }),
    );
  });

  test.each([
    { url: 'https://git.example/shop.git', token },
    { url: 'http://127.0.0.1:3000/shop.git', token },
    { url: 'http://[::1]:3000/shop.git', token },
    { url: 'http://localhost/shop.git', token },
    { url: 'git://127.0.0.1/shop.git' },
    { url: 'git@git.example:shop.git' },
  ])('is taken when it is encrypted or of this machine: $url', (settings) => {
    expect(parsed(settings).success).toBe(true);
  });
});

test('nobody else on the machine can look into the clones', async () => {
  await open().refs();
  expect(statSync(join(dataDir, 'git')).mode & 0o777).toBe(0o700);
});
