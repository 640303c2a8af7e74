import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommitCheck } from '../../../../src/adapters/repositories/port.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

describe('the checks of a commit on GitLab', () => {
  let world: GitlabRepositoryWorld;
  let commit: string;
  beforeEach(async () => {
    world = await gitlabWorld();
    commit = world.push('main', 'feat: a', { a: '1' });
  });
  afterEach(() => world.remove());

  const checks = (ci: unknown = 'all') =>
    world.open({ ci }).checks?.(commit) as Promise<readonly CommitCheck[]>;
  const inShort = async (ci?: unknown) =>
    (await checks(ci)).map(({ name, state, word }) => `${name}: ${state}, ${word}`);

  test('are the jobs of its pipeline and what others report, with links', async () => {
    const { jobs } = world.gitlab.pipelines.add(commit, [
      { name: 'test', status: 'success' },
      { name: 'lint', status: 'failed' },
      { name: 'audit', status: 'failed', allow_failure: true },
      { name: 'docs', status: 'skipped' },
      { name: 'slow', status: 'waiting_for_resource' },
    ]);
    world.gitlab.pipelines.statuses.push(
      { sha: commit, name: 'sonar', status: 'success' },
      { sha: commit, name: 'quality', status: 'failed', allow_failure: true },
      { sha: commit, name: 'scan', status: 'canceled' },
    );
    expect(await inShort()).toEqual([
      'test: passed, success',
      'lint: failed, failed',
      'audit: passed, failed, which is allowed',
      'docs: failed, skipped: an earlier job did not pass',
      'slow: pending, waiting for resource',
      'sonar: passed, success',
      'quality: passed, failed, which is allowed',
      'scan: failed, canceled',
    ]);
    const urls = (await checks()).map(({ url }) => url);
    expect(urls[0]).toBe(`${world.gitlab.web}/-/jobs/${jobs[0]?.id}`);
    expect(urls[5]).toBe('https://ci.test/sonar');
  });

  test('a job that somebody may start says nothing, one that holds up the others is waited for', async () => {
    world.gitlab.pipelines.add(commit, [
      { name: 'test', status: 'success' },
      { name: 'preview', status: 'manual', allow_failure: true },
    ]);
    expect(await inShort()).toEqual(['test: passed, success']);
    world.gitlab.pipelines.add(commit, [
      { name: 'test', status: 'success' },
      { name: 'sign', status: 'manual' },
      { name: 'late', status: 'created' },
    ]);
    expect(await inShort()).toEqual([
      'test: passed, success',
      'sign: pending, waits for somebody to start it',
      'late: pending, created',
    ]);
  });

  test.each([
    ['success', 'passed, skipped'],
    ['failed', 'failed, skipped: an earlier job did not pass'],
    ['canceled', 'failed, skipped: an earlier job did not pass'],
    ['running', 'pending, skipped: its pipeline goes on'],
  ])('a job that never ran has passed only where its pipeline has: %s', async (fixed, words) => {
    const jobs = [
      { name: 'test', status: 'skipped' },
      { name: 'docs', status: 'skipped', allow_failure: true },
    ];
    world.gitlab.pipelines.add(commit, jobs, { fixed });
    world.gitlab.pipelines.statuses.push({ sha: commit, name: 'scan', status: 'skipped' });
    expect(await inShort(['test', 'docs', 'scan'])).toEqual([
      `test: ${words}`,
      'docs: passed, skipped',
      'scan: passed, skipped',
    ]);
  });

  test('of many pipelines of the commit only the newest counts, and the newest of what was reported', async () => {
    const { pipelines } = world.gitlab;
    for (let count = 0; count < 110; count++)
      pipelines.add(commit, [{ name: 'nightly', status: count < 105 ? 'failed' : 'success' }], {
        source: 'schedule',
      });
    for (let count = 0; count < 950; count++)
      pipelines.statuses.push({ sha: commit, name: `old ${count}`, status: 'success' });
    pipelines.statuses.push({ sha: commit, name: 'scan', status: 'failed' });
    const found = (await inShort()).filter((one) => !one.startsWith('old'));
    expect(found).toEqual(['nightly: passed, success', 'scan: failed, failed']);
  });

  test('a failed job counts although its pipeline only waits for a manual one', async () => {
    world.gitlab.pipelines.add(
      commit,
      [
        { name: 'test', status: 'failed' },
        { name: 'sign', status: 'manual' },
      ],
      { fixed: 'manual' },
    );
    expect((await checks()).map(({ state }) => state)).toEqual(['failed', 'pending']);
  });

  test('a pipeline that could not be made fails, one that has no jobs yet is waited for, a skipped one is none', async () => {
    const invalid = { fixed: 'failed', yaml_errors: 'jobs:test config should implement a script' };
    const { id } = world.gitlab.pipelines.add(commit, [], invalid);
    expect(await inShort()).toEqual([`pipeline ${id}: failed, its configuration is not valid`]);
    const next = world.gitlab.pipelines.add(commit, [], { fixed: 'created' });
    expect(await inShort()).toEqual([`pipeline ${next.id}: pending, created`]);
    world.gitlab.pipelines.add(commit, [], { fixed: 'skipped' });
    expect(await inShort()).toEqual([]);
  });

  test('a pipeline that was run again by hand takes the place of the one before; a schedule has its own', async () => {
    world.gitlab.pipelines.add(commit, [{ name: 'test', status: 'failed' }]);
    world.gitlab.pipelines.add(commit, [{ name: 'nightly', status: 'failed' }], { source: 'schedule' });
    world.gitlab.pipelines.add(commit, [{ name: 'test', status: 'success' }], { source: 'web' });
    expect(await inShort()).toEqual(['test: passed, success', 'nightly: failed, failed']);
  });

  test('what others report counts until they report it again, in whichever pipeline that is', async () => {
    const { pipelines } = world.gitlab;
    const [older, newer] = ['running', 'success'].map((fixed) =>
      pipelines.add(commit, [], { source: 'external', fixed }),
    );
    const report = (name: string, status: string, pipeline_id?: number, more = {}) =>
      pipelines.statuses.push({ sha: commit, name, status, pipeline_id: pipeline_id ?? null, ...more });
    report('plan', 'running', older?.id);
    report('review', 'failed', older?.id);
    report('plan', 'success', newer?.id);
    expect(await inShort()).toEqual(['plan: passed, success', 'review: failed, failed']);
    // Reported to the pipeline of the push, which somebody then starts again.
    const push = pipelines.add(commit, [{ name: 'test', status: 'failed' }]);
    report('sonar', 'pending', push.id);
    report('sonar', 'failed', push.id);
    pipelines.add(commit, [{ name: 'test', status: 'success' }], { source: 'web' });
    report('review', 'success', push.id);
    report('review', 'failed', newer?.id, { ref: 'topic' });
    expect((await inShort()).sort()).toEqual([
      'plan: passed, success',
      'review: failed, failed',
      'review: passed, success',
      'sonar: failed, failed',
      'test: passed, success',
    ]);
  });

  test('what a child pipeline became counts, also where its parent does not wait for it', async () => {
    world.gitlab.pipelines.add(commit, [
      { name: 'test', status: 'success' },
      { name: 'api', status: 'success', child: 'failed' },
      { name: 'docs', status: 'success', child: 'failed', allow_failure: true },
      { name: 'web', status: 'success', child: 'running' },
    ]);
    const failed = (await checks()).filter(({ state }) => state !== 'passed');
    expect(failed.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'api: inner failed',
      'web: inner pending',
    ]);
  });

  test.each([
    [
      'under another address than GitLab gives itself',
      () => (world.gitlab.external = 'https://git.acme.test'),
    ],
    ['in another case', () => {}],
  ])('of a project that is asked for %s its jobs are its own', async (_how, given) => {
    given();
    const project = world.gitlab.project.toUpperCase();
    world.gitlab.pipelines.add(commit, [{ name: 'test', status: 'failed' }]);
    world.gitlab.pipelines.add(commit, [
      { name: 'test', status: 'success' },
      { name: 'api', status: 'success', child: 'failed' },
    ]);
    const found = await (world.open({ ci: 'all', project }).checks?.(commit) ?? []);
    expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'test passed',
      'api passed',
      'api: inner failed',
    ]);
  });

  test('a pipeline of another project that a job has started counts as a whole, wherever that is', async () => {
    const { jobs } = world.gitlab.pipelines.add(commit, [
      { name: 'docs', status: 'success', child: 'failed' },
    ]);
    Object.assign(jobs[0]?.childPipeline ?? {}, { project: 2 });
    const failed = (await checks()).filter(({ state }) => state !== 'passed');
    expect(failed.map(({ name }) => name)).toEqual([`docs (pipeline ${jobs[0]?.childPipeline?.id})`]);
  });

  test('named ones are enough, those of a matrix too, and one that nobody has heard of is missing', async () => {
    world.gitlab.pipelines.add(commit, [
      { name: 'test 1/2', status: 'success' },
      { name: 'test 2/2', status: 'failed' },
      { name: 'build: [linux, arm]', status: 'success' },
      { name: 'tests of the docs', status: 'failed' },
    ]);
    expect(await inShort(['test', 'build', 'scan'])).toEqual([
      'test 1/2: passed, success',
      'test 2/2: failed, failed',
      'build: [linux, arm]: passed, success',
      'scan: missing, not reported',
    ]);
  });

  test('deployments that Slipway started say nothing about the commit', async () => {
    world.gitlab.pipelines.add(commit, [{ name: 'test', status: 'success' }]);
    const variables = [{ key: 'SLIPWAY_ORDER', value: `v1.1.0@${commit.slice(0, 12)}#0123456789` }];
    world.gitlab.pipelines.add(commit, [{ name: 'deploy', status: 'failed' }], { source: 'api', variables });
    expect(await inShort()).toEqual(['test: passed, success']);
    world.gitlab.pipelines.add(commit, [{ name: 'deploy', status: 'failed' }], {
      source: 'api',
      variables,
      own: false,
    });
    expect(await inShort()).toEqual(['deploy: failed, failed', 'test: passed, success']);
  });

  test('of many jobs all pages are read, at the address of the config whatever GitLab calls itself', async () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ name: `job ${index}`, status: 'success' }));
    world.gitlab.pipelines.add(commit, [...many, { name: 'last', status: 'failed' }]);
    const found = await checks();
    expect(found).toHaveLength(251);
    expect(found.at(-1)).toMatchObject({ name: 'last', state: 'failed' });
  });
});
