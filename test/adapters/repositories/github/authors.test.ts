import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALL_PERMISSIONS, type Permissions } from '../../../../demo/github/access.ts';
import type { Push } from '../../../../demo/github/model.ts';
import { startGithub } from '../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { authorInWords, authorsOf } from '../../../../src/domain/promotion/authors.ts';
import type { Commit } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

let remote: GitRemote;
let github: Awaited<ReturnType<typeof startGithub>>;
let dataDir: string;
let repository: Repository;
let base: string;

beforeEach(async () => {
  remote = new GitRemote();
  base = remote.push('main', 'chore: begin', { a: '1' });
  github = await startGithub({ path: remote.path });
  github.state.accounts.set('dev@shop.test', 'web-flow').set('ada@shop.test', 'Ada');
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  repository = openAs(ALL_PERMISSIONS);
});

afterEach(async () => {
  await repository.close();
  await github.close();
  rmSync(dataDir, { recursive: true, force: true });
  remote.remove();
  expect(github.violations).toEqual([]);
});

function openAs(permissions: Permissions): Repository {
  const settings = GithubRepositorySettings.parse({
    use: 'github',
    repository: github.name,
    api: github.api,
    token: { env: 'GITHUB_TOKEN' },
  });
  const env = { GITHUB_TOKEN: github.access.token(permissions) };
  return openGithubRepository(settings, adapterContext({ dataDir, env }));
}

/** A commit by this address; `by` opened the pull request that brought it to a branch. */
function commit(email: string, by?: string, branch = 'main'): string {
  const sha = remote.push('main', 'feat: x', { a: `${email} ${by}` }, { name: 'Somebody', email });
  if (by !== undefined) brought(sha, by, branch);
  return sha;
}

/** As if a pull request that this account opened had brought it to the branch. */
function brought(sha: string, by: string, branch = 'main'): void {
  github.state.pulls.push({
    number: github.state.pulls.length + 1,
    title: 'x',
    body: '',
    head: `topic-${github.state.pulls.length + 1}`,
    base: branch,
    state: 'closed',
    merged: true,
    mergeCommit: sha,
    lastHead: sha,
    createdAt: 0,
    by,
  });
}

async function authors(): Promise<readonly string[]> {
  const commits: Commit[] = [];
  for await (const one of repository.commits(base, remote.tip('main') ?? '')) commits.push(one);
  const openers =
    (await repository.openers?.(
      commits.map(({ sha }) => sha),
      'main',
    )) ?? null;
  const pushers = await repository.pushers?.(
    commits.map(({ sha }) => sha),
    'main',
  );
  return authorsOf(commits, { openers, ...(pushers ? { pushers } : {}) }).map(
    (author) => `${author.trust}: ${authorInWords(author)}`,
  );
}

test('whoever opened the pull request is an author, whatever address the commit has', async () => {
  commit('ada@shop.test', 'Mallory');
  commit('ada@shop.test', 'dependabot[bot]');
  expect(await authors()).toEqual([
    'proven: @dependabot[bot]',
    'proven: @mallory',
    'unsigned: @ada (no verified signature, somebody else’s pull request)',
  ]);
});

test('who opened it and wrote it is one author, and needs no signature', async () => {
  commit('ada@shop.test', 'ADA');
  expect(await authors()).toEqual(['proven: @ada']);
});

test('so is whose signature GitHub has verified', async () => {
  github.state.signed.add(commit('ada@shop.test'));
  expect(await authors()).toEqual(['proven: @ada']);
});

test('an address alone proves nothing, nor does a pull request into another branch', async () => {
  commit('ada@shop.test');
  commit('ada@shop.test', 'ada', 'topic');
  expect(await authors()).toEqual(['unproven: @ada (no pull request, no verified signature)']);
});

test('a login that may not read pull requests proves nothing', async () => {
  commit('ada@shop.test', 'ada');
  await repository.close();
  const { pull_requests: _, ...permissions } = ALL_PERMISSIONS;
  repository = openAs(permissions);
  expect(await authors()).toEqual(['unproven: @ada (no pull request, no verified signature)']);
});

test('what is merged is asked about once, and a hundred commits at most', async () => {
  commit('ada@shop.test', 'ada');
  await authors();
  const before = github.requests.length;
  await authors();
  expect(github.requests.slice(before).filter(({ operation }) => operation.includes('/pulls'))).toEqual([]);
  const many = Array.from({ length: 150 }, (_one, index) => index.toString(16).padStart(40, '0'));
  await repository.openers?.(many, 'main');
  expect(github.requests.slice(before)).toHaveLength(100);
});

describe('who pushed to a pull request', () => {
  const pushed = (by: string | undefined, more: Partial<Push> = {}) =>
    github.state.pushes.push({
      branch: `topic-${github.state.pulls.length}`,
      type: 'push',
      at: 1_000,
      ...(by === undefined ? {} : { by }),
      ...more,
    });
  const activity = (since = 0) =>
    github.requests.slice(since).filter(({ operation }) => operation.endsWith('/activity')).length;
  const UNTOLD = 'unpushed: @ada (the host does not tell who pushed to that pull request)';

  test('is an author besides whom the commit names, on their own pull request too', async () => {
    commit('ada@shop.test', 'ada');
    pushed('Mallory');
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
  });

  test('is one also when it was squashed by the host, which signs it in the name of who opened it', async () => {
    // Committed by web-flow, as what is done on GitHub's pages.
    github.state.signed.add(commit('ada@shop.test', 'ada'));
    pushed('mallory');
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
    await repository.close();
    repository = openAs(ALL_PERMISSIONS);
    github.faults.next('GET /repos/{owner}/{repo}/activity', '403-permission', 99);
    expect(await authors()).toContain(UNTOLD);
  });

  test('force pushes count, and what came before the branch was made or after the merge does not', async () => {
    commit('ada@shop.test', 'ada');
    pushed('grace', { at: -5_000 });
    pushed('linus', { at: -6_000, type: 'branch_creation' });
    pushed('mallory', { type: 'force_push' });
    pushed('kay', { at: Date.now() + 3_600_000 });
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
  });

  test('is one also when somebody deleted and restored the branch while it was open', async () => {
    commit('ada@shop.test', 'ada');
    pushed('mallory', { at: 1_000 });
    pushed('mallory', { at: 2_000, type: 'branch_deletion' });
    pushed('ada', { at: 3_000, type: 'branch_creation' });
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
  });

  test('costs one request for all pull requests, once', async () => {
    for (const email of ['ada@shop.test', 'dev@shop.test', 'kay@shop.test']) commit(email, 'ada');
    await authors();
    expect(activity()).toBe(1);
    await authors();
    expect(activity()).toBe(1);
  });

  test('is asked by branch where the newest activities do not reach back', async () => {
    commit('ada@shop.test', 'ada');
    pushed('mallory');
    github.state.activityReach = 1;
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
    expect(activity()).toBe(2);
  });

  test.each([
    ['for a branch of a fork', () => ({ fork: 'eve/shop' }), () => undefined],
    ['by an account that is gone', () => ({}), () => pushed(undefined)],
    [
      'where the login may not read it',
      () => ({}),
      () => github.faults.next('GET /repos/{owner}/{repo}/activity', '403-permission', 99),
    ],
    [
      'on a server without it',
      () => ({}),
      () => github.faults.next('GET /repos/{owner}/{repo}/activity', '404', 99),
    ],
  ])('is not known %s: then the name in the commit clears nobody', async (_where, pull, prepare) => {
    commit('ada@shop.test', 'ada');
    Object.assign(github.state.pulls.at(-1) ?? {}, pull());
    prepare();
    expect(await authors()).toEqual(['proven: @ada', UNTOLD]);
    // Whose own signature it has is known all the same.
    github.state.accounts.set('dev@shop.test', 'ada');
    github.state.signed.add(remote.tip('main') ?? '');
    await repository.close();
    repository = openAs(ALL_PERMISSIONS);
    expect(await authors()).toEqual(['proven: @ada']);
  });
});
