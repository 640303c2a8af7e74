import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeGitlab } from '../../../../demo/gitlab/gitlab.ts';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { GitlabSettings } from '../../../../src/adapters/repositories/gitlab/settings.ts';
import { openGitlabPipeline } from '../../../../src/adapters/targets/gitlab-pipeline/gitlab-pipeline.ts';
import { traceTail } from '../../../../src/adapters/targets/gitlab-pipeline/pipeline-status.ts';
import { GitlabPipelineSettings } from '../../../../src/adapters/targets/gitlab-pipeline/settings.ts';
import type {
  DeployHandle,
  DeployOrder,
  DeployStatus,
  Target,
} from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Live, Release } from '../../../../src/domain/release/release.ts';
import type { TagForm } from '../../../../src/domain/release/tag-form.ts';
import { refusal } from '../../../contracts/repository.ts';
import { type TargetWorld, targetContract } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { DescribedGitlab } from '../../../fakes/platforms/gitlab.ts';
import { killedAtEachCall } from '../platforms/killed-at-each-call.ts';

interface PipelineWorld extends TargetWorld {
  readonly gitlab: FakeGitlab;
  readonly remote: GitRemote;
  open(settings?: Readonly<Record<string, unknown>>, now?: () => number, tags?: TagForm): Target;
}

async function world(settings: Readonly<Record<string, unknown>> = {}): Promise<PipelineWorld> {
  const remote = new GitRemote();
  remote.push('main', 'ci: deploy', { '.gitlab-ci.yml': 'deploy-production: {}\n' });
  const gitlab = await new DescribedGitlab(remote).start();
  const open = (
    more: Readonly<Record<string, unknown>> = {},
    now: () => number = Date.now,
    tags: TagForm = { tagPrefix: 'v' },
  ) =>
    openGitlabPipeline(
      GitlabPipelineSettings.parse({
        use: 'gitlab-pipeline',
        url: 'https://shop.test',
        ...settings,
        ...more,
      }),
      adapterContext({ env: { GITLAB_TOKEN: TOKEN }, now }),
      GitlabSettings.parse({ project: gitlab.project, url: gitlab.base, token: { env: 'GITLAB_TOKEN' } }),
      { branch: 'main', tags },
    );
  const release = (version: string): Release => {
    const commit = remote.push('main', `chore(release): v${version}`, { VERSION: version });
    remote.tag(`v${version}`, commit);
    return { version, tag: `v${version}`, commit };
  };
  return {
    gitlab,
    remote,
    open,
    target: open(),
    another: open,
    first: release('1.0.0'),
    second: release('1.1.0'),
    unknown: { version: '9.0.0', tag: 'v9.0.0', commit: 'deadbeef'.repeat(5) },
    deployments: () => gitlab.pipelines.all.filter(({ source }) => source === 'api').length,
    loseNextAnswer: () => gitlab.inject('reset-after', { path: /pipeline$/ }),
    intrude: async () =>
      gitlab.records.add(remote.push('main', 'feat: by hand', { hand: 'made' }), 'production'),
    remove: async () => {
      await gitlab.close();
      remote.remove();
      expect(gitlab.violations).toEqual([]);
    },
  };
}

targetContract({ name: 'gitlab-pipeline', make: () => world() });
targetContract({ name: 'gitlab-pipeline on a branch', make: () => world({ ref: 'main' }) });
targetContract({ name: 'gitlab-pipeline, back by a new one', make: () => world({ rollback: 'pipeline' }) });

for (const rollback of ['deployment', 'pipeline']) {
  killedAtEachCall(`gitlab-pipeline, back by a ${rollback}`, async () => {
    const shop = await world({ rollback });
    const { gitlab } = shop;
    return {
      ...shop,
      fake: gitlab,
      acts: () => gitlab.records.deployments.map(({ ref, status }) => `${ref} ${status}`),
      violations: () => gitlab.violations,
    };
  });
}

async function end(target: Target, order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
  for (let round = 0; round < 50; round++) {
    const status = await target.follow(order, handle);
    if (status.kind !== 'running') return status;
  }
  throw new Error('the deployment never ended');
}

describe('gitlab-pipeline', () => {
  let shop: PipelineWorld;
  beforeEach(async () => {
    shop = await world();
  });
  afterEach(() => shop.remove());

  const order = (release: Release, from: Live | null = null, kind: DeployOrder['kind'] = 'deploy') => ({
    kind,
    service: 'shop',
    release,
    from,
  });
  const deploy = async (target: Target, given: DeployOrder, key: string) =>
    end(target, given, await target.start(given, key));

  test('gives the pipeline its variables and is followed job by job', async () => {
    const target = shop.open({ variables: { VERSION: '{version}', WHAT: '{service} {tag}' } });
    const handle = await target.start(order(shop.first), 'p1');
    const [pipeline] = shop.gitlab.pipelines.all;
    expect(pipeline).toMatchObject({ ref: 'v1.0.0', sha: shop.first.commit });
    expect(pipeline?.variables).toEqual([
      { key: 'VERSION', value: '1.0.0' },
      { key: 'WHAT', value: 'shop v1.0.0' },
      { key: 'SLIPWAY_ORDER', value: handle.id },
    ]);
    const seen: string[] = [];
    let status = await target.follow(order(shop.first), handle);
    for (; status.kind === 'running'; status = await target.follow(order(shop.first), handle))
      seen.push(status.detail);
    expect(seen).toContain('build (job 1 of 2)');
    expect(seen).toContain('deploy-production (job 2 of 2)');
    expect(status).toMatchObject({
      deployment: { id: `pipeline ${pipeline?.id}`, url: 'https://shop.test' },
    });
    expect(target.rollbackCommands?.(shop.first)).toEqual([
      "glab ci run -R acme/web/shop -b v1.0.0 --variables-env VERSION:1.0.0 --variables-env 'WHAT:shop v1.0.0'",
    ]);
  });

  test('a rollback runs the job of the earlier deployment again, once, and follows that', async () => {
    await deploy(shop.target, order(shop.first), 'p1');
    await deploy(shop.target, order(shop.second, shop.first), 'p2');
    const live = await shop.target.live();
    const back = order(shop.first, live, 'rollback');
    shop.gitlab.inject('reset-after', { path: /retry$/ });
    await expect(shop.target.start(back, 'p2:rollback')).rejects.toBeInstanceOf(Unavailable);
    const handle = await shop.open().start(back, 'p2:rollback');
    expect(await shop.open().start(back, 'p2:rollback')).toMatchObject({ state: handle.state });
    expect(await end(shop.open(), back, handle)).toMatchObject({
      kind: 'succeeded',
      deployment: { id: /^job/ },
    });
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
    expect(shop.deployments?.()).toBe(2);
    expect(shop.gitlab.records.deployments).toHaveLength(3);
  });

  test('back to what went well, and was replaced by one that was made before it, really runs', async () => {
    await deploy(shop.target, order(shop.first), 'p1');
    await deploy(shop.target, order(shop.second, shop.first), 'p2');
    const [first] = shop.gitlab.records.deployments;
    if (!first?.job) throw new Error('nothing was deployed');
    shop.gitlab.records.ended(first.job, 'success');
    const live = await shop.target.live();
    expect(live).toMatchObject({ commit: shop.first.commit });
    await deploy(shop.target, order(shop.second, live, 'rollback'), 'p3:rollback');
    expect(await shop.target.live()).toMatchObject({ commit: shop.second.commit });
    expect(shop.gitlab.records.deployments).toHaveLength(3);
  });

  test('a job that can no longer be run again is replaced by a pipeline', async () => {
    await deploy(shop.target, order(shop.first), 'p1');
    await deploy(shop.target, order(shop.second, shop.first), 'p2');
    shop.gitlab.pipelines.archived = true;
    const back = order(shop.first, await shop.target.live(), 'rollback');
    expect(await deploy(shop.target, back, 'p2:rollback')).toMatchObject({ kind: 'succeeded' });
    expect(shop.deployments?.()).toBe(3);
    expect(await shop.target.live()).toMatchObject({ commit: shop.first.commit });
  });

  test('a rollback whose job failed can be tried again', async () => {
    await deploy(shop.target, order(shop.first), 'p1');
    await deploy(shop.target, order(shop.second, shop.first), 'p2');
    const back = order(shop.first, await shop.target.live(), 'rollback');
    shop.gitlab.pipelines.failing = {
      job: 'deploy-production',
      reason: 'failed_outdated_deployment_job',
      log: '',
    };
    expect(await deploy(shop.target, back, 'p2:rollback')).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('Prevent outdated deployment jobs'),
    });
    expect(await deploy(shop.target, back, 'p2:rollback-2')).toMatchObject({ kind: 'succeeded' });
  });

  describe.each(['deployment', 'pipeline'])(
    'a rollback by a %s to what was live before a deployment',
    (rollback) => {
      const back = () => order(shop.first, shop.first, 'rollback');
      let target: Target;
      beforeEach(async () => {
        target = shop.open({ rollback });
        await deploy(target, order(shop.first), 'p1');
      });
      const shas = () => shop.gitlab.records.deployments.map(({ sha, status }) => `${status} ${sha}`);

      test('that failed at its end is really made, once', async () => {
        shop.gitlab.pipelines.failing = { job: 'deploy-production', reason: 'script_failure', log: '' };
        await deploy(target, order(shop.second, shop.first), 'p2');
        const handle = await target.start(back(), 'p2:rollback');
        expect((await shop.open({ rollback }).start(back(), 'p2:rollback')).state).toEqual(handle.state);
        expect(await end(target, back(), handle)).toMatchObject({ kind: 'succeeded' });
        const made = [`success ${shop.first.commit}`, `failed ${shop.second.commit}`];
        expect(shas()).toEqual([...made, made[0]]);
        expect((await target.start(back(), 'p3:rollback')).state['isLive']).toBe(true);
      });

      test('that is open stops it, and is really made', async () => {
        const open = await target.start(order(shop.second, shop.first), 'p2');
        for (let look = 0; shas().length < 2 && look < 5; look++)
          await target.follow(order(shop.second, shop.first), open);
        expect(await deploy(target, back(), 'p2:rollback')).toMatchObject({ kind: 'succeeded' });
        const first = `success ${shop.first.commit}`;
        expect(shas()).toEqual([first, `canceled ${shop.second.commit}`, first]);
      });
    },
  );

  test('a failed job is said with its last lines, without its secrets, and a retry starts anew', async () => {
    const log = `\u001b[32;1mready\u001b[0m\nsection_start:1:step\rto ${TOKEN}\nnot ok\n`;
    shop.gitlab.pipelines.failing = { job: 'deploy-production', reason: 'script_failure', log };
    const status = await deploy(shop.target, order(shop.first), 'p1');
    expect(status).toEqual({
      kind: 'failed',
      reason: 'Job “deploy-production” failed.',
      logUrl: expect.stringMatching(/\/-\/jobs\/\d+$/),
      log: ['ready', 'to …', 'not ok'],
    });
    expect(await shop.target.live()).toBeNull();
    expect(await deploy(shop.target, order(shop.first), 'p1:again')).toMatchObject({ kind: 'succeeded' });
    expect(shop.deployments?.()).toBe(2);
  });

  test('a job that people have to start is waited for, however long, and has its time from then on', async () => {
    shop.gitlab.pipelines.plan = [{ name: 'deploy-production', deploys: 'production', manual: true }];
    let now = Date.now();
    const target = shop.open({ timeout: '10m' }, () => now);
    const handle = await target.start(order(shop.first), 'p1');
    await target.follow(order(shop.first), handle);
    now += 3 * 3_600_000;
    expect(await target.follow(order(shop.first), handle)).toMatchObject({
      kind: 'running',
      detail: 'deploy-production waits for somebody to start or approve it on GitLab',
    });
    const [job] = shop.gitlab.pipelines.all[0]?.jobs ?? [];
    Object.assign(job ?? {}, { status: 'pending', manual: false });
    shop.gitlab.pipelines.runs = false;
    expect(await target.follow(order(shop.first), handle)).toMatchObject({
      kind: 'running',
      detail: 'deploy-production is waiting for a runner',
    });
    now += 11 * 60_000;
    expect(await target.follow(order(shop.first), handle)).toMatchObject({ kind: 'failed', goesOn: true });
  });

  test.each([
    [[{ name: 'test' }], 'none of its jobs names the environment production'],
    [
      [{ name: 'test' }, { name: 'go', manual: true, allow_failure: true, deploys: 'production' }],
      'its job “go” was left for somebody to start',
    ],
  ])('a pipeline that went well and deployed nothing is no deployment', async (plan, why) => {
    shop.gitlab.pipelines.plan = plan;
    expect(await deploy(shop.target, order(shop.first), 'p1')).toMatchObject({
      kind: 'failed',
      reason: `The pipeline went well, but deployed nothing: ${why}.`,
    });
  });

  test('one that is cancelled here is cancelled there, and says so', async () => {
    const handle = await shop.target.start(order(shop.first), 'p1');
    await shop.target.follow(order(shop.first), handle);
    await shop.target.cancel?.(handle);
    await shop.target.cancel?.(handle);
    expect(await shop.target.follow(order(shop.first), handle)).toMatchObject({
      kind: 'failed',
      reason: 'The pipeline was cancelled on GitLab.',
    });
  });

  test('one that never ends has failed, and is not called harmless', async () => {
    let now = Date.now();
    const target = shop.open({ timeout: '10m' }, () => now);
    shop.gitlab.pipelines.runs = false;
    const handle = await target.start(order(shop.first), 'p1');
    now += 11 * 60_000;
    expect(await target.follow(order(shop.first), handle)).toMatchObject({
      kind: 'failed',
      goesOn: true,
      reason: expect.stringMatching(
        /not ended after 11 minutes: build is about to begin\. It may still deploy/,
      ),
    });
  });

  test('a tag that was moved meanwhile stops it', async () => {
    const handle = await shop.target.start(order(shop.first), 'p1');
    Object.assign(shop.gitlab.pipelines.all[0] ?? {}, { sha: shop.second.commit });
    expect(await shop.target.follow(order(shop.first), handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('was moved while it was started'),
    });
    expect(shop.gitlab.requests.some((one) => one.endsWith('/cancel'))).toBe(true);
  });

  test.each([
    ['reset-after', 1],
    ['reset-before', 1],
    ['timeout-after', 1],
    [{ status: 502 }, 1],
    [{ status: 500 }, 1],
    [{ status: 429, headers: { 'retry-after': '3' } }, 1],
  ] as const)(
    'starting that meets %j makes one pipeline',
    async (fault, count) => {
      shop.gitlab.inject(fault, { path: /pipeline$/ });
      await shop.target.start(order(shop.first), 'p1').catch((error: unknown) => {
        expect(error).toBeInstanceOf(Unavailable);
      });
      expect(await deploy(shop.open(), order(shop.first), 'p1')).toMatchObject({ kind: 'succeeded' });
      expect(shop.deployments?.()).toBe(count);
    },
    40_000,
  );

  test('a pipeline that is not in the list yet is not started again', async () => {
    shop.gitlab.pipelines.lateLists = 2;
    shop.gitlab.inject('reset-after', { path: /pipeline$/ });
    const handle = await shop.target.start(order(shop.first), 'p1');
    expect(handle.state['pipeline']).toBe(shop.gitlab.pipelines.all[0]?.id);
    expect(shop.deployments?.()).toBe(1);
  });

  test.each([
    [{ takesVariables: false }, 'Insufficient permissions to set pipeline variables'],
    [{ plan: [] }, 'The resulting pipeline would have been empty'],
  ])('what GitLab does not start is said in its words', async (over, words) => {
    Object.assign(shop.gitlab.pipelines, over);
    const found = await refusal(shop.target.start(order(shop.first), 'p1'));
    expect(found).toMatchObject({
      code: 'target-misconfigured',
      facts: { reason: expect.stringContaining(words) },
    });
  });

  test.each([
    ['the branch', 'main'],
    ['a tag', 'v1.0.0'],
  ])('a push of %s that deploys by itself is found before anything is released', async (_what, onRef) => {
    shop.gitlab.pipelines.pushPlan = [
      { name: 'test' },
      { name: 'deploy-production', deploys: 'production', onRef },
      { name: 'review', deploys: 'review' },
    ];
    const found = await refusal(shop.target.preflight());
    expect(found).toMatchObject({ code: 'target-starts-by-itself' });
    expect(explain(found)).toMatchObject({
      text: expect.stringContaining(`a push to ${onRef} runs deploy-production, which deploys to production`),
      hint: expect.stringContaining('$SLIPWAY_ORDER'),
    });
    expect(await shop.open({ 'other-triggers': 'allow' }).preflight()).toMatch(/can be started/);
  });

  test('before going back stops pipelines of ours that have not come to their deployment yet, and no others', async () => {
    await deploy(shop.target, order(shop.first), 'p1');
    const { pipelines } = shop.gitlab;
    pipelines.runs = false;
    const live = await shop.target.live();
    await shop.target.start(order(shop.second, live), 'p2');
    const [begun] = pipelines.all;
    const of = (value: string) => {
      const variables = [{ key: 'SLIPWAY_ORDER', value: `${value}#0123456789` }];
      return pipelines.add(shop.second.commit, [{ name: 'build', status: 'running' }], {
        source: 'api',
        variables,
      });
    };
    const other = of(`web-v2.0.0@${shop.second.commit.slice(0, 12)}`);
    const same = of(`v1.0.0@${shop.first.commit.slice(0, 12)}`);
    pipelines.runs = true;
    const status = await deploy(shop.another(), order(shop.first, live, 'rollback'), 'r1');
    expect(status).toMatchObject({ kind: 'succeeded' });
    const states = [begun, other, same].map((one) => one && pipelines.statusOf(one));
    expect(states).toEqual(['canceled', 'running', 'running']);
    expect(shop.gitlab.records.deployments.map(({ ref, status: now }) => `${ref} ${now}`)).toEqual([
      'v1.0.0 success',
      'v1.0.0 success',
    ]);
  });

  test('asks of a tag of the service, with the pipeline of today, however many tags others made since', async () => {
    const plan = { name: 'deploy-production', deploys: 'production', inConfigOf: 'main' };
    shop.gitlab.pipelines.pushPlan = [{ name: 'test' }, { ...plan, onRef: /^api-v/ }];
    const api = { tagPrefix: 'api-v' };
    const tip = shop.remote.tip('main') ?? '';
    shop.remote.tag('api-v1.4.0', tip);
    shop.remote.tag('api-vnext', tip);
    for (let nth = 0; nth < 130; nth++) shop.remote.tag(`web-v2.${nth}.0`, tip);
    expect(await refusal(shop.open({}, undefined, api).preflight())).toMatchObject({
      code: 'target-starts-by-itself',
      facts: { reason: 'a push to api-v1.4.0 runs deploy-production, which deploys to production' },
    });
    const web = shop.open({}, undefined, { tagPrefix: 'web-v' });
    expect(await web.preflight()).toMatch(/can be started with \w+, \w+\.$/);
    const plain = shop.open({}, undefined, { tagPrefix: '' });
    expect(await plain.preflight()).toMatch(/GitLab tells only once there is one like 1\.2\.3\.$/);
  });

  test('a manual job beside it, or no pipeline at all, deploys nothing by itself', async () => {
    shop.gitlab.pipelines.pushPlan = [{ name: 'deploy-production', deploys: 'production', manual: true }];
    expect(await shop.target.preflight()).toMatch(
      /can be started with DEPLOY_VERSION, DEPLOY_ENVIRONMENT\.$/,
    );
    shop.gitlab.pipelines.pushPlan = [];
    expect(await shop.target.preflight()).toMatch(/can be started/);
  });

  test('a configuration that is not valid is refused', async () => {
    shop.gitlab.pipelines.invalid = 'jobs:deploy config contains unknown keys: scirpt';
    expect(await refusal(shop.target.preflight())).toMatchObject({
      code: 'target-misconfigured',
      facts: { reason: expect.stringContaining('unknown keys: scirpt') },
    });
  });

  test('on a branch, live is the release that the order names, not the tip that the pipeline ran on', async () => {
    const target = shop.open({ ref: 'main' });
    await deploy(target, order(shop.first), 'p1');
    expect(shop.gitlab.records.deployments[0]?.sha).toBe(shop.second.commit);
    expect(await target.live()).toMatchObject({ commit: shop.first.commit });
  });
});

test('the tail of a log holds what people would read', () => {
  const trace = [
    '2026-11-29T10:00:00.123456Z 00O \u001b[0KRunning',
    'section_start:1700000000:script\r\u001b[0K\u001b[36;1m$ make\u001b[0;m',
    'section_end:1700000000:script',
    '10%\r50%\r100%',
    '',
    'ERROR: Job failed: exit code 1',
  ].join('\n');
  expect(traceTail(trace, 3)).toEqual(['$ make', '100%', 'ERROR: Job failed: exit code 1']);
  expect(traceTail('', 3)).toEqual([]);
});
