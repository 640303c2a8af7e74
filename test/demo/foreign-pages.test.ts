import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_PERMISSIONS } from '../../demo/github/access.ts';
import { startGithub } from '../../demo/github/server.ts';
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

  /** `fetch` would put its own `Host` and may leave out `Origin`. */
  const ask = (url: string, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<number> => {
    const { port } = new URL(url);
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port)]),
    );
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        { method, headers: { authorization: `Bearer ${token}`, ...filled } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  };
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
