import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeGitlab } from '../../../demo/gitlab/gitlab.ts';
import { TOKEN } from '../../../demo/platform/fake-platform.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { GitRemote } from '../../fakes/git-remote.ts';
import { DescribedGitlab } from '../../fakes/platforms/gitlab.ts';
import { expectNoLeak, spellings } from '../leaks.ts';
import { releaseFacts, type Stage, setStage } from '../stage.ts';

describe('on GitLab, on a protected branch, deployed by its pipelines', () => {
  let gitlab: FakeGitlab;
  let stage: Stage;
  let bad = '';

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-story-'));
    gitlab = await new DescribedGitlab(new GitRemote(join(dir, 'remote.git')), { prefix: '/git' }).start();
    const { pipelines, records, merging } = gitlab;
    merging.method = 'ff';
    merging.slow = 1;
    stage = await setStage({
      dir,
      target: { use: 'gitlab-pipeline' },
      env: { GITLAB_TOKEN: TOKEN, LOG_LEVEL: 'trace' },
      overrides: (shop) => ({
        repository: {
          use: 'gitlab',
          url: gitlab.base,
          project: gitlab.project,
          token: { env: 'GITLAB_TOKEN' },
          environment: false,
        },
        links: { production: shop },
        rollback: { automatic: 'critical' },
        health: { timeout: '2s' },
      }),
    });
    gitlab.protect('main');
    records.add(await stage.git('rev-parse', 'v1.2.0^{commit}'), 'production', 'success', 'v1.2.0');
    pipelines.add(stage.remote.validated, [{ name: 'test', status: 'success' }]);
    pipelines.onDeployed = async (sha) => {
      const tag = await stage.git('describe', '--tags', '--exact-match', sha);
      stage.shop.control.set({ mode: tag === bad ? 'down' : 'healthy' });
      await stage.git('update-ref', 'refs/heads/production', sha);
      await stage.shop.control.refresh();
    };
  });
  afterAll(async () => {
    await stage?.end();
    await gitlab?.close();
  });

  /** Jobs that deployed, or tried to, by tag. */
  const deployments = () => gitlab.records.deployments.slice(1).map(({ ref, status }) => `${ref} ${status}`);

  test('stories 1 and 5: a deploy fails, the bot is killed, Retry ships the same release', async () => {
    const log = `$ make deploy\nno such cluster, ${TOKEN}\n`;
    gitlab.pipelines.failing = { job: 'deploy-production', reason: 'script_failure', log };
    gitlab.inject('reset-after', { method: 'PUT', path: /merge$/ });
    gitlab.inject({ status: 502 }, { method: 'POST', path: /pipeline$/ });
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardWith('retry_deploy', 90_000);
    const said = textOf(await stage.threadSays(/The deploy failed/));
    expect(said).toMatch(/Job “deploy-production” failed\.[\s\S]*no such cluster/);
    expect(stage.shop.control.state().live?.version).toBe('1.2.0');
    await stage.crash();
    await stage.press('linus', 'retry_deploy');
    await stage.cardShows(/Shipped/, 90_000);
    expect(stage.shop.control.state().live?.version).toBe('1.3.0');
    const facts = await releaseFacts(stage);
    expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag', fsck: '' });
    expect(facts.production).toBe(facts.tagged);
    expect(deployments()).toEqual(['v1.3.0 failed', 'v1.3.0 success']);
    expect(gitlab.merging.all.filter(({ title }) => title.startsWith('chore(release)'))).toHaveLength(1);
    expect(gitlab.records.releases.get('v1.3.0')?.description).toContain('Coupons');
  });

  test('story 6: health fails: the job of the release before runs again', async () => {
    bad = 'v1.3.1';
    const commit = await stage.remote.commit({
      message: 'fix(cart): half a cent\n',
      files: { 'src/cent.js': 'export const cent = 0.5;\n' },
    });
    gitlab.pipelines.add(commit, [{ name: 'test', status: 'success' }]);
    await stage.remote.setState({ stagingCommit: commit });
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardShows(/Rolled back/, 90_000);
    await stage.threadSays(/v1\.3\.0 is live again/);
    expect(stage.shop.control.state().live?.version).toBe('1.3.0');
    expect(deployments().slice(2)).toEqual(['v1.3.1 success', 'v1.3.0 success']);
    expect(gitlab.requests.filter((one) => one.endsWith('/retry'))).toHaveLength(1);
    const incident = await stage.git('show', 'main:specs/014-coupons/incident-1.3.1.md');
    expect(incident).toContain('health checks failed');
    expect(gitlab.violations).toEqual([]);
    await stage.expectNothingAmiss();
  });

  test('its token is nowhere, though GitLab repeated it', async () => {
    await expectNoLeak(stage, { 'the token': spellings(TOKEN) });
    expect(await readFile(stage.logFile, 'utf8')).not.toContain(TOKEN);
  });
});
