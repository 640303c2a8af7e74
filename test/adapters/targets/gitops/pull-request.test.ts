import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { GitopsSettings, openGitops } from '../../../../src/adapters/targets/gitops/gitops.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { DescribedGitlab } from '../../../fakes/platforms/gitlab.ts';
import { targetContext } from '../../../support/all-adapters.ts';
import { FIRST, orderOf, SECOND, sentenceOf } from '../platforms/platform-world.ts';

let deploy: GitRemote;
let github: Github;
let dataDir: string;

beforeEach(async () => {
  deploy = new GitRemote();
  deploy.push('main', 'chore: begin', { 'shop.env': 'A=1\nTAG=v1.0.0\n' });
  github = await startGithub({ path: deploy.path });
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  deploy.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

const onGithub = () => ({
  use: 'github',
  repository: github.name,
  api: github.api,
  token: { env: 'TOKEN' },
});

/** A process that has just begun; the file has the first release, as the tag of the service's repository says. */
function open(token: string, project: object = onGithub(), wave?: string): Target {
  const service = new GitRemote();
  const settings = GitopsSettings.parse({
    use: 'gitops',
    repository: project,
    file: 'shop.env',
    pattern: '^TAG=(\\S+)$',
    'pull-request': true,
  });
  const commit = service.push('main', 'chore: begin', { a: 'b' });
  service.tag('v1.0.0', commit);
  const context = adapterContext({ dataDir, env: { TOKEN: token } });
  const own = targetContext(context, { use: 'git', url: service.path });
  return openGitops(settings, wave === undefined ? own : { ...own, wave });
}

const order = { ...orderOf(SECOND, FIRST), from: { commit: '', version: '1.0.0' } };

test('one order has one pull request, which is waited for', async () => {
  const token = github.access.token();
  const target = open(token);
  const from = await target.live();
  const deployed = { ...order, from };
  const handle = await target.start(deployed, 'k');
  const again = await open(token).start(deployed, 'k');
  expect(github.state.pulls).toHaveLength(1);
  expect(again.id).toBe(handle.id);
  expect(await target.follow(deployed, handle)).toMatchObject({
    kind: 'running',
    detail: expect.stringMatching(/^it waits for pull request #1 \(http.*\) to be merged$/),
  });
  expect(deploy.git('show', 'main:shop.env')).toBe('A=1\nTAG=v1.0.0');
  const [pull] = github.state.pulls;
  deploy.git('update-ref', 'refs/heads/main', deploy.git('rev-parse', `refs/heads/${pull?.head}`));
  Object.assign(pull ?? {}, { state: 'closed', merged: true, mergeCommit: deploy.tip('main') });
  expect(await target.follow(deployed, handle)).toMatchObject({ kind: 'succeeded' });
  expect(deploy.git('show', 'main:shop.env')).toBe('A=1\nTAG=v1.1.0');
});

test('one that is given up is closed: nobody can merge it days later', async () => {
  const target = open(github.access.token());
  const deployed = { ...order, from: await target.live() };
  const handle = await target.start(deployed, 'k');
  await target.cancel?.(handle);
  expect(github.state.pulls[0]).toMatchObject({ state: 'closed', merged: false });
  // Once more, as after a crash.
  await target.cancel?.(handle);
});

test('one that somebody has merged is not said to be stopped', async () => {
  const target = open(github.access.token());
  const deployed = { ...order, from: await target.live() };
  const handle = await target.start(deployed, 'k');
  const [pull] = github.state.pulls;
  deploy.git('update-ref', 'refs/heads/main', deploy.git('rev-parse', `refs/heads/${pull?.head}`));
  Object.assign(pull ?? {}, { state: 'closed', merged: true, mergeCommit: deploy.tip('main') });
  expect(await sentenceOf(target.cancel?.(handle) ?? Promise.resolve())).toContain('it is merged');
});

test('a further try goes on with the request of the one before while that is open', async () => {
  const target = open(github.access.token());
  const deployed = { ...order, from: await target.live() };
  // So the flow does not close it before.
  expect(target.resumes).toBe(true);
  const handle = await target.start(deployed, 'shop-1-deploy-1');
  expect((await target.start(deployed, 'shop-1-deploy-2')).state).toMatchObject({
    pull: handle.state['pull'] ?? 0,
  });
  expect(github.state.pulls).toHaveLength(1);
  await target.cancel?.(handle);
  await target.start(deployed, 'shop-1-deploy-3');
  expect(github.state.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
});

test('the number of a try is told from that at the end of the name of a wave', async () => {
  const token = github.access.token();
  const [first, second] = ['eu-1', 'eu-2'].map((wave) => open(token, onGithub(), wave));
  const deployed = { ...order, from: (await first?.live()) ?? null };
  const one = await first?.start(deployed, 'shop-1-deploy-1-eu-1');
  const other = await second?.start(deployed, 'shop-1-deploy-1-eu-2');
  expect(other?.state['pull']).not.toBe(one?.state['pull']);
  // A further try of a wave goes on with its own.
  expect((await second?.start(deployed, 'shop-1-deploy-2-eu-2'))?.state).toMatchObject({ pull: 2 });
  expect(github.state.pulls).toHaveLength(2);
});

test('one that is closed has failed', async () => {
  const target = open(github.access.token());
  const deployed = { ...order, from: await target.live() };
  const handle = await target.start(deployed, 'k');
  Object.assign(github.state.pulls[0] ?? {}, { state: 'closed' });
  expect(await target.follow(deployed, handle)).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/was closed without being merged/),
  });
});

test('on GitLab it is a merge request', async () => {
  const gitlab = await new DescribedGitlab(deploy).start();
  const project = { use: 'gitlab', project: gitlab.project, url: gitlab.base, token: { env: 'TOKEN' } };
  const target = open(TOKEN, project);
  const deployed = { ...order, from: await target.live() };
  const handle = await target.start(deployed, 'k');
  expect((await open(TOKEN, project).start(deployed, 'k')).id).toBe(handle.id);
  expect(gitlab.merging.all).toHaveLength(1);
  expect(await target.follow(deployed, handle)).toMatchObject({
    kind: 'running',
    detail: expect.stringMatching(/^it waits for merge request !1 \(http.*\) to be merged$/),
  });
  gitlab.merging.byHand('Merge it');
  expect(await target.follow(deployed, handle)).toMatchObject({ kind: 'succeeded' });
  expect(deploy.git('show', 'main:shop.env')).toBe('A=1\nTAG=v1.1.0');
  await gitlab.close();
  expect(gitlab.violations).toEqual([]);
});

test('on GitLab one that is given up is closed, too', async () => {
  const gitlab = await new DescribedGitlab(deploy).start();
  const project = { use: 'gitlab', project: gitlab.project, url: gitlab.base, token: { env: 'TOKEN' } };
  const target = open(TOKEN, project);
  const deployed = { ...order, from: await target.live() };
  const handle = await target.start(deployed, 'k');
  await target.cancel?.(handle);
  expect(await target.follow(deployed, handle)).toMatchObject({ kind: 'failed' });
  await gitlab.close();
  expect(gitlab.violations).toEqual([]);
});

test('plain git has no pull requests', () => {
  const settings = {
    use: 'gitops',
    repository: { use: 'git', url: '/tmp/x' },
    file: 'a',
    value: 'b',
    'pull-request': true,
  };
  expect(GitopsSettings.safeParse(settings).success).toBe(false);
});
