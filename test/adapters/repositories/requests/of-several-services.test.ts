import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import { SharedInstances } from '../../../../src/adapters/shared/shared-instances.ts';
import { GitopsSettings, openGitops } from '../../../../src/adapters/targets/gitops/gitops.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { targetContext } from '../../../support/all-adapters.ts';

const RECORDS = 'slipway/records/main';
const RECORD = 'docs: report\n\nSlipway-Record: k9';
const REPORT = 'specs/014-checkout/production-ship-report.md';

let remote: GitRemote;
let source: GitRemote;
let github: Github;
let commit: string;
beforeEach(async () => {
  [remote, source] = [new GitRemote(), new GitRemote()];
  github = await startGithub({ path: remote.path });
  remote.push('main', 'chore: start', { 'envs/a.yaml': 'tag: v1.0.0\n', 'envs/b.yaml': 'tag: v1.0.0\n' });
  commit = source.push('main', 'chore: start', { VERSION: '1.1.0\n' });
  source.tag('v1.0.0', commit);
  source.tag('v1.1.0', commit);
  github.protect('main', { type: 'pull_request' });
  github.faults.next('PUT', '409');
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
  remote.remove();
  source.remove();
});

const settings = () => ({
  use: 'github',
  repository: github.name,
  api: github.api,
  token: { env: 'TOKEN' },
});

/** Slipway as it is started: with both services. */
function start(): Readonly<Record<'a' | 'b', Target>> {
  const shared = new SharedInstances();
  const open = (service: 'a' | 'b') => {
    const context = adapterContext({ service, shared, env: { TOKEN: github.access.token() } });
    const given = { use: 'gitops', repository: settings(), file: `envs/${service}.yaml`, value: 'tag' };
    return openGitops(GitopsSettings.parse(given), targetContext(context, { use: 'git', url: source.path }));
  };
  return { a: open('a'), b: open('b') };
}

async function deploy(service: 'a' | 'b'): Promise<unknown> {
  const target = start()[service];
  const release = { version: '1.1.0', tag: 'v1.1.0', commit };
  const from = { commit, version: '1.0.0', tag: 'v1.0.0' };
  const handle = await target.start({ kind: 'deploy', service, release, from }, `p-${service}`);
  return handle.state['waits'];
}

function record(path: string, key: string) {
  const context = adapterContext({ env: { TOKEN: github.access.token() } });
  const repository = openGithubRepository(GithubRepositorySettings.parse(settings()), context);
  repository.willWrite?.('documents');
  const edits = [{ path, edit: () => `${key}\n` }];
  return repository.commitFiles({ branch: 'main', message: 'docs: report', edits }, key);
}

test('files of two services that wait in one request are merged, after a restart too', async () => {
  expect(await deploy('a')).toMatch(/^pull request #1 /);
  expect(await deploy('b')).toBeNull();
  expect(remote.git('show', 'main:envs/a.yaml')).toBe('tag: v1.1.0');
  expect(remote.git('show', 'main:envs/b.yaml')).toBe('tag: v1.1.0');
});

test.each(['evil.sh', 'elsewhere/a.yaml', 'envs/state.yaml'])(
  'a commit of somebody else with %s is not merged with them',
  async (path) => {
    await deploy('a');
    remote.push(RECORDS, RECORD, { [path]: 'evil' });
    expect(await deploy('b')).toMatch(/somebody has to merge/);
    expect(remote.git('show', 'main:envs/b.yaml')).toBe('tag: v1.0.0');
  },
);

test('reports, incidents and state files of all services are merged together', async () => {
  expect((await record('specs/014-checkout/state.yaml', 'k1')).waitsIn).toMatch(/^pull request #1 /);
  github.faults.next('PUT', '409');
  expect((await record(REPORT, 'k2')).waitsIn).toMatch(/^pull request #1 [^,]*$/);
  expect((await record('cart/specs/002-pay/incident-1.2.0.md', 'k3')).waitsIn).toBeUndefined();
  expect(remote.git('show', `main:${REPORT}`)).toBe('k2');
});
