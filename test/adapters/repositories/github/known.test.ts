import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { githubClientSet } from '../../../../src/adapters/repositories/github/client-set.ts';
import { treeIdOf } from '../../../../src/adapters/repositories/github/known/tree-id.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { ReleaseCut, Repository } from '../../../../src/adapters/repositories/port.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

let remote: GitRemote;
let github: Github;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

function open(): Repository {
  const { settings, context } = signedIn(github, github.access.token());
  return openGithubRepository(settings, context);
}

/** What was asked meanwhile, without what had not changed. */
async function counted(work: () => Promise<unknown>): Promise<string[]> {
  const before = github.requests.length;
  await work();
  return github.requests
    .slice(before)
    .filter(({ unchanged }) => !unchanged)
    .map(({ operation }) => operation.replace('/repos/{owner}/{repo}', ''));
}

function entriesOf(commit: Sha): Map<string, { mode: string; sha: Sha }> {
  const lines = remote.git('ls-tree', '-r', '-z', commit).split('\0').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [, mode = '', sha = '', path = ''] = /^(\d+) \w+ (\w+)\t([\s\S]*)$/.exec(line) ?? [];
      return [path, { mode, sha }];
    }),
  );
}

test('the id of a tree is the one that git gives it, whatever it holds', () => {
  const commit = remote.push('main', 'feat: odd names', {
    'a.b': '1',
    'a/b': '2',
    'a/c/d/e': '',
    a0: '3',
    'a-': '4',
    Ä: '5',
    '😀/x': '6',
    'ab/c': '7',
    '.github/workflows/x.yml': '8',
  });
  const entries = entriesOf(commit);
  expect(treeIdOf(entries, commit)).toBe(remote.git('rev-parse', `${commit}^{tree}`));
  entries.set('link', { mode: '120000', sha: entries.get('a0')?.sha ?? '' });
  entries.set('tool', { mode: '100755', sha: entries.get('a0')?.sha ?? '' });
  entries.set('sub/module', { mode: '160000', sha: commit });
  const lines = [...entries].map(([path, { mode, sha }]) => `${mode} ${sha}\t${path}`);
  expect(treeIdOf(entries, commit)).toBe(gitTreeOf(lines));
});

/** The tree that git itself makes of index lines. */
function gitTreeOf(lines: readonly string[]): Sha {
  remote.git('read-tree', '--empty');
  for (const line of lines) {
    const [, mode = '', sha = '', path = ''] = /^(\d+) (\w+)\t([\s\S]*)$/.exec(line) ?? [];
    remote.git('update-index', '--add', '--cacheinfo', `${mode},${sha},${path}`);
  }
  return remote.git('write-tree');
}

describe('what this process has written', () => {
  const cutOn = (base: Sha): ReleaseCut => ({
    base,
    branch: 'main',
    version: '1.1.0',
    tag: 'v1.1.0',
    message: 'chore(release): v1.1.0',
    tagMessage: 'Release v1.1.0\n',
    files: [
      { path: 'VERSION', text: '1.1.0\n' },
      { path: 'old', text: null },
    ],
  });
  let base: Sha;
  beforeEach(() => {
    base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n', old: 'x', 'src/a.ts': 'a' });
    remote.tag('v1.0.0', base);
  });

  test('is not asked for again: neither commit, tree, files nor tag', async () => {
    const repository = open();
    await repository.refs();
    const { commit } = await repository.cutRelease(cutOn(base), 'k');
    const asked = await counted(async () => {
      const [version, old, source] = await repository.read(commit, ['VERSION', 'old', 'src/b.ts']);
      expect([String(Buffer.from(version?.bytes ?? [])), old, source]).toEqual(['1.1.0\n', null, null]);
      expect(await repository.list(commit, [])).toEqual(['VERSION', 'src/a.ts']);
    });
    expect(asked).toEqual([]);
    const refs = await counted(async () => {
      expect((await repository.refs()).tags).toContainEqual({ name: 'v1.1.0', commit, annotated: true });
    });
    expect(refs.sort()).toEqual(['GET /branches/{branch}', 'GET /git/matching-refs/{ref}']);
  });

  test('hides nothing of what others write: branch and tags are asked', async () => {
    const repository = open();
    const { commit } = await repository.cutRelease(cutOn(base), 'k');
    const theirs = remote.push('main', 'fix: theirs', { 'src/a.ts': 'b' });
    remote.git('tag', '--force', '-a', '-m', 'moved', 'v1.1.0', theirs);
    const refs = await repository.refs();
    expect(refs.branches['main']).toBe(theirs);
    expect(refs.tags.find(({ name }) => name === 'v1.1.0')?.commit).toBe(theirs);
    expect(commit).not.toBe(theirs);
  });

  test('of a commit made here no deployment is looked for; one whose answer was lost is', async () => {
    const repository = open();
    const { commit, tag } = await repository.cutRelease(cutOn(base), 'k');
    const record = { kind: 'deploy', commit, tag, description: 'Going on', state: 'running' } as const;
    const first = await counted(async () => {
      github.faults.next('POST /repos/{owner}/{repo}/deployments', 'reset-after');
      await expect(repository.recordDeployment?.(record, 'd')).rejects.toThrow();
    });
    expect(first).toEqual(['POST /deployments']);
    const asked = await counted(async () => repository.recordDeployment?.(record, 'd'));
    expect(asked[0]).toBe('GET /deployments');
    expect(github.state.deployments).toHaveLength(1);
    const again = await counted(async () =>
      repository.recordDeployment?.({ ...record, state: 'succeeded' }, 'd'),
    );
    expect(again).toEqual(['POST /deployments/{deployment_id}/statuses']);
  });

  test('the page of a release is made without a look at others, and one that is there is found', async () => {
    remote.tag('v1.0.1', base);
    const release = { version: '1.0.1', tag: 'v1.0.1', commit: base };
    const page = { title: 'v1.0.1', body: 'Notes', withheld: false };
    const asked = await counted(async () => open().publishRelease?.(release, page));
    expect(asked).toEqual(['GET /git/matching-refs/{ref}', 'POST /releases']);
    await open().publishRelease?.(release, { ...page, body: 'More' });
    expect(github.state.releases.map(({ body }) => body)).toEqual([expect.stringContaining('More')]);
  });
});

describe('which paths differ', () => {
  const gitsOwn = (from: Sha, to: Sha) =>
    remote.git('diff-tree', '-r', '--no-renames', '--name-only', from, to).split('\n').sort();

  test.each([
    ['what was changed, added, taken away and moved', 3, 'GET /compare/{basehead}'],
    ['more than a comparison tells', 301, 'GET /git/trees/{tree_sha}'],
  ])('%s', async (_what, count, last) => {
    const files = Object.fromEntries(Array.from({ length: count }, (_, at) => [`src/${at}.ts`, `${at}\n`]));
    const long = 'a line that is long enough to be known again\n'.repeat(9);
    const from = remote.push('main', 'chore: start', { 'moves.txt': long, gone: 'x', VERSION: '1' });
    const to = remote.push('main', 'feat: all', {
      ...files,
      'moves.txt': null,
      'moved/here.txt': long,
      gone: null,
      VERSION: '2',
    });
    const repository = open();
    let changed: readonly string[] = [];
    const asked = await counted(async () => {
      changed = await repository.changed(from, to);
    });
    expect(changed).toEqual(gitsOwn(from, to));
    expect(asked.at(-1)).toBe(last);
  });

  test('between two lines of history: both sides count, which a comparison does not tell', async () => {
    const start = remote.push('main', 'chore: start', { a: '1' });
    remote.git('branch', 'other', start);
    const left = remote.push('main', 'feat: left', { left: 'x' });
    const right = remote.push('other', 'feat: right', { right: 'x' });
    expect(await open().changed(left, right)).toEqual(['left', 'right']);
  });

  test('a file that does not differ is read without asking what else a commit holds', async () => {
    const from = remote.push('main', 'chore: start', { same: 'yes', VERSION: '1' });
    const to = remote.push('main', 'feat: more', { VERSION: '2' });
    const repository = open();
    await repository.read(to, ['same', 'VERSION']);
    await repository.changed(from, to);
    const asked = await counted(async () => {
      const [same, none] = await repository.read(from, ['same', 'none']);
      expect([String(Buffer.from(same?.bytes ?? [])), none]).toEqual(['yes', null]);
    });
    expect(asked).toEqual([]);
    const [version] = await repository.read(from, ['VERSION']);
    expect(String(Buffer.from(version?.bytes ?? []))).toBe('1');
  });
});

test('a branch that was renamed is not there, though GitHub leads on to its new name', async () => {
  remote.push('trunk', 'chore: start', { a: '1' });
  github.state.renamed.set('main', 'trunk');
  const { settings, context } = signedIn(github, github.access.token());
  const { refs } = githubClientSet(settings, context);
  expect(await refs.branch('main')).toBeNull();
  await expect(refs.tip('main')).rejects.toMatchObject({ code: 'branch-missing' });
  expect(Object.keys((await open().refs()).branches)).toEqual(['trunk']);
});
