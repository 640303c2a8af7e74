import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReleaseCut } from '../../../../src/adapters/repositories/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { refusal } from '../../../contracts/repository.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

let world: GitlabRepositoryWorld;
let base: string;
beforeEach(async () => {
  world = await gitlabWorld();
  base = world.push('main', 'chore: start', { VERSION: '1.0.0\n', log: '' });
  world.protect('main');
});
afterEach(async () => {
  expect(world.remote.fsck()).toBe('');
  await world.remove();
});

const cut = (over: Partial<ReleaseCut> = {}): ReleaseCut => ({
  base,
  branch: 'main',
  version: '1.1.0',
  tag: 'v1.1.0',
  message: 'chore(release): v1.1.0',
  tagMessage: 'Release v1.1.0\n\n- Coupons\n',
  files: [{ path: 'VERSION', text: '1.1.0\n' }],
  ...over,
});
const release = (settings = {}) => world.open(settings).cutRelease(cut(), 'p1');
const tagged = () => world.remote.git('rev-parse', 'v1.1.0^{commit}');
const branches = () =>
  world.remote.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');
const head = () => world.remote.tip('slipway/release/v1.1.0') ?? '';

async function waitsFor(words: RegExp, settings = {}): Promise<Unavailable> {
  const error = await release(settings).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(Unavailable);
  expect((error as Unavailable).message).toMatch(words);
  return error as Unavailable;
}

/** What people approved: its one change on top of what they saw, whatever it was merged as. */
function expectWhole(commit: string): void {
  expect(tagged()).toBe(commit);
  expect(world.remote.tip('main')).toBe(commit);
  expect(world.remote.git('rev-parse', `${commit}^1`)).toBe(base);
  expect(world.remote.git('diff', '--name-only', base, commit)).toBe('VERSION');
  expect(world.remote.git('cat-file', '-t', 'v1.1.0')).toBe('tag');
  expect(world.remote.git('log', '-1', '--format=%B', commit)).toContain('Slipway-Promotion: p1');
  expect(branches()).toEqual(['main']);
}

describe('a release on a protected branch', () => {
  test.each([
    ['merge', {}],
    ['merge', { squash: true }],
    ['ff', {}],
    ['ff', { squash: true }],
  ] as const)('is merged and tagged: %s %j', async (method, settings) => {
    world.gitlab.merging.method = method;
    const made = await release(settings);
    expectWhole(made.commit);
    expect(await release(settings)).toEqual(made);
    expect(world.gitlab.merging.all).toHaveLength(1);
    expect(world.gitlab.merging.newest).toMatchObject({
      title: 'chore(release): v1.1.0',
      description: expect.stringContaining('Coupons'),
    });
  });

  test('waits while GitLab looks at it, and asks again soon', async () => {
    world.gitlab.merging.slow = 4;
    const { retryAfterMs } = await waitsFor(/release merge request !1: GitLab is still looking at it \(http/);
    expect(retryAfterMs).toBeLessThanOrEqual(3_000);
    world.gitlab.merging.newest.looks = 0;
    expectWhole((await release()).commit);
  });

  test('waits for approvals and says how many', async () => {
    world.gitlab.merging.approvalsLeft = 2;
    await waitsFor(/it needs 2 approvals more on GitLab/);
    world.gitlab.merging.approvalsLeft = 1;
    await waitsFor(/it needs 1 approval more on GitLab/);
    world.gitlab.merging.approvalsLeft = 0;
    expectWhole((await release()).commit);
  });

  test.each([
    ['discussions_not_resolved', /its threads must be resolved/],
    ['status_checks_must_pass', /its external status checks must pass/],
    ['something_of_tomorrow', /GitLab says: something of tomorrow/],
  ])('waits for what GitLab asks for: %s', async (status, words) => {
    world.gitlab.merging.status = status;
    await waitsFor(words);
    expect(world.remote.tip('main')).toBe(base);
  });

  test('waits for its pipeline, which is not there right after the push, and refuses when that fails', async () => {
    world.gitlab.merging.mustPass = true;
    await waitsFor(/its pipeline is running/);
    const pipeline = world.gitlab.pipelines.add(head(), [{ name: 'test', status: 'running' }]);
    await waitsFor(/1 check has not finished yet: test/);
    Object.assign(pipeline.jobs[0] ?? {}, { status: 'failed' });
    const found = await refusal(release());
    expect(found).toMatchObject({ code: 'release-checks-failed', facts: { checks: ['test'] } });
    expect(explain(found)).toMatchObject({
      text: expect.stringMatching(/^The release merge request !1 cannot be merged: test failed/),
      hint: 'Run the checks again or close the merge request, then re-check.',
    });
    Object.assign(pipeline.jobs[0] ?? {}, { status: 'success' });
    expectWhole((await release()).commit);
  });

  test('a pipeline of merged results counts too, though its commit is another', async () => {
    const other = world.gitlab.pipelines.add('1'.repeat(40), [{ name: 'integration', status: 'failed' }], {
      source: 'merge_request_event',
    });
    world.gitlab.merging.merged = other;
    expect(await refusal(release())).toMatchObject({ facts: { checks: ['integration'] } });
  });

  test.each([
    [405, '405 Method Not Allowed'],
    [406, 'Branch cannot be merged'],
    [409, 'SHA does not match HEAD of source branch'],
    [422, 'Branch cannot be merged'],
  ])('%i from merging is waited out', async (status, message) => {
    world.gitlab.merging.mergeFault = { status, body: { message } };
    await waitsFor(new RegExp(`GitLab does not merge it yet: .*${message.slice(-12)}`));
    world.gitlab.merging.mergeFault = null;
    expectWhole((await release()).commit);
  });

  test('401 from merging is final, unless it is the token that is not accepted any more', async () => {
    const fault = { status: 401, message: 'Unauthorized' };
    world.gitlab.inject(fault, { method: 'PUT', path: /merge$/ });
    expect(await refusal(release())).toMatchObject({
      code: 'not-writable',
      facts: { reason: expect.stringContaining('may not merge') },
    });
    world.gitlab.inject(fault, { method: 'PUT', path: /merge$/ });
    world.gitlab.inject(fault, { method: 'GET', path: /merge_requests\/1$/, skip: 1 });
    expect(await refusal(release())).toMatchObject({ code: 'repository-auth' });
  });

  test('a push rule that meets the merge itself is final, and said; what else went wrong is waited for', async () => {
    world.gitlab.merging.mergeError = "Commit message does not follow the pattern '^JIRA'";
    const found = await refusal(release());
    expect(found).toMatchObject({
      code: 'not-writable',
      facts: { rule: 'message', reason: expect.stringContaining("does not follow the pattern '^JIRA'") },
    });
    world.gitlab.merging.mergeError = 'Something went wrong during merge';
    await waitsFor(/does not merge it yet: Branch cannot be merged \(Something went wrong during merge\)/);
    world.gitlab.merging.mergeError = null;
    expectWhole((await release()).commit);
  });

  test('that GitLab answers does not say that it has merged', async () => {
    world.gitlab.merging.mergeFault = {
      status: 200,
      body: { iid: 1, state: 'opened', web_url: 'http://x', target_branch: 'main' },
    };
    await waitsFor(/GitLab is merging it/);
    expect(world.gitlab.commitOf('v1.1.0')).toBeNull();
  });

  test('whoever may not merge is told so', async () => {
    world.gitlab.merging.mayMerge = false;
    expect(await refusal(release())).toMatchObject({
      code: 'not-writable',
      facts: { reason: expect.stringContaining('may not merge') },
    });
  });

  test('one that somebody closed stops the promotion, and the next try has its own', async () => {
    world.gitlab.merging.approvalsLeft = 1;
    await waitsFor(/approval/);
    world.gitlab.merging.newest.state = 'closed';
    world.gitlab.merging.approvalsLeft = 0;
    expect(await refusal(release())).toMatchObject({
      code: 'release-pull-request-closed',
      facts: { number: 1 },
    });
    expectWhole((await release()).commit);
    expect(world.gitlab.merging.all).toHaveLength(2);
  });

  test('one that somebody merged, with words of their own, is tagged', async () => {
    world.gitlab.merging.approvalsLeft = 1;
    await waitsFor(/approval/);
    world.gitlab.merging.byHand('Merge it!');
    const { commit } = await release();
    expect(tagged()).toBe(commit);
    expect(await world.another().cutRelease(cut(), 'p1')).toMatchObject({ commit });
  });

  test('when the branch moves on, the request is closed and nothing is left', async () => {
    world.gitlab.merging.approvalsLeft = 1;
    await waitsFor(/approval/);
    const found = world.push('main', 'feat: in between', { a: '1' });
    expect(await refusal(release())).toMatchObject({ code: 'branch-moved', facts: { found } });
    expect(branches()).toEqual(['main']);
    expect(world.gitlab.merging.newest.state).toBe('closed');
  });

  test('what was merged on top of something else is not tagged', async () => {
    world.gitlab.merging.approvalsLeft = 1;
    await waitsFor(/approval/);
    world.push('main', 'feat: in between', { a: '1' });
    world.gitlab.merging.byHand('Merge it!');
    const found = await refusal(release());
    expect(found).toMatchObject({ code: 'release-overtaken' });
    expect(explain(found).hint).toContain('fast-forward or semi-linear');
    expect(world.gitlab.commitOf('v1.1.0')).toBeNull();
  });

  test('a tag that is refused after the merge is made when it may be', async () => {
    world.gitlab.tagsRefused.add('v1.1.0');
    expect(await refusal(release())).toMatchObject({
      code: 'tag-refused',
      facts: { tag: 'v1.1.0', branch: 'main', commit: world.remote.tip('main') },
    });
    world.gitlab.tagsRefused.clear();
    expectWhole((await release()).commit);
    expect(world.gitlab.merging.all).toHaveLength(1);
  });

  test.each([
    ['POST', /merge_requests$/, 'reset-after'],
    ['POST', /merge_requests$/, { status: 502 }],
    ['PUT', /merge$/, 'reset-after'],
    ['PUT', /merge$/, 'reset-before'],
    ['POST', /tags$/, 'reset-after'],
    ['POST', /tags$/, { status: 500 }],
  ] as const)(
    '%s %s that meets %j is asked about, and nothing is done twice',
    async (method, path, fault) => {
      world.gitlab.inject(fault, { method, path });
      await expect(release()).rejects.toBeInstanceOf(Unavailable);
      expectWhole((await release()).commit);
      expect(world.gitlab.merging.all).toHaveLength(1);
    },
  );
});

describe('a project without merge trains', () => {
  test.each([
    ['has them turned off', true],
    ['has no licence for them', false],
  ])('merges a release itself: it %s', async (_why, isLicensed) => {
    world.gitlab.isLicensed = isLicensed;
    expectWhole((await release()).commit);
    expect(world.gitlab.requests.filter((one) => one.includes('merge_trains'))).toEqual([]);
  });
});

describe('a merge train', () => {
  beforeEach(() => {
    world.gitlab.merging.train = [];
  });
  /** Its branch has a pipeline, as the train wants it. */
  const piped = async () => {
    await release().catch(() => undefined);
    world.gitlab.pipelines.add(head(), [{ name: 'test', status: 'success' }]);
  };

  test('carries the release, and its place is said', async () => {
    await piped();
    await waitsFor(/on the merge train, at position 1/);
    await waitsFor(/on the merge train, at position 1/);
    expect(world.gitlab.merging.train).toEqual([1]);
    world.gitlab.merging.drive();
    expect((await release()).commit).toBe(tagged());
  });

  test('is not boarded while others are on it, nor before approvals are there', async () => {
    world.gitlab.merging.train = [8, 9];
    await piped();
    await waitsFor(/2 others are on the merge train before it/);
    world.gitlab.merging.train = [];
    world.gitlab.merging.approvalsLeft = 1;
    await waitsFor(/1 approval more/);
    expect(world.gitlab.merging.train).toEqual([]);
  });

  test('that threw it off stops the promotion, and says why', async () => {
    await piped();
    await waitsFor(/at position 1/);
    world.gitlab.merging.throwOff('the pipeline did not succeed');
    const found = await refusal(release());
    expect(found).toMatchObject({ code: 'release-queue-removed' });
    expect(explain(found).text).toMatch(
      /^GitLab took the release merge request !1 out of the merge train: the pipeline did not succeed/,
    );
    expect(branches()).toEqual(['main']);
  });

  test('takes nothing without a pipeline: where none comes, and nobody is on it, the release is merged', async () => {
    await waitsFor(/does not take it onto the merge train: .*No available merge train strategy/);
    world.gitlab.merging.newest.created_at = new Date(Date.now() - 6 * 60_000).toISOString();
    expectWhole((await release()).commit);
  });

  test('takes nothing from whoever may not merge, which is not waited for', async () => {
    await piped();
    world.gitlab.inject({ status: 401, message: 'Unauthorized' }, { method: 'POST', path: /merge_trains/ });
    expect(await refusal(release())).toMatchObject({
      code: 'not-writable',
      facts: { reason: expect.stringContaining('may not merge') },
    });
  });
});

describe('records on a protected branch', () => {
  const record = (key: string, text: string) => {
    const edits = [{ path: 'log', edit: (before: string | null) => `${before ?? ''}${text}\n` }];
    return world.open().commitFiles({ branch: 'main', message: 'docs: report', edits }, key);
  };

  test('are merged at once where that can be done', async () => {
    const { commit, waitsIn } = await record('k1', 'one');
    expect(waitsIn).toBeUndefined();
    expect(world.remote.tip('main')).toBe(commit);
    expect(branches()).toEqual(['main']);
  });

  test('else gather in one merge request, once each, and are merged with the next', async () => {
    world.gitlab.merging.approvalsLeft = 1;
    const first = await record('k1', 'one');
    expect(first.waitsIn).toMatch(/^merge request !1 \(http.*\/-\/merge_requests\/1\)$/);
    expect(await record('k1', 'one')).toMatchObject({ commit: first.written });
    await record('k2', 'two');
    expect(world.gitlab.merging.all).toHaveLength(1);
    expect(world.remote.git('show', 'slipway/records/main:log')).toBe('one\ntwo');
    world.gitlab.merging.approvalsLeft = 0;
    await record('k3', 'three');
    expect(world.remote.git('show', 'main:log')).toBe('one\ntwo\nthree');
    expect(branches()).toEqual(['main']);
  });

  test('board the merge train behind others, whose pipelines go on, at once or when theirs has passed', async () => {
    const { merging, pipelines } = world.gitlab;
    merging.train = [8];
    const pipeline = pipelines.add('1'.repeat(40), [{ name: 'test', status: 'running' }]);
    merging.merged = pipeline;
    merging.mustPass = true;
    expect((await record('k1', 'one')).waitsIn).toMatch(/^merge request !1 /);
    expect([...merging.boardsLater]).toEqual([1]);
    Object.assign(pipeline.jobs[0] ?? {}, { status: 'success' });
    merging.boardsLater.clear();
    expect((await record('k2', 'two')).waitsIn).toMatch(/^merge request !1 /);
    expect(merging.train).toEqual([8, 1]);
    expect(world.remote.tip('main')).toBe(base);
  });

  test('without a pipeline are merged at once where nobody is on the merge train, else later', async () => {
    world.gitlab.merging.train = [8];
    expect((await record('k1', 'one')).waitsIn).toMatch(/^merge request !1 /);
    expect(world.remote.tip('main')).toBe(base);
    world.gitlab.merging.train = [];
    expect((await record('k2', 'two')).waitsIn).toBeUndefined();
    expect(world.remote.git('show', 'main:log')).toBe('one\ntwo');
  });
});
