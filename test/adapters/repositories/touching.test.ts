import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startGithub } from '../../../demo/github/server.ts';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../src/adapters/repositories/git/repository-port.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../src/adapters/repositories/port.ts';
import { pathFilter } from '../../../src/domain/release/paths.ts';
import type { Sha } from '../../../src/domain/release/release.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { GitRemote } from '../../fakes/git-remote.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

async function git(remote: GitRemote): Promise<Repository> {
  const settings = GitRepositorySettings.parse({ use: 'git', url: remote.path });
  return openGitRepository(settings, adapterContext({ dataDir: dataDir() }));
}

async function github(remote: GitRemote): Promise<Repository> {
  const server = await startGithub({ path: remote.path });
  closing.push(() => {
    expect(server.violations).toEqual([]);
    return server.close();
  });
  const settings = GithubRepositorySettings.parse({
    use: 'github',
    repository: server.name,
    api: server.api,
    token: { env: 'GITHUB_TOKEN' },
  });
  return openGithubRepository(
    settings,
    adapterContext({ dataDir: dataDir(), env: { GITHUB_TOKEN: server.access.token() } }),
  );
}

/** A merge of one branch into another, with a message of somebody's choice. */
function merge(remote: GitRemote, into: string, from: string, message: string): Sha {
  const [one, other] = [remote.tip(into) ?? '', remote.tip(from) ?? ''];
  const tree = remote.git('merge-tree', '--write-tree', one, other).split('\n')[0] ?? '';
  const identity = ['-c', 'user.name=Dev', '-c', 'user.email=dev@shop.test'];
  const commit = remote.git(...identity, 'commit-tree', tree, '-p', one, '-p', other, '-m', message);
  remote.git('update-ref', `refs/heads/${into}`, commit);
  return commit;
}

describe.each([
  ['git', git],
  ['github', github],
])('merges, on %s', (_name, open) => {
  test('a merge into the branch touches what it brought, one into a side branch nothing', async () => {
    const remote = new GitRemote();
    closing.push(() => remote.remove());
    const first = remote.push('main', 'root', { 'apps/api/a': '1', 'apps/web/a': '1' });
    remote.git('branch', 'side', first);
    const api = remote.push('main', 'api', { 'apps/api/b': '1' });
    const web = remote.push('side', 'web', { 'apps/web/b': '1' });
    const sync = merge(remote, 'side', 'main', 'chore: bring main in');
    const more = remote.push('side', 'more', { 'apps/web/c': '1' });
    const ahead = remote.push('main', 'docs', { 'README.md': '1' });
    const pull = merge(remote, 'main', 'side', 'feat(web): the checkout (#12)');
    const tip = remote.push('main', 'lock', { lock: '1' });
    const repository = await open(remote);
    closing.push(() => repository.close());
    await repository.refs();
    const touching = async (...paths: string[]) => {
      const filter = pathFilter(paths);
      return filter && repository.touching(first, tip, filter);
    };
    expect(await touching('apps/web')).toEqual(new Set([web, more, pull]));
    expect(await touching('apps/api')).toEqual(new Set([api]));
    expect(await touching('apps/web/*', '!apps/web/c')).toEqual(new Set([web, pull]));
    expect(await touching('README.md')).toEqual(new Set([ahead]));
    expect(await touching('apps')).not.toContain(sync);
  });

  test('commits with very many files, and names that look like commits', async () => {
    const remote = new GitRemote();
    closing.push(() => remote.remove());
    const first = remote.push('main', 'root', { x: '1' });
    const many = remote.push(
      'main',
      'many',
      Object.fromEntries(Array.from({ length: 650 }, (_none, index) => [`a/${index}.txt`, '1'])),
    );
    const odd = remote.push('main', 'odd', { [`b/${first}`]: '1', '\nb/x': '1', 'c/"q"\té': '1' });
    const repository = await open(remote);
    closing.push(() => repository.close());
    await repository.refs();
    const touching = async (...paths: string[]) => {
      const filter = pathFilter(paths);
      return filter && repository.touching(first, odd, filter);
    };
    expect(await touching('a/{9,649}.txt')).toEqual(new Set([many]));
    expect(await touching('b')).toEqual(new Set([odd]));
    expect(await touching('c/*é')).toEqual(new Set([odd]));
    expect(await touching('nothing/*')).toEqual(new Set());
  });
});

test('on GitHub a folder takes few requests, however many commits there are', async () => {
  const remote = new GitRemote();
  closing.push(() => remote.remove());
  const server = await startGithub({ path: remote.path });
  closing.push(() => server.close());
  const first = remote.push('main', 'root', { 'apps/api/a': '0' });
  for (let index = 1; index <= 30; index++) {
    remote.push('main', `web ${index}`, { 'apps/web/a': String(index) });
  }
  const api = remote.push('main', 'api', { 'apps/api/a': '1' });
  const settings = GithubRepositorySettings.parse({
    use: 'github',
    repository: server.name,
    api: server.api,
    token: { env: 'GITHUB_TOKEN' },
  });
  const env = { GITHUB_TOKEN: server.access.token() };
  const repository = openGithubRepository(settings, adapterContext({ dataDir: dataDir(), env }));
  await repository.refs();
  const before = server.requests.length;
  const filter = pathFilter(['apps/api', 'packages/shared']);
  expect(filter && (await repository.touching(first, api, filter))).toEqual(new Set([api]));
  expect(server.requests.length - before).toBeLessThanOrEqual(3);
});
