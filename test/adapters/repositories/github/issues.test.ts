import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALL_PERMISSIONS } from '../../../../demo/github/access.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

const DEPLOYED = Date.UTC(2026, 10, 29, 12);
const MINUTE = 60_000;
let remote: GitRemote;
let github: Github;
let count: number;

beforeEach(async () => {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path });
  remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
  count = 0;
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
});

function opens(minutes: number, labels: readonly string[], more: object = {}): void {
  count += 1;
  const issue = {
    number: count,
    title: `Issue ${count}`,
    by: 'octocat',
    state: 'open' as const,
    isPull: false,
  };
  github.state.issues.push({ ...issue, labels, createdAt: DEPLOYED + minutes * MINUTE, ...more });
}

function open(token = github.access.token({ ...ALL_PERMISSIONS, issues: 'read' })) {
  const { settings, context } = signedIn(github, token, {});
  return openGithubRepository(settings, context);
}

describe('issues that were opened since a deployment', () => {
  test('are those with one of the labels, once each, oldest first, and no pull requests', async () => {
    opens(-5, ['bug']);
    opens(3, ['bug', 'outage']);
    opens(2, ['outage'], { state: 'closed', by: null });
    opens(4, ['feature']);
    opens(5, ['bug'], { isPull: true });
    const found = await open().openedIssues?.(['bug', 'outage'], DEPLOYED);
    expect(found?.map(({ number }) => number)).toEqual([3, 2]);
    expect(found?.[0]).toMatchObject({ title: 'Issue 3', by: 'ghost', at: DEPLOYED + 2 * MINUTE });
    expect(found?.[1]?.url).toMatch(/\/issues\/2$/);
  });

  test('cost one request for a label, and nothing that counts while nothing has changed', async () => {
    opens(1, ['bug']);
    const repository = open();
    for (let time = 0; time < 3; time += 1) await repository.openedIssues?.(['bug'], DEPLOYED);
    const asked = github.requests.filter(({ operation }) => operation.endsWith('/issues'));
    expect(asked.map(({ unchanged }) => unchanged)).toEqual([false, true, true]);
    opens(2, ['bug']);
    expect(await repository.openedIssues?.(['bug'], DEPLOYED)).toHaveLength(2);
  });

  test('a login that may not see issues is told what it lacks', async () => {
    const token = github.access.token({ contents: 'write', metadata: 'read' });
    const error = await open(token)
      .openedIssues?.(['bug'], DEPLOYED)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: 'github-permission' });
  });

  test('a GitHub that is in trouble is asked again later', async () => {
    github.faults.next('GET /repos/{owner}/{repo}/issues', '502', 9);
    await expect(open().openedIssues?.(['bug'], DEPLOYED)).rejects.toBeInstanceOf(Unavailable);
    github.faults.clear();
  });
});
