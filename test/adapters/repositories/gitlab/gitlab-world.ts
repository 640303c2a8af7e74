import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { FakeGitlab } from '../../../../demo/gitlab/gitlab.ts';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import {
  GitlabRepositorySettings,
  openGitlabRepository,
} from '../../../../src/adapters/repositories/gitlab/repository-port.ts';
import type { AdapterContext } from '../../../../src/adapters/shared/context.ts';
import type { RepositoryWorld } from '../../../contracts/repository.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { DescribedGitlab } from '../../../fakes/platforms/gitlab.ts';

export interface GitlabRepositoryWorld extends RepositoryWorld {
  readonly gitlab: FakeGitlab;
  readonly remote: GitRemote;
  open(
    settings?: Readonly<Record<string, unknown>>,
    context?: Partial<AdapterContext>,
  ): RepositoryWorld['repository'];
}

/** A project on a GitLab of one's own, and a repository that works on it. */
export async function gitlabWorld(
  settings: Readonly<Record<string, unknown>> = {},
  where: { readonly project?: string; readonly prefix?: string } = {},
): Promise<GitlabRepositoryWorld> {
  const remote = new GitRemote();
  const gitlab = await new DescribedGitlab(remote, where).start();
  const folders: string[] = [];
  const open = (more: Readonly<Record<string, unknown>> = {}, over: Partial<AdapterContext> = {}) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    const given = { project: gitlab.project, url: gitlab.base, token: { env: 'GITLAB_TOKEN' } };
    return openGitlabRepository(
      GitlabRepositorySettings.parse({ use: 'gitlab', ...given, ...settings, ...more }),
      adapterContext({ dataDir, env: { GITLAB_TOKEN: TOKEN }, ...over }),
    );
  };
  return {
    gitlab,
    remote,
    open,
    repository: open(),
    another: open,
    push: (branch, message, files, author) => remote.push(branch, message, files, author),
    tag: (name, commit, annotated) => remote.tag(name, commit, annotated),
    protect: (branch) => gitlab.protect(branch),
    loseNextAnswer: () => {
      gitlab.loseNextPush = true;
    },
    remove: async () => {
      await gitlab.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      remote.remove();
      expect(gitlab.violations).toEqual([]);
    },
  };
}
