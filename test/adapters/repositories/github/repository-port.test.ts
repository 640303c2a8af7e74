import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startGithub } from '../../../../demo/github/server.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { type RepositoryWorld, repositoryContract } from '../../../contracts/repository.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

async function world(login: 'token' | 'app'): Promise<RepositoryWorld> {
  const remote = new GitRemote();
  const github = await startGithub({ path: remote.path });
  const app = github.access.app();
  const settings = GithubRepositorySettings.parse({
    use: 'github',
    repository: github.name,
    api: github.api,
    protected: 'refuse',

    ...(login === 'token'
      ? { token: { env: 'GITHUB_TOKEN' } }
      : { app: { id: app.id, installation: app.installation, 'private-key': { env: 'APP_KEY' } } }),
  });
  const env = { GITHUB_TOKEN: github.access.token(), APP_KEY: app.privateKey };
  const folders: string[] = [];
  const open = (): Repository => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    return openGithubRepository(settings, adapterContext({ dataDir, env }));
  };
  return {
    repository: open(),
    another: open,
    push: remote.push.bind(remote),
    tag: remote.tag.bind(remote),
    protect: (branch) => github.protect(branch),
    loseNextAnswer: () => github.faults.next(/^PATCH|graphql$/, 'reset-after'),
    remove: async () => {
      await github.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      expect(github.violations).toEqual([]);
      expect(remote.fsck()).toBe('');
      remote.remove();
    },
  };
}

repositoryContract({
  name: 'github repository with a token',
  make: () => world('token'),
  tellsOneBranch: true,
});
repositoryContract({
  name: 'github repository as an app',
  make: () => world('app'),
  tellsOneBranch: true,
});
