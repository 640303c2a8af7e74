import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { ReleaseCut, Repository } from '../../../../src/adapters/repositories/port.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

let remote: GitRemote;
let github: Github;
let base: Sha;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n', log: '' });
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  expect(remote.fsck()).toBe('');
  remote.remove();
});

function settingsOf(settings: Readonly<Record<string, unknown>> = {}): GithubRepositorySettings {
  return GithubRepositorySettings.parse({
    use: 'github',
    repository: github.name,
    api: github.api,
    token: { env: 'TOKEN' },
    ...settings,
  });
}

/** By then what has no check has none. */
const LATER_MS = 30_000;

function open(settings: Readonly<Record<string, unknown>> = {}, laterMs = LATER_MS): Repository {
  const context = { env: { TOKEN: github.access.token() }, now: () => Date.now() + laterMs };
  return openGithubRepository(settingsOf(settings), adapterContext(context));
}

function cut(from: Sha): ReleaseCut {
  return {
    base: from,
    branch: 'main',
    version: '1.1.0',
    tag: 'v1.1.0',
    message: 'chore(release): v1.1.0',
    tagMessage: 'Release v1.1.0\n\n- Coupons\n',
    files: [{ path: 'VERSION', text: '1.1.0\n' }],
  };
}

async function errorOf(work: Promise<unknown>): Promise<Refusal | Unavailable> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toSatisfy((one) => one instanceof Refusal || one instanceof Unavailable);
  return error as Refusal | Unavailable;
}

const branches = () => remote.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');
const releaseTip = () => remote.tip('slipway/release/v1.1.0') ?? '';
const tagged = () => remote.git('rev-parse', 'v1.1.0^{commit}');

/** A person merges the newest pull request on its page. */
async function mergeByHand(message: string): Promise<void> {
  const { number } = github.state.pulls.at(-1) ?? { number: 0 };
  const response = await fetch(`${github.api}/repos/acme/shop/pulls/${number}/merge`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${github.access.token()}` },
    body: JSON.stringify({ merge_method: 'squash', commit_title: message }),
  });
  expect(response.status).toBe(200);
}

describe('a pull request whose checks have not begun', () => {
  beforeEach(() => github.protect('main', { type: 'pull_request' }));
  const releasedIn = (ms: number) => open({}, ms).cutRelease(cut(base), 'p1');

  test('is not merged in its first seconds', async () => {
    expect(String(await errorOf(releasedIn(0)))).toContain('its checks have not begun yet');
    expect(remote.tip('main')).toBe(base);
    expect((await releasedIn(LATER_MS)).tag).toBe('v1.1.0');
  });

  test('is waited for longer where the commit that it is on has some, and not for ever', async () => {
    github.setCheck(base, 'build', 'success');
    expect(String(await errorOf(releasedIn(LATER_MS)))).toContain('its checks have not begun yet');
    github.setCheck(releaseTip(), 'build', null);
    expect(String(await errorOf(releasedIn(LATER_MS)))).toContain('not finished yet: build');
    github.state.checks.delete(releaseTip());
    expect((await releasedIn(130_000)).tag).toBe('v1.1.0');
  });
});

describe('a release on a branch that wants checks', () => {
  beforeEach(() => github.protect('main', { type: 'required_status_checks', contexts: ['build'] }));

  test('waits in a pull request and is pushed as it is once they have passed', async () => {
    expect(await open().writable('main')).toMatch(/^main is protected .* pull request\.$/);
    const first = await errorOf(open().cutRelease(cut(base), 'p1'));
    expect(first).toMatchObject({ what: 'the release pull request #1', retryAfterMs: 15_000 });
    github.setCheck(releaseTip(), 'build', null);
    expect(String(await errorOf(open().cutRelease(cut(base), 'p1')))).toContain(
      '1 check has not finished yet: build',
    );
    expect(github.state.pulls).toMatchObject([
      { head: 'slipway/release/v1.1.0', base: 'main', state: 'open' },
    ]);
    expect(remote.git('tag', '--list')).toBe('');
    const commit = releaseTip();

    github.setCheck(commit, 'build', 'success');
    const release = await open().cutRelease(cut(base), 'p1');
    expect(release.commit).toBe(commit);
    expect(remote.tip('main')).toBe(commit);
    expect(tagged()).toBe(commit);
    expect(remote.git('cat-file', '-t', 'v1.1.0')).toBe('tag');
    expect(github.state.pulls).toMatchObject([{ merged: true }]);
    expect(branches()).toEqual(['main']);
    expect(await open().cutRelease(cut(base), 'p1')).toEqual(release);
  });

  test('is refused when a check fails, and goes on when it was run again', async () => {
    await errorOf(open().cutRelease(cut(base), 'p1'));
    github.setCheck(releaseTip(), 'build', 'failure');
    expect(await errorOf(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      code: 'release-checks-failed',
      facts: { number: 1, checks: ['build'] },
    });
    github.setCheck(releaseTip(), 'build', 'success');
    await open().cutRelease(cut(base), 'p1');
    expect(github.state.pulls).toHaveLength(1);
    expect(tagged()).toBe(remote.tip('main'));
  });

  test('is given up when the branch moves, and leaves nothing behind', async () => {
    await errorOf(open().cutRelease(cut(base), 'p1'));
    const other = remote.push('main', 'feat: in between', { a: '1' });
    expect(await errorOf(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      code: 'branch-moved',
      facts: { expected: base, found: other },
    });
    expect(github.state.pulls).toMatchObject([{ state: 'closed', merged: false }]);
    expect(branches()).toEqual(['main']);
    await errorOf(open().cutRelease(cut(other), 'p1'));
    github.setCheck(releaseTip(), 'build', 'success');
    await open().cutRelease(cut(other), 'p1');
    expect(github.state.pulls).toMatchObject([{ merged: false }, { merged: true }]);
  });

  test('stops when somebody closes the pull request; asked again it opens another', async () => {
    await errorOf(open().cutRelease(cut(base), 'p1'));
    Object.assign(github.state.pulls[0] ?? {}, { state: 'closed' });
    expect(await errorOf(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      code: 'release-pull-request-closed',
      facts: { number: 1 },
    });
    expect(await errorOf(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      what: 'the release pull request #2',
    });
    expect(remote.tip('main')).toBe(base);
  });

  test('a pull request that another promotion left behind is closed', async () => {
    await errorOf(open().cutRelease(cut(base), 'p1'));
    expect(await errorOf(open().cutRelease(cut(base), 'p2'))).toMatchObject({
      what: 'the release pull request #2',
    });
    expect(github.state.pulls).toMatchObject([{ state: 'closed' }, { state: 'open' }]);
    expect(remote.git('log', '-1', '--format=%B', releaseTip())).toContain('Slipway-Promotion: p2');
  });
});

describe.each([
  ['shown by its rules', false],
  ['of the old kind, that only shows when something is pushed', true],
])('a release on a branch that wants pull requests, %s', (_name, classic) => {
  beforeEach(() => github.protect('main', { type: 'pull_request', classic }));

  test.each(['merge', 'squash'] as const)(
    'is merged by %s, and the tag names what it became',
    async (merge) => {
      const release = await open({ merge }).cutRelease(cut(base), 'p1');
      expect(remote.tip('main')).toBe(release.commit);
      expect(tagged()).toBe(release.commit);
      expect(remote.git('rev-parse', `${release.commit}^1`)).toBe(base);
      expect(remote.git('show', 'main:VERSION')).toBe('1.1.0');
      expect(remote.git('log', '-1', '--format=%B', 'main')).toContain('Slipway-Promotion: p1');
      expect(branches()).toEqual(['main']);
      expect(await open({ merge }).cutRelease(cut(base), 'p1')).toEqual(release);
      expect(github.state.pulls).toHaveLength(1);
    },
  );

  test('is refused where the config says so, and leaves nothing behind', async () => {
    const repository = open({ protected: 'refuse' });
    const error = await errorOf(repository.cutRelease(cut(base), 'p1'));
    expect(error).toMatchObject({ code: 'not-writable', facts: { branch: 'main' } });
    expect(github.state.pulls).toEqual([]);
    expect(branches()).toEqual(['main']);
    expect(remote.git('tag', '--list')).toBe('');
    if (!classic) expect(await errorOf(repository.writable('main'))).toMatchObject({ code: 'not-writable' });
  });
});

describe('a repository that only squashes', () => {
  const coming = { tag: 'v1.1.0', message: 'chore(release): v1.1.0' };
  beforeEach(() => {
    github.state.mergeMethods.delete('merge');
    github.state.mergeMethods.delete('rebase');
  });

  test('is no place for a release by a merge commit, which the gate says before anybody approves', async () => {
    github.protect('main', { type: 'pull_request' });
    expect(await errorOf(Promise.resolve(open().writable('main', undefined, coming)))).toMatchObject({
      code: 'not-writable',
      facts: {
        reason: 'the repository does not allow merge commits for pull requests: set `merge` to squash',
      },
    });
    expect(await open({ merge: 'squash' }).writable('main', undefined, coming)).toContain('pull request');
    // Who may not write is not told.
    github.state.mergeMethods.clear();
    const reader = { env: { TOKEN: github.access.token({ metadata: 'read' }) } };
    const repository = openGithubRepository(settingsOf(), adapterContext(reader));
    expect(await errorOf(Promise.resolve(repository.writable('main')))).toMatchObject({
      code: 'github-permission',
    });
  });

  test('takes it where only checks are asked for: the commit itself is pushed', async () => {
    github.protect('main', { type: 'required_status_checks', contexts: ['build'] });
    expect(await open().writable('main', undefined, coming)).not.toContain('merge commits');
    await errorOf(open().cutRelease(cut(base), 'p1'));
    github.setCheck(releaseTip(), 'build', 'success');
    await open().cutRelease(cut(base), 'p1');
    expect(tagged()).toBe(remote.tip('main'));
  });

  test('of the old kind refuses it for good when that shows, and the gate says that it may', async () => {
    github.protect('main', { type: 'pull_request', classic: true });
    expect(await open().writable('main', undefined, coming)).toMatch(
      /^If main takes no push, the release will fail: .* merge commits .*`merge` to squash\.$/,
    );
    expect(await errorOf(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      code: 'not-writable',
      facts: { reason: expect.stringMatching(/does not allow merge commits .*: set `merge` to/) },
    });
    expect((await open({ merge: 'squash' }).cutRelease(cut(base), 'p1')).commit).toBe(remote.tip('main'));
  });
});

describe('rules for the branch of a release', () => {
  const coming = { tag: 'v1.1.0', message: 'chore(release): v1.1.0' };
  const own = 'slipway/release/v1.1.0';
  beforeEach(() => github.protect('main', { type: 'pull_request' }));

  test.each([
    [{ type: 'creation' }, 'nobody may make such a branch'],
    [
      { type: 'required_signatures' },
      'its commits must be signed, and GitHub signs only those of a GitHub App without `committer`',
    ],
    [
      { type: 'branch_name_pattern', parameters: { operator: 'starts_with', pattern: 'feature/' } },
      'names must begin with “feature/”',
    ],
    [
      { type: 'commit_message_pattern', parameters: { operator: 'contains', pattern: 'SHOP-' } },
      'messages of commits must contain “SHOP-”',
    ],
    [
      {
        type: 'commit_author_email_pattern',
        parameters: { operator: 'ends_with', pattern: '@shop.test' },
      },
      'addresses of authors must end with “@shop.test”',
    ],
  ] as const)('of all branches, such as %o, are known before anybody approves', async (rule, reason) => {
    github.protect(own, rule);
    const settings = { merge: 'squash', committer: { name: 'Bot', email: 'bot@acme.test' } };
    const error = await errorOf(Promise.resolve(open(settings).writable('main', undefined, coming)));
    expect(error).toMatchObject({ code: 'not-writable', facts: { branch: own, reason } });
    Object.assign(github.state.rules.at(-1) ?? {}, { bypass: 'always' });
    expect(await open(settings).writable('main', undefined, coming)).toContain('pull request');
  });

  test('that only stop reports are told', async () => {
    const pattern = { operator: 'regex', pattern: '^(main$|slipway/release/)' };
    github.protect('~ALL', { type: 'branch_name_pattern', parameters: pattern });
    expect(await open().writable('main', undefined, coming)).toContain(
      'Reports cannot wait on slipway/records/main: names must match “^(main$|slipway/release/)”.',
    );
  });
});

describe('a release that people merge themselves', () => {
  beforeEach(() => {
    github.protect('main', { type: 'pull_request' });
    github.faults.next('PUT', '409');
  });

  test('is tagged where it got to, whatever they called it', async () => {
    await errorOf(open().cutRelease(cut(base), 'p1'));
    await mergeByHand('Ship it!');
    const release = await open().cutRelease(cut(base), 'p1');
    expect(release.commit).toBe(remote.tip('main'));
    expect(await open().cutRelease(cut(base), 'p1')).toEqual(release);
  });

  test('is refused when it got onto something that nobody approved', async () => {
    await errorOf(open().cutRelease(cut(base), 'p1'));
    remote.push('main', 'feat: in between', { a: '1' });
    await mergeByHand('Ship it!');
    expect(await errorOf(open().cutRelease(cut(base), 'p1'))).toMatchObject({
      code: 'release-overtaken',
      facts: { number: 1, branch: 'main' },
    });
    expect(remote.git('tag', '--list')).toBe('');
  });
});

describe('rules that do not stop this login', () => {
  test('a bypass pushes directly', async () => {
    github.protect('main', { type: 'pull_request', bypass: 'always' });
    const repository = open();
    expect(await repository.writable('main')).toBeUndefined();
    const release = await repository.cutRelease(cut(base), 'p1');
    expect(remote.tip('main')).toBe(release.commit);
    expect(github.state.pulls).toEqual([]);
    expect(branches()).toEqual(['main']);
  });
});

describe('reports on a protected branch', () => {
  const add = (text: string) => ({
    branch: 'main',
    message: 'docs: report',
    edits: [{ path: 'log', edit: (before: string | null) => `${before ?? ''}${text}\n` }],
  });

  test('are merged at once where that is possible', async () => {
    github.protect('main', { type: 'pull_request' });
    const { commit, waitsIn } = await open().commitFiles(add('one'), 'k1');
    expect(waitsIn).toBeUndefined();
    expect(remote.tip('main')).toBe(commit);
    expect(branches()).toEqual(['main']);
  });

  test('gather in one pull request, which is merged with the first report that can be', async () => {
    github.protect('main', { type: 'pull_request' });
    github.protect('main', { type: 'required_status_checks', contexts: ['build'] });
    const first = await open().commitFiles(add('one'), 'k1');
    expect(first.waitsIn).toMatch(/^pull request #1 \(http/);
    expect(await open().commitFiles(add('one'), 'k1')).toEqual({
      commit: first.commit,
      written: first.written,
    });
    const second = await open().commitFiles(add('two'), 'k2');
    expect(second.waitsIn).toContain('#1');
    expect(remote.git('show', `${second.commit}:log`)).toBe('one\ntwo');
    expect(remote.tip('main')).toBe(base);

    github.state.onPullHead = () => {};
    github.state.rules.pop();
    const third = await open().commitFiles(add('three'), 'k3');
    expect(third.waitsIn).toBeUndefined();
    expect(remote.git('show', 'main:log')).toBe('one\ntwo\nthree');
    expect(github.state.pulls).toHaveLength(1);
    expect(branches()).toEqual(['main']);
  });

  test('begin anew when people merged or closed what waited', async () => {
    github.protect('main', { type: 'pull_request' });
    github.protect('main', { type: 'required_status_checks', contexts: ['build'] });
    await open().commitFiles(add('one'), 'k1');
    Object.assign(github.state.pulls[0] ?? {}, { state: 'closed' });
    const next = await open().commitFiles(add('two'), 'k2');
    expect(next.waitsIn).toContain('#2');
    expect(remote.git('show', `${next.commit}:log`)).toBe('two');
  });
});
