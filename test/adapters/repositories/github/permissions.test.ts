import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ALL_PERMISSIONS, type App, type Permissions } from '../../../../demo/github/access.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { openGithubActions } from '../../../../src/adapters/targets/github-actions/github-actions.ts';
import { GithubActionsSettings } from '../../../../src/adapters/targets/github-actions/settings.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../../src/domain/release/release.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

const WORKFLOW = `name: Deploy
run-name: Deploy \${{ inputs.slipway }}
on: { workflow_dispatch: { inputs: { version: {}, environment: {}, slipway: {} } } }
jobs: { deploy: { steps: [{ name: Push, run: "true" }] } }
`;

let remote: GitRemote;
let github: Github;
let base: Sha;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path, now: () => Date.now() });
  base = remote.push('main', 'chore: start', {
    VERSION: '1.0.0\n',
    '.github/workflows/deploy.yml': WORKFLOW,
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

function open(
  login: string | App,
  more: Readonly<Record<string, unknown>> = {},
): { readonly repository: Repository; readonly target: Target } {
  const { settings, context } = signedIn(github, login, more);
  const actions = GithubActionsSettings.parse({ use: 'github-actions', workflow: 'deploy.yml' });
  return {
    repository: openGithubRepository(settings, context),
    target: openGithubActions(actions, context, settings, { branch: 'main', tags: { tagPrefix: 'v' } }),
  };
}

/** Everything but one; with a level, that one on this level. */
function without(name: string, level?: 'read'): Permissions {
  const { [name]: _gone, ...rest } = ALL_PERMISSIONS;
  return level ? { ...rest, [name]: level } : rest;
}

async function lacking(repository: Repository): Promise<readonly string[]> {
  const refusals = (await repository.lacking?.('main')) ?? [];
  return refusals.map(({ facts }) => String(facts['permission']));
}

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

const LOGINS: readonly (readonly [string, (permissions: Permissions) => string | App])[] = [
  ['a fine-grained token', (permissions) => github.access.token(permissions)],
  ['an app', (permissions) => github.access.app(permissions)],
];

describe.each(LOGINS)('%s', (_name, login) => {
  test('with everything lacks nothing', async () => {
    github.protect('main');
    const { repository, target } = open(login(ALL_PERMISSIONS), { 'staging-environment': 'staging' });
    expect(await lacking(repository)).toEqual([]);
    await target.preflight();
  });

  test.each([
    ['contents', 'read', 'contents: write'],
    ['deployments', 'read', 'deployments: write'],
    ['pull_requests', 'read', 'pull_requests: write'],
    ['statuses', undefined, 'statuses: read'],
    ['checks', undefined, 'checks: read'],
  ] as const)('the lack of %s (%s) is named as %s', async (name, level, named) => {
    github.protect('main');
    const { repository } = open(login(without(name, level)));
    expect(await lacking(repository)).toEqual([named]);
  });

  test('what the settings do not use is not asked for', async () => {
    const bare: Permissions = { metadata: 'read', contents: 'write' };
    const { repository } = open(login(bare), { ci: 'none', environment: false });
    expect(await lacking(repository)).toEqual([]);
    await repository.writable('main');
  });

  test('looking changes nothing', async () => {
    github.protect('main');
    const refs = remote.git('for-each-ref');
    const { repository, target } = open(login(ALL_PERMISSIONS));
    await lacking(repository);
    await target.preflight();
    expect(remote.git('for-each-ref')).toBe(refs);
    const { pulls, deployments, actions } = github.state;
    expect([pulls, deployments, actions.runs]).toEqual([[], [], []]);
  });

  test('a promotion is not begun without actions: write', async () => {
    const { target } = open(login(without('actions', 'read')));
    const { code, facts } = await refusalOf(target.preflight());
    expect([code, facts['permission']]).toEqual(['github-permission', 'actions: write']);
  });

  test('nor, where the release needs a pull request, without pull_requests: write', async () => {
    github.protect('main');
    const { repository } = open(login(without('pull_requests')));
    const refusal = await refusalOf(repository.writable('main'));
    expect(refusal.facts['permission']).toBe('pull_requests: write');
    expect(explain(refusal)).toEqual({
      text: expect.stringMatching(
        /^The (token|GitHub App) of Slipway lacks a permission: pull_requests: write on acme\/shop\.$/,
      ),
      hint: expect.stringMatching(/^Add it /),
    });
  });

  test('what was proven is not asked for at every look, what was lacking is', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const proofs = () =>
      github.requests.filter(({ operation }) => /git\/blobs$|\/installation$/.test(operation)).length;
    const { repository } = open(login(ALL_PERMISSIONS));
    for (let look = 0; look < 3; look++) await repository.writable('main');
    expect(proofs()).toBe(1);
    vi.setSystemTime(Date.now() + 11 * 60_000);
    await repository.writable('main');
    expect(proofs()).toBe(2);

    const { repository: poor } = open(login(without('contents', 'read')));
    for (let look = 0; look < 2; look++) {
      expect((await refusalOf(poor.writable('main'))).code).toBe('github-permission');
    }
    expect(proofs()).toBe(4);
  });

  test('a release that changes a workflow needs one more, and nothing is half done without it', async () => {
    const change = {
      base,
      branch: 'main',
      version: '1.1.0',
      tag: 'v1.1.0',
      message: 'chore(release): v1.1.0',
      tagMessage: 'Release v1.1.0\n',
      files: [{ path: '.github/workflows/deploy.yml', text: `${WORKFLOW}# 1.1.0\n` }],
    };
    const refusal = await refusalOf(open(login(ALL_PERMISSIONS)).repository.cutRelease(change, 'p1'));
    expect(refusal.facts['permission']).toBe('workflows: write');
    expect(remote.git('tag', '--list')).toBe('');
    expect(remote.tip('main')).toBe(base);
    const allowed = open(login({ ...ALL_PERMISSIONS, workflows: 'write' })).repository;
    await allowed.cutRelease(change, 'p1');
    expect(remote.git('tag', '--list')).toBe('v1.1.0');
  });
});

describe('a classic token', () => {
  test('is known by its scopes', async () => {
    expect(await lacking(open(github.access.classicToken('repo, workflow')).repository)).toEqual([]);
    const gist = github.access.classicToken('gist, public_repo');
    expect((await refusalOf(open(gist).repository.refs())).code).toBe('github-not-found');

    github.state.private = false;
    expect(await lacking(open(gist).repository)).toEqual([]);
    const poor = github.access.classicToken('read:org, gist');
    expect(await lacking(open(poor).repository)).toEqual(['the scope public_repo']);
  });
});

describe('a fine-grained token on a private repository, which gets no checks', () => {
  const login = () => github.access.token(without('checks'));

  test('does not let a candidate pass for want of seeing', async () => {
    const refusal = await refusalOf(Promise.resolve(open(login()).repository.checks?.(base)));
    expect(explain(refusal)).toEqual({
      text: expect.stringContaining('lacks a permission: checks: read on acme/shop'),
      hint: expect.stringMatching(/Use a GitHub App, or name the checks .* `repository\.ci`/),
    });
  });

  test('sees named checks as jobs of Actions', async () => {
    const { repository } = open(login(), { ci: ['build', 'lint', 'licence'] });
    expect(await lacking(repository)).toEqual([]);
    const started = github.actions.addPast(
      { name: 'CI', runName: '', inputs: null, jobs: ['build', 'lint'].map((name) => ({ name, steps: [] })) },
      { path: '.github/workflows/ci.yml', ref: 'main', sha: base, inputs: {} },
    );
    const [, lint] = started.jobs;
    const states = async () =>
      (await repository.checks?.(base))?.map(({ name, state }) => `${name} ${state}`);
    expect(await states()).toEqual(['build passed', 'lint passed', 'licence missing']);
    Object.assign(lint ?? {}, { conclusion: 'failure' });
    expect(await states()).toEqual(['build passed', 'lint failed', 'licence missing']);
    Object.assign(lint ?? {}, { status: 'in_progress', conclusion: null });
    expect(await states()).toEqual(['build passed', 'lint pending', 'licence missing']);
  });

  test('names actions: read when it has not even that', async () => {
    const { actions: _actions, checks: _checks, ...rest } = ALL_PERMISSIONS;
    const { repository } = open(github.access.token(rest), { ci: ['build'] });
    expect(await lacking(repository)).toEqual(['actions: read']);
  });
});
