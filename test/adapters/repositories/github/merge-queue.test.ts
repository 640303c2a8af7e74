import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { ReleaseCut, Repository } from '../../../../src/adapters/repositories/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

/** What has no check by then has none. */
const LATER = () => Date.now() + 30_000;

let remote: GitRemote;
let github: Github;
let base: Sha;

async function begin(prefix?: string): Promise<void> {
  github = await startGithub({ path: remote.path, ...(prefix === undefined ? {} : { prefix }) });
  github.protect('main', { type: 'merge_queue' });
}

beforeEach(async () => {
  remote = new GitRemote();
  base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n', log: '' });
  await begin();
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  expect(remote.fsck()).toBe('');
  remote.remove();
});

function open(): Repository {
  const { settings, context } = signedIn(github, github.access.token(), {}, LATER);
  return openGithubRepository(settings, context);
}

function cut(): ReleaseCut {
  return {
    base,
    branch: 'main',
    version: '1.1.0',
    tag: 'v1.1.0',
    message: 'chore(release): v1.1.0',
    tagMessage: 'Release v1.1.0\n\n- Coupons\n',
    files: [{ path: 'VERSION', text: '1.1.0\n' }],
  };
}

/** Why the release waits or is refused. */
async function why(repository = open(), key = 'one'): Promise<Refusal | Unavailable> {
  const error = await repository.cutRelease(cut(), key).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toSatisfy((one) => one instanceof Refusal || one instanceof Unavailable);
  return error as Refusal | Unavailable;
}

/** A pull request of somebody else in the queue. */
async function another(): Promise<void> {
  remote.git('branch', 'feature', base);
  const head = remote.push('feature', 'feat: x', { log: 'x\n' });
  const pull = {
    number: 99,
    title: 'feat: x',
    body: '',
    head: 'feature',
    base: 'main',
    state: 'open' as const,
    merged: false,
    mergeCommit: null,
    lastHead: head,
    createdAt: 0,
  };
  github.state.pulls.push(pull);
  github.state.mergeQueue.push({ pull, state: 'QUEUED' });
}

describe('reports on a branch with a merge queue', () => {
  const add = (text: string, key: string) =>
    open().commitFiles(
      {
        branch: 'main',
        message: 'docs: report',
        edits: [{ path: 'log', edit: (before: string | null) => `${before ?? ''}${text}\n` }],
      },
      key,
    );
  const queued = () => github.state.mergeQueue.map(({ pull }) => pull.number);

  test('enter it, and are on the branch once GitHub has merged them', async () => {
    await another();
    expect((await add('one', 'k1')).waitsIn).toMatch(/^pull request #2 /);
    expect(queued()).toEqual([99, 2]);
    await github.leaveQueue({ reason: 'MANUAL' });
    await github.leaveQueue('merged');
    expect(remote.git('show', 'main:log')).toBe('one');
    expect((await add('two', 'k2')).waitsIn).toContain('#3');
    await github.leaveQueue('merged');
    expect(remote.git('show', 'main:log')).toBe('one\ntwo');
  });

  test('enter it again with those that came meanwhile, and when GitHub took them out', async () => {
    await add('one', 'k1');
    expect((await add('two', 'k2')).waitsIn).toContain('#1');
    expect(queued()).toEqual([1]);
    await github.leaveQueue({ reason: 'FAILED_CHECKS' });
    await add('three', 'k3');
    expect(queued()).toEqual([1]);
    await github.leaveQueue('merged');
    expect(remote.git('show', 'main:log')).toBe('one\ntwo\nthree');
  });

  test('wait where they are not let in', async () => {
    github.protect('main', { type: 'required_status_checks', contexts: ['build'] });
    expect((await add('one', 'k1')).waitsIn).toContain('#1');
    expect(queued()).toEqual([]);
  });
});

describe('a branch with a merge queue', () => {
  test('the release enters it, says where it stands, and is whole once GitHub has merged it', async () => {
    const repository = open();
    const entered = await why(repository);
    expect(entered).toBeInstanceOf(Unavailable);
    expect(entered.message).toMatch(
      /release pull request #1: it is in the merge queue, at position 1, waiting for its checks \(http/,
    );
    expect(github.state.mergeQueue).toHaveLength(1);
    expect((await why(repository)).message).toContain('at position 1');
    expect(github.state.mergeQueue).toHaveLength(1);

    await github.leaveQueue('merged');
    const release = await repository.cutRelease(cut(), 'one');
    expect(remote.git('rev-parse', 'main')).toBe(release.commit);
    expect(remote.git('rev-parse', 'main^')).toBe(base);
    expect(remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(release.commit);
    expect(remote.git('show', 'main:VERSION')).toBe('1.1.0');
  });

  test('one that comes back after a crash finds itself in the queue', async () => {
    await why();
    expect((await why(open())).message).toContain('at position 1');
    expect(github.state.pulls).toHaveLength(1);
    await github.leaveQueue('merged');
    expect((await open().cutRelease(cut(), 'one')).tag).toBe('v1.1.0');
  });

  test('it waits for those that are in it, and does not go in behind them', async () => {
    await another();
    expect((await why()).message).toContain('another pull request is in the merge queue before it');
    expect(github.state.mergeQueue).toHaveLength(1);
    await github.leaveQueue('merged');
    // What they brought was not approved together with this.
    expect((await why()) as Refusal).toMatchObject({ code: 'branch-moved' });
  });

  test('taken out by GitHub: refused in its words, and the next try has a pull request of its own', async () => {
    await why();
    await github.leaveQueue({ reason: 'FAILED_CHECKS' });
    const refused = await why();
    expect(refused).toMatchObject({ code: 'release-queue-removed', facts: { reason: 'FAILED_CHECKS' } });
    expect(explain(refused as Refusal).text).toContain('out of the merge queue: FAILED_CHECKS');
    expect(github.state.pulls[0]?.state).toBe('closed');
    expect(remote.git('branch', '--list', 'slipway/*')).toBe('');
    expect((await why()).message).toContain('#2: it is in the merge queue');
  });

  test('others that went in at the same moment and came first: not what was approved', async () => {
    await why();
    await another();
    github.state.mergeQueue.reverse();
    await github.leaveQueue('merged');
    await github.leaveQueue('merged');
    expect(await why()).toMatchObject({ code: expect.stringMatching(/release-overtaken|branch-moved/) });
    expect(remote.git('tag', '-l')).toBe('');
  });

  test('a queue that only branch protection of the old kind asks for', async () => {
    github.state.rules.splice(0, 1, { ...(github.state.rules[0] as object), classic: true } as never);
    expect((await why()).message).toContain('it is in the merge queue, at position 1');
  });

  test('a queue that does not take it: its words, and it is tried again', async () => {
    github.protect('main', { type: 'required_status_checks', contexts: ['build'] });
    github.state.onPullHead = (sha) => github.setCheck(sha, 'other', 'success');
    expect((await why()).message).toContain(
      'does not take it into the merge queue: Required status check "build"',
    );
    const head = remote.git('rev-parse', 'slipway/release/v1.1.0');
    github.setCheck(head, 'build', 'success');
    expect((await why()).message).toContain('it is in the merge queue');
  });

  test('on github.com GraphQL is beside the REST API', async () => {
    await github.close();
    await begin('');
    expect((await why()).message).toContain('it is in the merge queue');
  });
});
