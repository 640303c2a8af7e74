import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import { isHostTrouble, pushRuleOf } from '../../../../src/adapters/repositories/push-rule.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

let remote: GitRemote;
let dataDir: string;
let base: string;

beforeEach(() => {
  remote = new GitRemote();
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  base = remote.push('main', 'feat: a', { VERSION: '1.0.0\n' });
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  remote.remove();
});

async function cut(): Promise<Error> {
  const settings = GitRepositorySettings.parse({ use: 'git', url: remote.path });
  const order = { base, branch: 'main', version: '1.1.0', tag: 'v1.1.0', message: 'm', tagMessage: 't' };
  const files = [{ path: 'VERSION', text: '1.1.0\n' }];
  const work = openGitRepository(settings, adapterContext({ dataDir })).cutRelease({ ...order, files }, 'p1');
  return work.then(
    () => {
      throw new Error('it was taken');
    },
    (error: Error) => error,
  );
}

describe('a hook of a real server refuses', () => {
  test.each([
    [
      'GitLab: a signature',
      'echo "GitLab: Commit must be signed with a GPG key" >&2; exit 1',
      /push to main of .*: .*Commit must be signed.*Nothing was pushed/,
      /repository\.signing/,
    ],
    [
      'GitLab: a message',
      `echo "GitLab: Commit message does not follow the pattern '^SHOP-'" >&2; exit 1`,
      /push to main .*does not follow the pattern '\^SHOP-'/,
      /chore\(release\): v1\.2\.3/,
    ],
    [
      'GitLab: a protected tag',
      'echo "GitLab: You are not allowed to create this tag as it is protected." >&2; exit 1',
      /^The tag v1\.1\.0 is refused by .*as it is protected.*Nothing was pushed/,
      /make such tags/,
    ],
    [
      'Gitea: a protected tag',
      'echo "Gitea: Tag v1.1.0 is protected" >&2; exit 1',
      /^The tag v1\.1\.0 is refused/,
      /make such tags/,
    ],
    [
      'Gitolite: a tag',
      'echo "FATAL: W refs/tags/v1.1.0 shop slipway DENIED by fallthru" >&2; exit 1',
      /^The tag v1\.1\.0 is refused/,
      /make such tags/,
    ],
    [
      'Bitbucket: only pull requests',
      'echo "Branch refs/heads/main can only be modified through pull requests." >&2; exit 1',
      /push to main .*only be modified through pull requests/,
      /pull request/,
    ],
    [
      'one of our own: an address',
      `echo "committer email slipway@users.noreply.invalid is not one of ours" >&2; exit 1`,
      /push to main/,
      /repository\.committer/,
    ],
    [
      'one of our own: a sign-off',
      'echo "missing Signed-off-by" >&2; exit 1',
      /push to main/,
      /Signed-off-by/,
    ],
    ['one that says nothing', 'exit 1', /push to main .*pre-receive hook declined/, /right to push/],
  ])('%s', async (_, script, text, hint) => {
    remote.hook('pre-receive', script);
    const error = await cut();
    expect(error).toBeInstanceOf(Refusal);
    const said = explain(error as Refusal);
    expect(said.text).toMatch(text);
    expect(said.hint).toMatch(hint);
    expect(remote.tip('main')).toBe(base);
    expect(remote.git('tag', '--list')).toBe('');
  });

  test('a hook of the tag alone that wants signatures: the tag is named, and what to do', async () => {
    remote.hook('update', 'case "$1" in refs/tags/*) echo "unsigned tags are not allowed"; exit 1;; esac');
    const said = explain((await cut()) as Refusal);
    expect(said.text).toMatch(/^The tag v1\.1\.0 is refused by .*unsigned tags are not allowed/);
    expect(said.hint).toMatch(/repository\.signing/);
  });

  test('a hook that cannot ask its own server is tried again', async () => {
    remote.hook('pre-receive', 'echo "GitLab: Internal API unreachable" >&2; exit 1');
    expect(await cut()).toBeInstanceOf(Unavailable);
  });
});

test.each<[string, ReturnType<typeof pushRuleOf>]>([
  ['GH006: Protected tag update failed for refs/tags/v1; You’re not authorized to create a tag', 'tag'],
  ['Repository rule violations found: Cannot create ref due to creations being restricted.', 'tag'],
  ['Repository rule violations found: Commits must have verified signatures.', 'signature'],
  [
    'GH006: Protected branch update failed for refs/heads/main; Changes must be made through a pull request.',
    'pull-request',
  ],
  ['Gitea: branch main is protected from unverified commit abc', 'signature'],
  ["GitLab: Commit author's email 'a@b' does not follow the pattern '@shop.test'", 'identity'],
  ['GitLab: Committer email a@b is not verified', 'identity'],
  ["TF401027: You need the Git 'CreateTag' permission", 'tag'],
  ['TF402455: Pushes to this branch are not permitted; you must use a pull request', 'pull-request'],
  ['commit abc: missing Change-Id in message footer', 'message'],
  ['not Signed-off-by author/committer/uploader in message footer', 'sign-off'],
  ['pre-receive hook declined', null],
  ['the branch is locked', null],
])('the words of a host: %s', (reason, rule) => {
  expect(pushRuleOf(reason)).toBe(rule);
});

test('trouble of a host is no rule', () => {
  expect(isHostTrouble('pre-receive hook declined: API is not accessible')).toBe(true);
  expect(isHostTrouble('remote rejected: Internal Server Error')).toBe(true);
  expect(isHostTrouble('failed: fatal error in commit_refs')).toBe(true);
  expect(isHostTrouble('This GitLab is currently in maintenance mode')).toBe(true);
  expect(isHostTrouble('pre-receive hook declined: Commit must be signed, try again later')).toBe(false);
});
