import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALL_PERMISSIONS } from '../../../../demo/github/access.ts';
import type { Run } from '../../../../demo/github/actions/runner.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
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
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

interface About extends Partial<Pick<Run, 'status' | 'conclusion' | 'startedAt' | 'createdAt'>> {
  readonly event?: string;
  readonly file?: string;
  readonly ref?: string;
  readonly title?: string;
}

/** A run of a workflow whose jobs ended so; null for one that goes on. */
function ran(
  jobs: Readonly<Record<string, string | null>>,
  { event = 'push', file = 'ci', ref = 'main', title = '', ...rest }: About = {},
): Run {
  const made = github.actions.addPast(
    {
      name: file,
      runName: title,
      inputs: null,
      jobs: Object.keys(jobs).map((name) => ({ name, steps: [] })),
    },
    { path: `.github/workflows/${file}.yml`, ref, sha: commit, inputs: {} },
    event,
  );
  for (const [index, conclusion] of Object.values(jobs).entries()) {
    Object.assign(made.jobs[index] ?? {}, {
      conclusion,
      status: conclusion === null ? 'in_progress' : 'completed',
    });
  }
  const all = Object.values(jobs);
  const bad = all.find((conclusion) => conclusion !== null && conclusion !== 'success');
  const state = all.includes(null)
    ? { status: 'in_progress', conclusion: null }
    : { status: 'completed', conclusion: bad ?? 'success' };
  return Object.assign(made, state, rest);
}

async function looked(ci: 'all' | readonly string[] = 'all', permissions = ALL_PERMISSIONS) {
  const { settings, context } = signedIn(github, github.access.token(permissions), { ci });
  const checks = await openGithubRepository(settings, context).checks?.(commit);
  return checks?.map(({ name, state, word }) => `${name}: ${state}, ${word}`).sort();
}

const { checks: _checks, ...NO_CHECKS } = ALL_PERMISSIONS;
const { actions: _actions, ...NO_ACTIONS } = ALL_PERMISSIONS;

describe('a workflow under way', () => {
  test('is waited for between two of its jobs', async () => {
    const run = ran({ build: 'success' }, { status: 'in_progress', conclusion: null });
    expect(await looked()).toEqual(['build: passed, success', 'ci: pending, in progress']);
    expect(await looked('all', NO_ACTIONS)).toEqual([
      'GitHub Actions: pending, in progress',
      'build: passed, success',
    ]);
    Object.assign(run, { status: 'completed', conclusion: 'success' });
    expect(await looked()).toEqual(['build: passed, success']);
  });

  test('is told by its jobs as long as one of them is under way', async () => {
    ran({ build: 'success', test: null });
    expect(await looked()).toEqual(['build: passed, success', 'test: pending, in progress']);
  });

  test.each([
    ['startup_failure', 'startup failure'],
    ['failure', 'failure'],
    ['action_required', 'action required'],
    ['cancelled', 'cancelled'],
  ])('that ended with %s before it had a job has failed', async (conclusion, word) => {
    github.setCheck(commit, 'licence', 'success');
    ran({}, { conclusion });
    expect(await looked()).toEqual([`ci: failed, ${word}`, 'licence: passed, success']);
  });

  test('that had nothing to do is no obstacle', async () => {
    ran({}, { conclusion: 'skipped' });
    expect(await looked()).toEqual([]);
  });

  test('that deploys for Slipway is none of the checks', async () => {
    const title = `Deploy v1.0.0@${commit.slice(0, 12)}#0123456789`;
    ran({}, { event: 'workflow_dispatch', title, status: 'queued', conclusion: null });
    ran({ deploy: 'failure' }, { event: 'workflow_dispatch', title });
    github.setCheck(commit, 'build', 'success');
    expect(await looked()).toEqual(['build: passed, success']);
  });
});

test('what an app may report and never does is not waited for, what it began to report is', async () => {
  github.setCheck(commit, 'scan', null);
  expect(await looked()).toEqual(['scan: pending, in progress']);
  github.setCheck(commit, 'scan', 'success');
  expect(await looked()).toEqual(['scan: passed, success']);
  expect(github.requests.some(({ operation }) => operation.endsWith('/actions/runs'))).toBe(false);
});

describe.each([
  ['check runs', ALL_PERMISSIONS],
  ['jobs of Actions', NO_CHECKS],
])('several runs at the same commit, seen as %s', (_how, permissions) => {
  const seen = () => looked(['build'], permissions);

  test('the last of a workflow counts, whatever came of those before', async () => {
    ran({ build: 'failure' }, { event: 'pull_request' });
    ran({ build: 'cancelled' }, { event: 'pull_request' });
    ran({ build: 'success' }, { event: 'pull_request' });
    expect(await seen()).toEqual(['build: passed, success']);
    ran({ build: 'failure' }, { event: 'pull_request' });
    expect(await seen()).toEqual(['build: failed, failure']);
    ran({ build: null }, { event: 'pull_request' });
    expect(await seen()).toEqual(['build: pending, in progress']);
  });

  test('one that was run again is the last', async () => {
    const first = ran({ build: 'success' }, { createdAt: 1_000 });
    ran({ build: 'failure' }, { createdAt: 2_000 });
    expect(await seen()).toEqual(['build: failed, failure']);
    first.startedAt = 3_000;
    expect(await seen()).toEqual(['build: passed, success']);
  });

  test.each([
    ['another event', { event: 'pull_request' }],
    ['another branch', { ref: 'release/1' }],
    ['another workflow with a job of the same name', { file: 'nightly' }],
  ])('%s hides nothing', async (_name, other) => {
    ran({ build: 'failure' });
    ran({ build: 'success' }, other);
    expect(await seen()).toEqual(['build: failed, failure', 'build: passed, success']);
  });

  test('a deployment of ours takes the place of none', async () => {
    ran({ build: 'failure' }, { event: 'workflow_dispatch' });
    const title = `Deploy v1.0.0@${commit.slice(0, 12)}#0123456789`;
    ran({ build: 'success' }, { event: 'workflow_dispatch', title });
    expect(await seen()).toEqual(['build: failed, failure']);
  });
});
