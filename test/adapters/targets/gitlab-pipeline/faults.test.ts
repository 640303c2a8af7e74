import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeGitlab } from '../../../../demo/gitlab/gitlab.ts';
import { type Fault, TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { GitlabSettings } from '../../../../src/adapters/repositories/gitlab/settings.ts';
import { openGitlabPipeline } from '../../../../src/adapters/targets/gitlab-pipeline/gitlab-pipeline.ts';
import { GitlabPipelineSettings } from '../../../../src/adapters/targets/gitlab-pipeline/settings.ts';
import type { DeployOrder, DeployStatus } from '../../../../src/adapters/targets/port.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { DescribedGitlab } from '../../../fakes/platforms/gitlab.ts';
import { sampled } from '../../../support/whole.ts';

/** What a deployment, and a rollback after it, ask for. */
const CALLS: readonly (readonly [method: string, path: RegExp])[] = [
  ['GET', /\/pipelines$/],
  ['GET', /\/deployments$/],
  ['GET', /repository\/tags\/v/],
  ['POST', /\/pipeline$/],
  ['GET', /\/pipelines\/\d+$/],
  ['GET', /\/pipelines\/\d+\/jobs$/],
  ['GET', /\/pipelines\/\d+\/bridges$/],
  ['GET', /\/variables$/],
  ['POST', /\/retry$/],
  ['GET', /\/jobs\/\d+$/],
];
const FAULTS: readonly Fault[] = [
  'reset-before',
  'reset-after',
  { status: 500 },
  { status: 429, headers: { 'retry-after': '1' } },
];
const ROWS = CALLS.flatMap(([method, path]) => FAULTS.map((fault) => ({ method, path, fault })));
const rows = sampled(ROWS, ({ method, path, fault }) => [`${method} ${path.source}`, JSON.stringify(fault)]);

describe('a deployment by a pipeline, and its rollback, meet a fault at any of their calls', () => {
  let remote: GitRemote;
  let gitlab: FakeGitlab;
  beforeEach(async () => {
    remote = new GitRemote();
    gitlab = await new DescribedGitlab(remote).start();
  });
  afterEach(async () => {
    await gitlab.close();
    remote.remove();
    expect(gitlab.violations).toEqual([]);
  });

  const open = () =>
    openGitlabPipeline(
      GitlabPipelineSettings.parse({ use: 'gitlab-pipeline' }),
      adapterContext({ env: { GITLAB_TOKEN: TOKEN } }),
      GitlabSettings.parse({ project: gitlab.project, url: gitlab.base, token: { env: 'GITLAB_TOKEN' } }),
      { branch: 'main', tags: { tagPrefix: 'v' } },
    );

  /** As processes that know nothing of each other; the one that meets the fault is gone. */
  async function done(order: DeployOrder, key: string): Promise<DeployStatus> {
    let failures = 0;
    for (let round = 0; round < 40; round++) {
      try {
        const handle = await open().start(order, key);
        const status = await open().follow(order, handle);
        if (status.kind !== 'running') return status;
      } catch (error) {
        expect(error).toBeInstanceOf(Unavailable);
        expect(++failures).toBeLessThan(3);
      }
    }
    throw new Error('it never ended');
  }

  test.each(rows)(
    '$method $path: $fault',
    async ({ method, path, fault }) => {
      const release = (version: string) => {
        const commit = remote.push('main', `chore(release): v${version}`, { VERSION: version });
        remote.tag(`v${version}`, commit);
        return { version, tag: `v${version}`, commit };
      };
      const [first, second] = [release('1.0.0'), release('1.1.0')];
      const about = { service: 'shop' };
      expect(await done({ ...about, kind: 'deploy', release: first, from: null }, 'p1')).toMatchObject({
        kind: 'succeeded',
      });
      gitlab.inject(fault, { method, path });
      const next: DeployOrder = { ...about, kind: 'deploy', release: second, from: first };
      expect(await done(next, 'p2')).toMatchObject({ kind: 'succeeded' });
      const from = await open()
        .live()
        .catch(() => open().live());
      const back: DeployOrder = { ...about, kind: 'rollback', release: first, from };
      expect(await done(back, 'p2:rollback')).toMatchObject({ kind: 'succeeded' });
      const made = gitlab.records.deployments.map(({ ref, status }) => `${ref} ${status}`);
      expect(made).toEqual(['v1.0.0 success', 'v1.1.0 success', 'v1.0.0 success']);
      expect(gitlab.pipelines.all).toHaveLength(2);
    },
    40_000,
  );
});
