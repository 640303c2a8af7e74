import { afterEach, describe, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { openGithubRepository } from '../../../../src/adapters/repositories/github/repository-port.ts';
import { openGithubActions } from '../../../../src/adapters/targets/github-actions/github-actions.ts';
import { GithubActionsSettings } from '../../../../src/adapters/targets/github-actions/settings.ts';
import type { DeployOrder, DeployStatus } from '../../../../src/adapters/targets/port.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { signedIn } from './login.ts';

const WORKFLOW = `name: Deploy
run-name: Deploy \${{ inputs.version }} (\${{ inputs.slipway }})
on: { workflow_dispatch: { inputs: { version: {}, environment: {}, slipway: {} } } }
jobs:
  deploy:
    steps:
      - { name: Push, run: "git push --force origin v\${{ inputs.version }}:refs/heads/production" }
`;

let remote: GitRemote;
let github: Github;

afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  expect(remote.fsck()).toBe('');
  remote.remove();
});

/** A whole release over an API at this path: read, cut, deployed, recorded, with its page; then a deploy that fails. */
async function shipsAt(prefix: string, as: 'app' | 'token', isOld: boolean, slash = ''): Promise<void> {
  remote = new GitRemote();
  github = await startGithub({ path: remote.path, prefix });
  Object.assign(github.actions, { stepMs: 1, old: isOld });
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`src/${at}.ts`, `// x-marker ${at}\n`]),
  );
  const base = remote.push('main', 'chore: start', { '.github/workflows/deploy.yml': WORKFLOW, ...files });
  const login = as === 'app' ? github.access.app() : github.access.token();
  const { settings, context } = signedIn(github, login, { api: `${github.api}${slash}` });
  const repository = openGithubRepository(settings, context);
  const actions = GithubActionsSettings.parse({ use: 'github-actions', workflow: 'deploy.yml' });
  const target = openGithubActions(actions, context, settings, { branch: 'main', tags: { tagPrefix: 'v' } });

  expect((await repository.refs()).branches).toEqual({ main: base });
  expect(await repository.containing(base, 'x-marker')).toHaveLength(20);
  expect(await repository.lacking?.('main')).toEqual([]);
  await target.preflight();
  const cut = { base, branch: 'main', version: '1.0.0', tag: 'v1.0.0', message: 'chore(release): v1.0.0' };
  const release = await repository.cutRelease({ ...cut, tagMessage: 'v1.0.0\n', files: [] }, 'p1');
  const order: DeployOrder = { kind: 'deploy', service: 'shop', release, from: null };
  const follow = async (key: string): Promise<DeployStatus> => {
    const handle = await target.start(order, key);
    for (;;) {
      const status = await target.follow(order, handle);
      if (status.kind !== 'running') return status;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  github.actions.failNext(/Push/, ['no space left']);
  const failed = await follow('d1');
  expect(failed).toMatchObject({ kind: 'failed', log: expect.arrayContaining(['no space left']) });
  const done = await follow('d2');
  expect(done.kind).toBe('succeeded');
  expect(remote.tip('production')).toBe(release.commit);
  const deployment = { kind: 'deploy', commit: release.commit, tag: 'v1.0.0', state: 'succeeded' } as const;
  await repository.recordDeployment?.({ ...deployment, description: 'done' }, 'd2');
  const page = await repository.publishRelease?.(release, {
    title: 'v1.0.0',
    body: 'Notes',
    withheld: false,
  });

  const links = [
    page?.url,
    release.url,
    repository.links.commit(base),
    repository.links.file('src/1.ts', base),
    repository.links.compare(base, release.commit),
    failed.kind === 'failed' ? failed.logUrl : undefined,
    done.kind === 'succeeded' ? done.deployment.logUrl : undefined,
  ];
  for (const link of links) {
    expect(link).toMatch(`${github.web}/acme/shop/`);
    expect((await fetch(link ?? '')).status, link).toBe(200);
  }
  expect(github.requests.length).toBeGreaterThan(20);
  expect(github.requests.filter(({ url }) => !url.startsWith(`${prefix}/`))).toEqual([]);
}

describe('the API', () => {
  test('of github.com, at the root of its host', () => shipsAt('', 'app', false));
  test('of a server of one’s own, below /api/v3', () => shipsAt('/api/v3', 'app', false, '/'));
  test('of an old one, which does not return runs, behind a path of a proxy', () =>
    shipsAt('/git/api/v3', 'token', true));
});
