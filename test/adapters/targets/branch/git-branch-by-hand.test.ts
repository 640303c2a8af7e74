import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openRemote, RemoteSettings } from '../../../../src/adapters/repositories/git/remote.ts';
import { GitBranchSettings, openGitBranch } from '../../../../src/adapters/targets/branch/git-branch.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

function remoteWithReleases() {
  const remote = new GitRemote();
  folders.push(remote.folder);
  const before = remote.push('main', 'chore(release): v1.0.0', { VERSION: '1.0.0' });
  remote.tag('v1.0.0', before);
  const after = remote.push('main', 'chore(release): v1.1.0', { VERSION: '1.1.0' });
  remote.tag('v1.1.0', after);
  return { remote, before, after };
}

function openBranch(settings: GitBranchSettings, { path }: GitRemote): Target {
  const context = adapterContext();
  return openGitBranch(settings, context, openRemote(RemoteSettings.parse({ url: path }), context));
}

function paste(remote: GitRemote, commands: readonly string[]): void {
  const clone = join(mkdtempSync(join(tmpdir(), 'slipway-clone-')), 'clone');
  folders.push(join(clone, '..'));
  execFileSync('git', ['clone', '--quiet', remote.path, clone]);
  execFileSync('sh', ['-e', '-c', commands.join('\n')], { cwd: clone, stdio: 'pipe' });
}

it.each(['production', "it's$(live)"])(
  'what the report says, pasted into a shell, rolls back %s',
  (branch) => {
    const { remote, before, after } = remoteWithReleases();
    remote.git('update-ref', `refs/heads/${branch}`, after);
    const settings = GitBranchSettings.parse({ use: 'git-branch', branch });
    const target = openBranch(settings, remote);
    paste(remote, target.rollbackCommands?.({ version: '1.0.0', tag: 'v1.0.0', commit: before }) ?? []);
    expect(remote.git('rev-parse', `refs/heads/${branch}`)).toBe(before);
  },
);

it('also where production lives in a repository of its own', () => {
  const { remote, before } = remoteWithReleases();
  const production = new GitRemote();
  folders.push(production.folder);
  production.push('production', 'something newer', { VERSION: '1.1.0' });
  const settings = GitBranchSettings.parse({ use: 'git-branch', remote: { url: production.path } });
  const target = openBranch(settings, remote);
  paste(remote, target.rollbackCommands?.({ version: '1.0.0', tag: 'v1.0.0', commit: before }) ?? []);
  expect(production.git('rev-parse', 'refs/heads/production')).toBe(before);
});
