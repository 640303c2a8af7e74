import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { type RepositoryWorld, repositoryContract } from '../../../contracts/repository.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitHttp } from '../../../fakes/git-http.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

function world(remote: GitRemote, url: string, http?: GitHttp): RepositoryWorld {
  const folders: string[] = [];
  const settings = GitRepositorySettings.parse({
    use: 'git',
    url,
    ...(http ? { token: { env: 'TOKEN' } } : {}),
  });
  const open = (): Repository => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    return openGitRepository(settings, adapterContext({ dataDir, env: { TOKEN: 'secret-token' } }));
  };
  return {
    repository: open(),
    another: open,
    push: remote.push.bind(remote),
    tag: remote.tag.bind(remote),
    protect: (branch) =>
      remote.hook(
        'update',
        `test "$1" != "refs/heads/${branch}" || { echo "${branch} is protected"; exit 1; }`,
      ),
    loseNextAnswer: () => {
      if (http) http.loseNextPush = true;
      else remote.loseNextAnswer();
    },
    remove: async () => {
      await http?.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
      remote.remove();
    },
  };
}

repositoryContract({
  name: 'git repository on a path',
  make: async () => {
    const remote = new GitRemote();
    return world(remote, remote.path);
  },
});

repositoryContract({
  name: 'git repository with a partial clone over http and a token',
  make: async () => {
    const remote = new GitRemote();
    remote.git('config', 'uploadpack.allowFilter', 'true');
    const http = new GitHttp(remote.path, 'secret-token');
    await http.listen();
    return world(remote, http.url, http);
  },
});
