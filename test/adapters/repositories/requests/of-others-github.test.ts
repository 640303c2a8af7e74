import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

const RECORDS = 'slipway/records/main';

let remote: GitRemote;
let github: Github;
let base: string;
beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n', log: '' });
  github.protect('main', { type: 'pull_request' });
  github.faults.next('PUT', '409');
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  expect(remote.fsck()).toBe('');
  remote.remove();
});

const record = (key: string, text: string) => {
  const given = { use: 'github', repository: github.name, api: github.api, token: { env: 'TOKEN' } };
  const context = adapterContext({ env: { TOKEN: github.access.token() } });
  const edits = [{ path: 'log', edit: (before: string | null) => `${before ?? ''}${text}\n` }];
  return openGithubRepository(GithubRepositorySettings.parse(given), context).commitFiles(
    { branch: 'main', message: 'docs: report', edits },
    key,
  );
};

test('records that wait are merged with the next, after a restart too', async () => {
  expect((await record('k1', 'one')).waitsIn).toMatch(/^pull request #1 /);
  expect((await record('k2', 'two')).waitsIn).toBeUndefined();
  expect(remote.git('show', 'main:log')).toBe('one\ntwo');
});

test.each([
  ['says nothing of a record', 'feat: evil', { log: 'one\nevil\n' }],
  ['claims to be a record', 'docs: report\n\nSlipway-Record: k9', { 'evil.sh': 'rm -rf /' }],
])('what others push to them is not merged by Slipway: it %s', async (_why, message, changed) => {
  await record('k1', 'one');
  remote.push(RECORDS, message, changed);
  expect((await record('k2', 'two')).waitsIn).toMatch(/^pull request #1 .*somebody has to merge/);
  expect(remote.tip('main')).toBe(base);
});

test('a pull request of a fork of the same owner is none of them', async () => {
  await record('k1', 'one');
  const [ours] = github.state.pulls;
  if (!ours) throw new Error('there is no pull request');
  const [owner] = github.name.split('/');
  github.state.pulls.push({ ...ours, number: 2, state: 'closed', fork: `${owner}/shop-fork` });
  await record('k2', 'two');
  expect(remote.git('show', 'main:log')).toBe('one\ntwo');
});
