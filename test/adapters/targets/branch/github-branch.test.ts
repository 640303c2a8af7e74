import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { GithubSettings } from '../../../../src/adapters/repositories/github/settings.ts';
import { GitBranchSettings } from '../../../../src/adapters/targets/branch/git-branch.ts';
import { openGithubBranch } from '../../../../src/adapters/targets/branch/github-branch.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import type { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

let remote: GitRemote;
let github: Github;
let target: Target;
let first: Release;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  const commit = remote.push('main', 'chore(release): v1.0.0', { VERSION: '1.0.0' });
  remote.tag('v1.0.0', commit);
  first = { version: '1.0.0', tag: 'v1.0.0', commit };
  remote.git('branch', 'production', commit);
  target = openGithubBranch(
    GitBranchSettings.parse({ use: 'git-branch' }),
    adapterContext({ env: { TOKEN: github.access.token() } }),
    GithubSettings.parse({ repository: github.name, api: github.api, token: { env: 'TOKEN' } }),
  );
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

test('a rollback that a rule forbids is not promised, and the sentence says which', async () => {
  github.protect('production', { type: 'non_fast_forward' });
  const refusal = await target.deployable(first).catch((error: Refusal) => error);
  expect(refusal).toMatchObject({ code: 'not-writable' });
  expect(explain(refusal as Refusal).text).toContain(
    'block force pushes, so a rollback could not move it back',
  );
  expect(await target.preflight()).toContain('takes pushes');
});

test.each([
  ['without a rule', null],
  ['with rules that allow it', { type: 'required_linear_history' }],
  ['with a rule that Slipway may bypass', { type: 'non_fast_forward', bypass: 'always' }],
] as const)('a branch %s can be moved back', async (_how, rule) => {
  if (rule) github.protect('production', rule);
  expect(await target.deployable(first)).toBe(
    `v1.0.0 (${first.commit.slice(0, 8)}) is what production holds.`,
  );
});

test('where GitHub shows no rule of a protected branch, nothing is promised', async () => {
  github.protect('production', { type: 'required_linear_history', classic: true });
  expect(await target.deployable(first)).toMatch(
    /production is protected, and whether it may be moved back shows only/,
  );
});
