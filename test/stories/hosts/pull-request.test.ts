import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Github } from '../../../demo/github/server.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { type Stage, setStage } from '../stage.ts';

let stage: Stage;
let github: Github;

beforeAll(async () => {
  stage = await setStage({ github: { login: 'app', target: 'github-actions' } });
  if (stage.github === null) throw new Error('the stage is not on GitHub');
  github = stage.github;
  github.protect('main', { type: 'pull_request' });
  github.protect('main', { type: 'required_status_checks', contexts: ['build'] });
  github.state.onPullHead = (sha) => github.setCheck(sha, 'build', null);
});
afterAll(() => stage?.end());

const pull = () => github.state.pulls.find(({ head }) => head === 'slipway/release/v1.3.0');

test('story 1 on a protected branch: released by a pull request once its checks have passed', async () => {
  const base = await stage.git('rev-parse', 'main');
  // The candidate's own checks still run: the card says so, and goes on by itself once they have passed.
  github.setCheck(stage.remote.validated, 'build', null);
  const asking = stage.asks();
  asking.catch(() => undefined);
  await stage.cardShows(/1 of 2 checks on .* has not finished: build \(in progress\)/);
  github.setCheck(stage.remote.validated, 'build', 'success');
  const asked = await asking;
  expect(textOf(asked)).toMatch(/2 checks passed on/);
  expect(textOf(asked)).toMatch(/A rollback returns to v1\.2\.0\. deploy\.yml can be started for v1\.2\.0/);
  expect(textOf(asked)).toMatch(/main is protected .*: the release goes through a pull request/);

  await stage.press('grace', 'approve');
  const waits = await stage.threadSays(/pull request #1/);
  expect(textOf(waits)).toMatch(/1 check has not finished yet: build/);
  expect(textOf(stage.card())).toMatch(/pull request #1/);
  expect(pull()).toMatchObject({ state: 'open', base: 'main', title: 'chore(release): v1.3.0' });
  expect(await stage.git('tag', '--list', 'v1.3.0')).toBe('');
  expect(await stage.git('rev-parse', 'main')).toBe(base);

  const head = await stage.git('rev-parse', 'slipway/release/v1.3.0');
  github.setCheck(head, 'build', 'success');
  await stage.threadSays(/the release pull request #1 is through/);
  await stage.cardShows(/release v1\.3\.0/);
  await stage.cardShows(/Shipped/);

  expect(pull()).toMatchObject({ state: 'closed', merged: true });
  const tagged = await stage.git('rev-parse', 'v1.3.0^{commit}');
  expect(await stage.git('cat-file', '-t', 'v1.3.0')).toBe('tag');
  expect((await stage.git('rev-parse', `${tagged}^1`, `${tagged}^2`)).split('\n')).toEqual([base, head]);
  expect(await stage.git('rev-parse', 'production')).toBe(tagged);
  expect(stage.shop.control.state().live?.version).toBe('1.3.0');
  expect(await stage.git('branch', '--list', 'slipway/release/*')).toBe('');
});

test('report and state file wait in a pull request of their own, and nothing was pushed past the rules', async () => {
  const records = github.state.pulls.filter(({ head }) => head === 'slipway/records/main');
  expect(records.length).toBeGreaterThan(0);
  const kept = await stage.git('log', '--all', '--format=%s', 'v1.3.0..');
  expect(kept).toMatch(/docs\(ship\): report/);
  const pushed = github.requests.filter(
    ({ operation, url, status }) =>
      operation.startsWith('PATCH') && /heads%2Fmain$/.test(url) && status === 200,
  );
  expect(pushed).toEqual([]);
  expect(github.violations).toEqual([]);
  await stage.expectNothingAmiss();
});
