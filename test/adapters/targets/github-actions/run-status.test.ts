import { describe, expect, test } from 'vitest';
import type { Job, WorkflowRun } from '../../../../src/adapters/repositories/github/runs.ts';
import {
  progressOf,
  runFailure,
  skippedDeploy,
} from '../../../../src/adapters/targets/github-actions/run-status.ts';
import { Dispatch } from '../../../../src/adapters/targets/shared/dispatch.ts';

function run(status: string, conclusion: string | null = null): WorkflowRun {
  const at = '2026-08-01T10:00:00Z';
  return {
    id: 7,
    display_title: 'Deploy',
    status,
    conclusion,
    head_sha: 'a'.repeat(40),
    html_url: 'https://github.com/acme/shop/actions/runs/7',
    created_at: at,
    updated_at: at,
  };
}

function job(id: number, status: string, conclusion: string | null, steps?: Job['steps']): Job {
  return { id, name: `job-${id}`, status, conclusion, ...(steps ? { steps } : {}) };
}

const step = (name: string, status: string, conclusion: string | null) => ({ name, status, conclusion });

describe('a run', () => {
  const steps = [step('Build', 'completed', 'success'), step('Push', 'in_progress', null)];

  test.each<[string, WorkflowRun, readonly Job[], string]>([
    ['waits for people', run('waiting'), [], 'waiting for an approval on GitHub'],
    ['waits for a machine', run('queued'), [job(1, 'queued', null)], 'waiting for a runner'],
    ['is between jobs', run('in_progress'), [job(1, 'completed', 'success')], 'between two jobs'],
    ['works', run('in_progress'), [job(1, 'in_progress', null, steps)], 'job-1: Push (step 2 of 2)'],
    [
      'works on the second job',
      run('in_progress'),
      [job(1, 'completed', 'success'), job(2, 'in_progress', null)],
      'job-2, job 2 of 2',
    ],
  ])('%s', (_name, now, jobs, words) => {
    expect(progressOf(now, jobs)).toBe(words);
  });

  test.each([
    ['release-notes', 'deploy', 'deploy'],
    ['publish docs', 'Roll out', 'Roll out'],
    ['lint', 'publish', 'publish'],
    ['deploy', 'release', null],
    ['lint', 'test', null],
    ['production', 'deploy-staging', null],
    ['release', 'Deploy docs', null],
    ['lint', 'deploy (staging)', 'deploy (staging)'],
    ['publish-image', 'deploy-latest', 'deploy-latest'],
  ])('in which “%s” went well and “%s” was skipped', (good, skipped, found) => {
    const jobs = [
      { ...job(1, 'completed', 'success'), name: good },
      { ...job(2, 'completed', 'skipped'), name: skipped },
    ];
    expect(skippedDeploy(jobs)).toBe(found);
  });

  test('that failed says where', () => {
    const bad = [step('Build', 'completed', 'success'), step('Push', 'completed', 'failure')];
    const jobs = [job(1, 'completed', 'skipped'), job(2, 'completed', 'failure', bad)];
    expect(runFailure(run('completed', 'failure'), jobs)).toMatchObject({
      reason: 'Job “job-2” failed in step “Push”.',
      job: { id: 2 },
    });
    expect(runFailure(run('completed', 'failure'), [job(1, 'completed', 'failure')]).reason).toBe(
      'Job “job-1” failed.',
    );
    expect(runFailure(run('completed', 'cancelled'), jobs).reason).toBe('The run was cancelled on GitHub.');
    expect(runFailure(run('completed', 'startup_failure'), [])).toEqual({
      reason: 'GitHub could not start the run: the workflow file is not valid, or may not use what it names.',
      job: undefined,
    });
    expect(runFailure(run('completed', 'unheard_of'), []).reason).toBe('The run ended with unheard_of.');
  });
});

describe('what a workflow is started with', () => {
  const release = { version: '1.2.0', tag: 'v1.2.0', commit: 'b'.repeat(40) };

  test('is filled in, and other braces stay', () => {
    const inputs = { version: '{version}', where: 'eu-{service}', code: '{{tag}} {other}' };
    const dispatch = new Dispatch({ inputs, ref: '{tag}' }, 'shop', 'main');
    expect(dispatch.inputs(release)).toEqual({
      version: '1.2.0',
      where: 'eu-shop',
      code: '{v1.2.0} {other}',
    });
    expect(dispatch.ref(release)).toBe('refs/tags/v1.2.0');
    expect(dispatch.branch).toBe('main');
  });

  test('runs from the branch that is named, else from the tag, looked at on the branch of the releases', () => {
    const named = new Dispatch({ inputs: {}, ref: 'deploys' }, 'shop', 'main');
    expect([named.branch, named.ref(release)]).toEqual(['deploys', 'refs/heads/deploys']);
    const plain = new Dispatch({ inputs: {}, ref: '{tag}' }, 'shop', 'main');
    expect([plain.branch, plain.ref(release)]).toEqual(['main', 'refs/tags/v1.2.0']);
  });
});
