import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { GithubClient } from '../../../../src/adapters/repositories/github/api/client.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

let remote: GitRemote;
let github: Github;

beforeAll(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
});
afterAll(async () => {
  await github.close();
  remote.remove();
});

const asked = () => github.requests.at(-1)?.url;

test('owner and repo are put where a route has a place for them, and nowhere else', async () => {
  const { settings, context } = signedIn(github, github.access.app());
  const client = new GithubClient(settings, context);
  const App = z.object({ slug: z.string() });

  expect(await client.get('GET /app', {}, App, { asApp: true })).toEqual({ slug: 'slipway' });
  expect(asked()).toBe('/api/v3/app');
  await client.get('GET /repos/{owner}/{repo}/branches/{branch}', { branch: 'main' }, z.unknown());
  expect(asked()).toBe('/api/v3/repos/acme/shop/branches/main');
  expect(github.violations).toEqual([]);
});

test('the same asked twice at once is one request, and what is changed meanwhile is read anew', async () => {
  const { settings, context } = signedIn(github, github.access.token());
  const client = new GithubClient(settings, context);
  const Tip = z.object({ object: z.object({ sha: z.string() }) });
  const tip = async () =>
    (await client.get('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: 'heads/main' }, Tip)).object.sha;
  const before = github.requests.length;
  const [one, other] = await Promise.all([tip(), tip()]);
  expect(one).toBe(other);
  expect(github.requests.length - before).toBe(1);

  const commit = remote.push('next', 'feat: more', { VERSION: '1.1.0\n' });
  const early = tip();
  const move = client.send(
    'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
    { ref: 'heads/main', sha: commit, force: true },
    z.unknown(),
  );
  const during = tip();
  await move;
  expect(await tip()).toBe(commit);
  await Promise.all([early, during]);
  expect(github.requests.length - before).toBe(1 + 4);
});

test('the small GitHub turns away what a route does not know, so that this would be seen', async () => {
  const { settings, context } = signedIn(github, github.access.app());
  const client = new GithubClient(settings, context);
  const wrong = client.get('GET /app', { owner: 'acme' }, z.unknown(), { asApp: true });
  await expect(wrong).rejects.toMatchObject({ code: 'github-refused' });
  expect(github.violations.splice(0)).toEqual(['request GET /app: unknown query parameters: owner']);
});
