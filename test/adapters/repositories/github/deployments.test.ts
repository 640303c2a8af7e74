import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

let remote: GitRemote;
let github: Github;
let commit: Sha;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  commit = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
  remote.tag('v1.0.0', commit);
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

function open(more: Readonly<Record<string, unknown>> = {}): Repository {
  const { settings, context } = signedIn(github, github.access.token(), more);
  return openGithubRepository(settings, context);
}

/** What somebody else, such as a workflow, records. */
function deployed(sha: Sha, environment: string, state: string | null): void {
  const id = github.state.nextId();
  const about = { sha, ref: 'main', task: 'deploy', description: null, payload: {}, production: false };
  const status = {
    description: '',
    environment,
    logUrl: 'https://ci.test/1',
    environmentUrl: '',
    createdAt: 0,
  };
  const statuses = state === null ? [] : [{ id: id + 1_000, state, ...status }];
  github.state.deployments.push({ id, environment, createdAt: 0, statuses, ...about });
}

describe('the deployment to staging', () => {
  const staged = (sha = commit) => open({ 'staging-environment': 'staging' }).staged?.(sha);

  test('is the newest of exactly this commit, to exactly this environment', async () => {
    const later = remote.push('main', 'feat: more', { VERSION: '1.1.0\n' });
    deployed(commit, 'staging', 'failure');
    deployed(commit, 'staging', 'success');
    deployed(later, 'staging', 'in_progress');
    deployed(commit, 'preview', 'error');
    expect(await staged()).toEqual({ environment: 'staging', state: 'success', url: 'https://ci.test/1' });
    expect(await staged(later)).toMatchObject({ state: 'in_progress' });
  });

  test('may have no status yet, or not be there', async () => {
    expect(await staged()).toBeNull();
    deployed(commit, 'staging', null);
    expect(await staged()).toEqual({ environment: 'staging', state: null });
  });

  test('is not looked at unless the config names its environment', () => {
    expect(open().staged).toBeUndefined();
  });
});

describe('what is recorded of a deployment to production', () => {
  const about = { kind: 'deploy', commit: '', tag: 'v1.0.0', description: 'Going on' } as const;

  test('is one deployment whose state moves on, also when another process goes on', async () => {
    const record = { ...about, commit };
    await open().recordDeployment?.({ ...record, state: 'running', logUrl: 'https://ci.test/9' }, 'k1');
    const repository = open();
    await repository.recordDeployment?.({ ...record, state: 'running' }, 'k1');
    await repository.recordDeployment?.({ ...record, state: 'succeeded', url: 'https://shop.test' }, 'k1');
    const [only, ...more] = github.state.deployments;
    expect(more).toEqual([]);
    expect(only).toMatchObject({ sha: commit, ref: 'v1.0.0', task: 'deploy', environment: 'production' });
    expect(only?.production).toBe(true);
    expect(only?.statuses.map(({ state }) => state)).toEqual(['in_progress', 'success']);
    expect(only?.statuses[0]?.logUrl).toBe('https://ci.test/9');
    expect(only?.statuses[1]?.environmentUrl).toBe('https://shop.test');
  });

  test('a rollback is one of its own, and the one before becomes inactive', async () => {
    const repository = open();
    await repository.recordDeployment?.({ ...about, commit, state: 'succeeded' }, 'k1');
    await repository.recordDeployment?.({ ...about, commit, kind: 'rollback', state: 'succeeded' }, 'k2');
    expect(github.state.deployments.map(({ task, statuses }) => [task, statuses.at(-1)?.state])).toEqual([
      ['deploy', 'inactive'],
      ['deploy:rollback', 'success'],
    ]);
  });

  test('goes where the config says, or nowhere', async () => {
    expect(open({ environment: false }).recordDeployment).toBeUndefined();
    await open({ environment: 'live' }).recordDeployment?.({ ...about, commit, state: 'failed' }, 'k1');
    expect(github.state.deployments).toMatchObject([
      { environment: 'live', statuses: [{ state: 'failure' }] },
    ]);
  });
});
