import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeploymentRecord, Repository } from '../../../../src/adapters/repositories/port.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { refusal } from '../../../contracts/repository.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

let world: GitlabRepositoryWorld;
let commit: string;
beforeEach(async () => {
  world = await gitlabWorld({ 'staging-environment': 'staging' });
  commit = world.push('main', 'feat: a', { a: '1' });
  world.tag('v1.1.0', commit);
});
afterEach(() => world.remove());

describe('the release page on GitLab', () => {
  const release = () => ({ version: '1.1.0', tag: 'v1.1.0', commit });
  const page = { title: 'v1.1.0', body: '### Added\n\n- Coupons\n', withheld: false };
  const publish = (over = {}, by: Repository = world.repository) =>
    by.publishRelease?.(release(), { ...page, ...over });

  test('is made, found again by another process, and brought up to date', async () => {
    const url = `${world.gitlab.web}/-/releases/v1.1.0`;
    expect(await publish()).toEqual({ url });
    expect(await publish({}, world.another())).toEqual({ url });
    await publish({ withheld: true, body: 'It was rolled back.' }, world.another());
    const { name, description } = world.gitlab.records.releases.get('v1.1.0') ?? {};
    expect(name).toBe('v1.1.0 (not for use)');
    expect(description).toContain('It was rolled back.');
    expect(world.gitlab.requests.filter((one) => one.startsWith('PUT'))).toHaveLength(1);
  });

  test('stays as somebody else wrote it', async () => {
    world.gitlab.records.releases.set('v1.1.0', { name: 'By hand', description: 'Mine.' });
    expect(await publish()).toEqual({ url: `${world.gitlab.web}/-/releases/v1.1.0` });
    expect(world.gitlab.records.releases.get('v1.1.0')).toEqual({ name: 'By hand', description: 'Mine.' });
  });

  test('is there once although the answer was lost', async () => {
    world.gitlab.inject('reset-after', { path: /releases$/ });
    await expect(publish()).rejects.toBeInstanceOf(Unavailable);
    expect(await publish({}, world.another())).toEqual({ url: `${world.gitlab.web}/-/releases/v1.1.0` });
    expect(world.gitlab.records.releases.size).toBe(1);
  });

  test('is waited for while GitLab does not see the tag that was just pushed', async () => {
    world.gitlab.records.unseenTags = 1;
    const waits = await publish()?.catch((error: unknown) => error);
    expect(waits).toMatchObject({ what: 'GitLab', retryAfterMs: 2_000 });
    world.gitlab.records.unseenTags = 0;
    expect(await publish()).toMatchObject({ url: expect.stringContaining('v1.1.0') });
  });

  test('says which role a protected tag takes, as GitLab says it', async () => {
    world.gitlab.inject({ status: 403, message: 'Forbidden' }, { path: /releases$/ });
    expect(await refusal(publish() as Promise<unknown>)).toMatchObject({
      code: 'platform-forbidden',
      facts: { platform: 'GitLab', doing: 'write the release page of v1.1.0', said: '403 Forbidden' },
    });
  });
});

describe('deployments on GitLab', () => {
  const record = (state: DeploymentRecord['state'], key = 'p1', by: Repository = world.repository) =>
    by.recordDeployment?.({ kind: 'deploy', commit, tag: 'v1.1.0', state, description: 'x' }, key);
  const shown = () =>
    world.gitlab.records.deployments.map(({ environment, ref, status }) => `${environment} ${ref} ${status}`);

  test('are shown as they go on, once for each key, whoever tells', async () => {
    await record('running');
    await record('running', 'p1', world.another());
    expect(shown()).toEqual(['production v1.1.0 running']);
    await record('succeeded', 'p1', world.another());
    await record('succeeded', 'p1', world.another());
    expect(shown()).toEqual(['production v1.1.0 success']);
  });

  test('one that failed stays so, and what is tried again is another', async () => {
    await record('running');
    await record('failed');
    await record('running');
    await record('succeeded');
    expect(shown()).toEqual(['production v1.1.0 failed', 'production v1.1.0 success']);
  });

  test('a lost answer makes no second one', async () => {
    world.gitlab.inject('reset-after', { path: /deployments$/ });
    await expect(record('running')).rejects.toBeInstanceOf(Unavailable);
    await record('running');
    await record('succeeded');
    expect(shown()).toEqual(['production v1.1.0 success']);
  });

  test('what has no tag is shown with the branch', async () => {
    await world.repository.recordDeployment?.(
      { kind: 'rollback', commit, tag: '', state: 'succeeded', description: 'x' },
      'p2',
    );
    expect(shown()).toEqual(['production main success']);
  });

  test('staging is the newest one of exactly this commit, pages back', async () => {
    const { records } = world.gitlab;
    world.gitlab.keyset = true;
    expect(await world.repository.staged?.(commit)).toBeNull();
    records.add(commit, 'staging', 'failed');
    records.add(commit, 'staging');
    records.external_url = 'https://staging.shop.test';
    for (let other = 0; other < 150; other++) records.add('0'.repeat(40), 'staging');
    expect(await world.repository.staged?.(commit)).toEqual({
      environment: 'staging',
      state: 'success',
      url: 'https://staging.shop.test',
    });
  });
});

test('issues with one of the labels, opened since then, count once', async () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 12, minute)).toISOString();
  world.gitlab.records.issues.push(
    { title: 'old', labels: ['bug'], created_at: at(0) },
    { title: 'both', labels: ['bug', 'incident'], created_at: at(10) },
    { title: 'other', labels: ['docs'], created_at: at(11) },
    { title: 'one', labels: ['incident'], created_at: at(9) },
  );
  const found = await world.repository.openedIssues?.(['bug', 'incident'], Date.parse(at(5)));
  expect(found).toEqual([
    { number: 4, title: 'one', url: `${world.gitlab.web}/-/issues/4`, at: Date.parse(at(9)), by: 'kim' },
    { number: 2, title: 'both', url: `${world.gitlab.web}/-/issues/2`, at: Date.parse(at(10)), by: 'kim' },
  ]);
});
