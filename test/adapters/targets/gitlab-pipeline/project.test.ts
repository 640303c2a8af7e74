import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeGitlab } from '../../../../demo/gitlab/gitlab.ts';
import type { JobPlan } from '../../../../demo/gitlab/pipelines.ts';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { GitlabSettings } from '../../../../src/adapters/repositories/gitlab/settings.ts';
import { openGitlabPipeline } from '../../../../src/adapters/targets/gitlab-pipeline/gitlab-pipeline.ts';
import { GitlabPipelineSettings } from '../../../../src/adapters/targets/gitlab-pipeline/settings.ts';
import type { DeployOrder, DeployStatus, Target } from '../../../../src/adapters/targets/port.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Live, Release } from '../../../../src/domain/release/release.ts';
import { refusal } from '../../../contracts/repository.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { DescribedGitlab } from '../../../fakes/platforms/gitlab.ts';

let remote: GitRemote;
let gitlab: FakeGitlab;
let now: number;
beforeEach(async () => {
  now = Date.now();
  remote = new GitRemote();
  remote.push('main', 'ci: deploy', { '.gitlab-ci.yml': 'deploy-production: {}\n' });
  gitlab = await new DescribedGitlab(remote).start();
});
afterEach(async () => {
  await gitlab.close();
  remote.remove();
  expect(gitlab.violations).toEqual([]);
});

/** `isMirror`: the pipeline runs in another project than that of the service. */
function open(settings: Readonly<Record<string, unknown>> = {}, isMirror = false): Target {
  const project = { project: gitlab.project, url: gitlab.base, token: { env: 'GITLAB_TOKEN' } };
  const mirror = isMirror ? { repository: project } : {};
  return openGitlabPipeline(
    GitlabPipelineSettings.parse({ use: 'gitlab-pipeline', ...mirror, ...settings }),
    adapterContext({ env: { GITLAB_TOKEN: TOKEN }, now: () => now }),
    GitlabSettings.parse(project),
    { branch: 'main', tags: { tagPrefix: 'v' } },
  );
}
function release(version: string, isTagged = true): Release {
  const commit = remote.push('main', `chore(release): v${version}`, { VERSION: version });
  if (isTagged) remote.tag(`v${version}`, commit);
  return { version, tag: `v${version}`, commit };
}
const order = (of: Release, from: Live | null = null, kind: DeployOrder['kind'] = 'deploy') => ({
  kind,
  service: 'shop',
  release: of,
  from,
});
async function deploy(target: Target, given: DeployOrder, key: string): Promise<DeployStatus> {
  const handle = await target.start(given, key);
  for (let round = 0; round < 50; round++) {
    const status = await target.follow(given, handle);
    if (status.kind !== 'running') return status;
  }
  throw new Error('the deployment never ended');
}
const plan = (...jobs: readonly JobPlan[]) => {
  gitlab.pipelines.plan = jobs;
};

describe('whether a pipeline takes variables', () => {
  const rule = (restrict_user_defined_variables: boolean, least?: string) => ({
    restrict_user_defined_variables,
    ...(least === undefined ? {} : { ci_pipeline_variables_minimum_override_role: least }),
  });

  test.each([
    [40, rule(true, 'no_one_allowed'), /lets nobody do that$/],
    [30, rule(true, 'maintainer'), /wants the role maintainer, which the token does not have$/],
    [40, rule(true, 'owner'), /wants the role owner/],
    [30, rule(true), /wants the role maintainer/],
  ])('is known before people are asked: role %i, %j', async (role, variablesRule, words) => {
    Object.assign(gitlab, { role, variablesRule });
    expect(await refusal(open().preflight())).toMatchObject({
      code: 'target-misconfigured',
      facts: { reason: expect.stringMatching(words) },
    });
    expect((await refusal(open().preflight())).facts['reason']).toContain(
      '“Minimum role to use pipeline variables” (Settings, CI/CD, Variables)',
    );
  });

  test.each([
    [30, rule(true, 'developer')],
    [40, rule(true, 'maintainer')],
    [50, rule(true, 'owner')],
    [30, rule(false, 'no_one_allowed')],
    [30, {}],
  ])('does not stop who may give them: role %i, %j', async (role, variablesRule) => {
    Object.assign(gitlab, { role, variablesRule });
    expect(await open().preflight()).toMatch(/can be started/);
  });
});

describe('in a project that mirrors the repository', () => {
  test('a tag that it has not yet is waited for, up to the timeout', async () => {
    const target = open({ timeout: '10m' }, true);
    const late = release('1.0.0', false);
    const waits = await target.start(order(late), 'p1').catch((error: unknown) => error);
    expect(waits).toBeInstanceOf(Unavailable);
    expect(waits).toMatchObject({ message: expect.stringContaining('v1.0.0'), retryAfterMs: 15_000 });
    remote.tag('v1.0.0', late.commit);
    expect(await deploy(target, order(late), 'p1')).toMatchObject({ kind: 'succeeded' });
    const never = release('1.1.0', false);
    await expect(target.start(order(never, late), 'p2')).rejects.toBeInstanceOf(Unavailable);
    now += 11 * 60_000;
    expect(await refusal(target.start(order(never, late), 'p2'))).toMatchObject({
      code: 'release-not-deployable',
    });
  });

  test('a tag that names another commit is refused', async () => {
    const moved = release('1.0.0', false);
    remote.tag('v1.0.0', release('1.1.0').commit);
    expect(await refusal(open({}, true).start(order(moved), 'p1'))).toMatchObject({
      code: 'release-not-deployable',
    });
  });

  test('no tag is asked for where the pipeline runs on a branch', async () => {
    const target = open({ ref: 'main' }, true);
    const untagged = release('1.0.0', false);
    expect(await target.deployable?.(untagged)).toContain('v1.0.0');
    expect(await deploy(target, order(untagged), 'p1')).toMatchObject({ kind: 'succeeded' });
  });
});

test('a rollback of what several jobs deployed starts all of them', async () => {
  plan({ name: 'api', deploys: 'production' }, { name: 'web', deploys: 'production' });
  const [first, second] = [release('1.0.0'), release('1.1.0')];
  const target = open();
  await deploy(target, order(first), 'p1');
  await deploy(target, order(second, first), 'p2');
  await deploy(target, order(first, await target.live(), 'rollback'), 'p2:rollback');
  const made = gitlab.records.deployments.map(({ ref, job }) => `${ref} ${job?.name}`);
  expect(made.slice(4)).toEqual(['v1.0.0 api', 'v1.0.0 web']);
});

test('live is the deployment that ended last, not the one that began last', async () => {
  const [first, second] = [release('1.0.0'), release('1.1.0')];
  gitlab.records.add(first.commit, 'production', 'running');
  gitlab.records.add(second.commit, 'production', 'success');
  const [slow] = gitlab.records.deployments;
  Object.assign(slow ?? {}, { status: 'success', ended: 1_000 });
  expect(await open().live()).toMatchObject({ commit: first.commit });
});

describe('a pipeline that went well', () => {
  test('before its deployment did, as one that it does not wait for, is followed further', async () => {
    plan({ name: 'deploy', deploys: 'production' });
    const [first, target] = [release('1.0.0'), open()];
    const handle = await target.start(order(first), 'p1');
    await target.follow(order(first), handle);
    const [pipeline] = gitlab.pipelines.all;
    Object.assign(pipeline ?? {}, { fixed: 'success' });
    gitlab.pipelines.runs = false;
    expect(await target.follow(order(first), handle)).toMatchObject({ kind: 'running', detail: 'deploy' });
  });

  test('while its job that deploys failed, as it may, says what failed', async () => {
    const log = 'not ok\n';
    plan({ name: 'deploy', deploys: 'production', allow_failure: true });
    gitlab.pipelines.failing = { job: 'deploy', reason: 'script_failure', log };
    expect(await deploy(open(), order(release('1.0.0')), 'p1')).toEqual({
      kind: 'failed',
      reason: 'Job “deploy” failed.',
      logUrl: expect.stringMatching(/\/-\/jobs\/\d+$/),
      log: ['not ok'],
    });
  });
});
