import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALL_PERMISSIONS, type Permissions } from '../../../../demo/github/access.ts';
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
  if (by !== undefined) {
    github.state.pulls.push({
      number: github.state.pulls.length + 1,
      title: 'x',
      body: '',
      head: 'topic',
      base: branch,
      state: 'closed',
      merged: true,
      mergeCommit: sha,
      lastHead: sha,
      createdAt: 0,
      by,
    });
  }
  return sha;
}

async function authors(): Promise<readonly string[]> {
  const commits: Commit[] = [];
  for await (const one of repository.commits(base, remote.tip('main') ?? '')) commits.push(one);
  const openers =
    (await repository.openers?.(
      commits.map(({ sha }) => sha),
      'main',
    )) ?? null;
  return authorsOf(commits, openers).map((author) => `${author.trust}: ${authorInWords(author)}`);
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
