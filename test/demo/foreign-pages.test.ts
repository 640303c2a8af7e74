import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_PERMISSIONS } from '../../demo/github/access.ts';
import { startGithub } from '../../demo/github/server.ts';
import { createShopRemote } from '../../demo/shop/remote.ts';
import { type Shop, startShop } from '../../demo/shop/shop.ts';
import { GitRemote } from '../fakes/git-remote.ts';

/** What a browser sends from a page that is not ours. `null`: a sandbox, a file, or a redirect on the way. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: '' },
  { origin: 'https://127.0.0.1:PORT' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'http://localhost:PORT' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
];
const HOSTS = ['evil.example:PORT', 'evil.example', '127.0.0.1.evil.example:PORT', '0.0.0.0:PORT'].map(
  (host) => ({ host }),
);

/** `fetch` would put its own `Host` and may leave out `Origin`. */
function answered(url: string, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<number> {
  const { port } = new URL(url);
  const filled = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port)]),
  );
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: filled }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}

describe('the shop of the demo, asked by a page', () => {
  let dir: string;
  let shop: Shop;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'shop-'));
    shop = await startShop({ remote: (await createShopRemote(dir)).path });
  });
  afterAll(async () => {
    await shop.close();
    await rm(dir, { recursive: true, force: true });
  });

  test.each([...FOREIGN, ...HOSTS])('with %o, controls nothing', async (headers) => {
    const sent = { 'content-type': 'application/json', ...headers };
    expect(await answered(`${shop.url}/control`, sent, 'POST')).toBe(403);
  });

  test('is looked at by a link, under its own name only', async () => {
    expect(await answered(`${shop.url}/`, { 'sec-fetch-site': 'same-site' })).toBe(200);
    for (const headers of HOSTS) expect(await answered(`${shop.url}/`, headers)).toBe(403);
    expect(await answered(`${shop.url}/control`, { 'content-type': 'application/json' }, 'POST')).not.toBe(
      403,
    );
  });
});

describe('the GitHub of the demo, asked by a page', () => {
  let remote: GitRemote;
  let github: Awaited<ReturnType<typeof startGithub>>;
  let token: string;

  beforeAll(async () => {
    remote = new GitRemote();
    remote.push('main', 'chore: begin', { a: '1' });
    github = await startGithub({ path: remote.path });
    token = github.access.token(ALL_PERMISSIONS);
  });
  afterAll(async () => {
    await github.close();
    remote.remove();
  });

  const ask = (url: string, headers: Readonly<Record<string, string>>, method?: string) =>
    answered(url, { authorization: `Bearer ${token}`, ...headers }, method);
  const api = () => `${github.api}/repos/${github.name}`;

  test.each([...FOREIGN, ...HOSTS])('with %o, reads and changes nothing', async (headers) => {
    expect(await ask(api(), headers)).toBe(403);
    expect(await ask(`${api()}/git/refs/heads/main`, headers, 'DELETE')).toBe(403);
    expect(github.requests).toEqual([]);
    expect(remote.tip('main')).not.toBeNull();
  });

  test.each(HOSTS)('by another name (%o), gets no page either', async (headers) => {
    expect(await ask(`${github.web}/${github.name}`, headers)).toBe(403);
  });

  test('programs and a link from the workspace are let in', async () => {
    expect(await ask(api(), {})).toBe(200);
    expect(await ask(`${github.web}/${github.name}`, { 'sec-fetch-site': 'same-site' })).not.toBe(403);
  });
});
