import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitForgeSettings, openGitForge } from '../../../src/adapters/forge/git.ts';
import type { Forge } from '../../../src/adapters/forge/port.ts';
import { type ForgeWorld, forgeContract } from '../../contracts/forge.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { GitRemote } from '../../fakes/git-remote.ts';

async function world(prepare: (remote: GitRemote) => string): Promise<ForgeWorld> {
  const remote = new GitRemote();
  const url = prepare(remote);
  const folders: string[] = [];
  const open = (): Forge => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    return openGitForge(GitForgeSettings.parse({ use: 'git', url }), adapterContext({ dataDir }));
  };
  return {
    forge: open(),
    another: open,
    push: remote.push.bind(remote),
    tag: remote.tag.bind(remote),
    protect: (branch) =>
      remote.hook(
        'update',
        `test "$1" != "refs/heads/${branch}" || { echo "${branch} is protected"; exit 1; }`,
      ),
    loseNextAnswer: () => remote.loseNextAnswer(),
    remove: async () => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      remote.remove();
    },
  };
}

forgeContract({ name: 'git forge on a path', make: () => world((remote) => remote.path) });

forgeContract({
  name: 'git forge with a partial clone',
  make: () =>
    world((remote) => {
      remote.git('config', 'uploadpack.allowFilter', 'true');
      return `file://${remote.path}`;
    }),
});
