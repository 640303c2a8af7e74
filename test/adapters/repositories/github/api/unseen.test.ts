import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../../src/adapters/repositories/github/repository-port.ts';
import type { ReleaseCut, Repository } from '../../../../../src/adapters/repositories/port.ts';
import { adapterContext } from '../../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../../fakes/git-remote.ts';

const R = '/repos/{owner}/{repo}';
const NOT_FOUND = { status: 404, message: 'Not Found' };
const NO_OBJECT = { status: 422, message: 'Object does not exist' };

let remote: GitRemote;
let github: Github;
let repository: Repository;
let cut: ReleaseCut;
let now: number;

beforeEach(async () => {
  now = Date.now();
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  const base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
  cut = {
    base,
    branch: 'main',
    version: '1.1.0',
    tag: 'v1.1.0',
    message: 'chore(release): v1.1.0',
    tagMessage: 'Release v1.1.0\n',
    files: [{ path: 'VERSION', text: '1.1.0\n' }],
  };
  const settings = { use: 'github', repository: github.name, api: github.api, token: { env: 'TOKEN' } };
  const context = adapterContext({ env: { TOKEN: github.access.token() }, now: () => now });
  repository = openGithubRepository(GithubRepositorySettings.parse(settings), context);
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

const release = () => repository.cutRelease(cut, 'p1');

describe('what GitHub does not show yet', () => {
  test.each([
    ['a tag object, as not found', `POST ${R}/git/refs`, NOT_FOUND],
    ['a tag object', `POST ${R}/git/refs`, NO_OBJECT],
    ['a commit, as not found', `PATCH ${R}/git/refs/{ref}`, NOT_FOUND],
    ['a commit', `PATCH ${R}/git/refs/{ref}`, NO_OBJECT],
    ['a tree', `POST ${R}/git/commits`, { status: 422, message: 'Tree SHA does not exist' }],
  ])('is asked for again: %s', async (_what, operation, fault) => {
    github.faults.next(operation, fault, 2);
    for (const _ of [1, 2]) await expect(release()).rejects.toMatchObject({ name: 'Unavailable' });
    const { commit } = await release();
    expect(remote.tip('main')).toBe(commit);
    expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(commit);
    expect(remote.git('rev-list', '--count', 'main')).toBe('2');
  });

  test('is not there when it does not show after a minute', async () => {
    github.faults.next(`POST ${R}/git/refs`, NO_OBJECT, 2);
    await expect(release()).rejects.toMatchObject({ name: 'Unavailable', retryAfterMs: 2_000 });
    now += 61_000;
    await expect(release()).rejects.toMatchObject({
      code: 'tag-refused',
      facts: { reason: NO_OBJECT.message },
    });
    expect((await release()).tag).toBe('v1.1.0');
  });

  test('is waited for again when it is another one', async () => {
    github.faults.next(`PATCH ${R}/git/refs/{ref}`, NO_OBJECT, 1);
    await expect(release()).rejects.toMatchObject({ name: 'Unavailable' });
    const { commit } = await release();
    now += 90_000;
    github.faults.next(`PATCH ${R}/git/refs/{ref}`, NO_OBJECT, 1);
    const next = { ...cut, base: commit, version: '1.2.0', tag: 'v1.2.0' };
    await expect(repository.cutRelease(next, 'p2')).rejects.toMatchObject({ name: 'Unavailable' });
  });

  test('is a branch that a pull request is to be opened from', async () => {
    github.protect('main', { type: 'pull_request' });
    github.faults.next(`POST ${R}/pulls`, { status: 422, message: 'Validation Failed: head invalid' });
    await expect(release()).rejects.toMatchObject({ name: 'Unavailable', what: 'GitHub' });
    now += 30_000;
    expect((await release()).tag).toBe('v1.1.0');
    expect(github.state.pulls).toHaveLength(1);
  });

  test('a permission that is lacking for it is named with that for workflows', async () => {
    github.faults.next(`POST ${R}/git/refs`, '403-permission');
    await expect(release()).rejects.toMatchObject({
      code: 'github-permission',
      facts: { permission: expect.stringMatching(/contents: write.*workflows: write/) },
    });
  });
});
