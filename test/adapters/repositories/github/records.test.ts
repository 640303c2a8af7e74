import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

let remote: GitRemote;
let github: Github;
let since: Sha;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  since = remote.push('main', 'chore: start', { 'state.yaml': 'phase: ship\n' });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  expect(remote.fsck()).toBe('');
  remote.remove();
});

function open(more: object = {}): Repository {
  const { settings, context } = signedIn(github, github.access.token(), { ...more });
  return openGithubRepository(settings, context);
}

/** Adds a line to the report and to the state file, whatever they hold. */
const write = (repository: Repository, key: string, text = key) =>
  repository.commitFiles(
    {
      branch: 'main',
      message: `docs: ${key}\n\nWritten by Slipway.`,
      since,
      edits: [
        { path: 'report.md', edit: (before) => `${before ?? ''}${text}\n` },
        { path: 'state.yaml', edit: (before) => `${before ?? ''}${text}: yes\n` },
      ],
    },
    key,
  );

async function countedDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = github.requests.length;
  await work();
  const asked = github.requests.slice(before).filter(({ unchanged }) => !unchanged);
  return asked.map(({ operation }) => operation.replace('/repos/{owner}/{repo}', ''));
}

const history = () => remote.git('log', '--format=%s', 'main').split('\n');
const report = () => remote.git('show', 'main:report.md');

test('a report is one request, and so is the next: one commit each, signed by GitHub', async () => {
  const repository = open();
  await repository.refs();
  await repository.read(since, ['state.yaml']);
  let first: Sha | undefined;
  expect(
    await countedDuring(async () => {
      first = (await write(repository, 'first')).commit;
    }),
  ).toEqual(['POST /graphql']);
  expect(await countedDuring(() => write(repository, 'second'))).toEqual(['POST /graphql']);
  expect(history()).toEqual(['docs: second', 'docs: first', 'chore: start']);
  expect(report()).toBe('first\nsecond');
  expect(remote.git('log', '-1', '--format=%B', first ?? '')).toBe(
    'docs: first\n\nWritten by Slipway.\n\nSlipway-Record: first',
  );
  expect(github.state.signed.has(first ?? '')).toBe(true);
});

test('what others push meanwhile stays: the second report goes on top of it', async () => {
  const repository = open();
  await write(repository, 'first');
  remote.push('main', 'docs: theirs', { 'report.md': 'first\ntheirs\n' });
  await write(repository, 'second');
  expect(history()).toEqual(['docs: second', 'docs: theirs', 'docs: first', 'chore: start']);
  expect(report()).toBe('first\ntheirs\nsecond');
});

test('that nothing has to be written is asked of the branch as it is now', async () => {
  const repository = open();
  const { commit } = await write(repository, 'first');
  remote.push('main', 'revert: theirs', { 'report.md': null, 'state.yaml': 'phase: ship\n' });
  const same = {
    branch: 'main',
    message: 'docs: same',
    since,
    edits: [{ path: 'report.md', edit: () => 'first\n' }],
  };
  const again = await repository.commitFiles(same, 'other');
  expect(again.commit).not.toBe(commit);
  expect(report()).toBe('first');
});

test.each([
  ['the same process', false],
  ['another process, as after a crash', true],
])('an answer that was lost: %s finds the commit', async (_who, isOther) => {
  const repository = open();
  await write(repository, 'first');
  github.faults.next('POST /graphql', 'reset-after');
  await expect(write(repository, 'second')).rejects.toMatchObject({ name: 'Unavailable' });
  remote.push('main', 'docs: theirs', { theirs: 'x' });
  const found = await write(isOther ? open() : repository, 'second');
  expect(found.written).toBe(remote.git('rev-parse', 'main~1'));
  expect(history()).toEqual(['docs: theirs', 'docs: second', 'docs: first', 'chore: start']);
});

test('a history that was written anew is searched by path', async () => {
  const { commit } = await write(open(), 'first');
  const unknown = 'deadbeef'.repeat(5);
  const change = {
    branch: 'main',
    message: 'docs: first',
    since: unknown,
    edits: [
      { path: 'report.md', edit: (before: string | null) => `${before ?? ''}first\n` },
      { path: 'state.yaml', edit: (before: string | null) => `${before ?? ''}first: yes\n` },
    ],
  };
  expect((await open().commitFiles(change, 'first')).written).toBe(commit);
  expect(history()).toEqual(['docs: first', 'chore: start']);
});

test('a branch that has been protected since takes the next report by pull request', async () => {
  const repository = open();
  await write(repository, 'first');
  github.protect('main');
  await write(repository, 'second');
  expect(github.state.pulls).toHaveLength(1);
  expect(report()).toBe('first\nsecond');
});

test.each([
  ['a committer of the settings', { committer: { name: 'Ship', email: 'ship@shop.test' } }, false],
  ['a file that can be executed', {}, true],
])('%s: tree, commit and branch, which keep it', async (_what, settings, isExecutable) => {
  if (isExecutable) {
    const blob = remote.git('rev-parse', 'main:state.yaml');
    remote.git('read-tree', 'main');
    remote.git('update-index', '--add', '--cacheinfo', `100755,${blob},report.md`);
    const tree = remote.git('write-tree');
    const dev = ['-c', 'user.name=Dev', '-c', 'user.email=dev@shop.test'];
    const made = remote.git(...dev, 'commit-tree', '-p', since, '-m', 'chore: executable', tree);
    remote.git('update-ref', 'refs/heads/main', made);
  }
  const asked = await countedDuring(() => write(open(settings), 'first'));
  expect(asked.slice(-3)).toEqual(['POST /git/trees', 'POST /git/commits', 'PATCH /git/refs/{ref}']);
  const [mode = ''] = remote.git('ls-tree', 'main', 'report.md').split(' ');
  expect(mode).toBe(isExecutable ? '100755' : '100644');
  const committer = remote.git('log', '-1', '--format=%cn', 'main');
  expect(committer === 'Ship').toBe(!isExecutable);
});
