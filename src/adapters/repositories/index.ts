import { z } from 'zod';
import type { AdapterContext } from '../shared/context.ts';
import { GitRepositorySettings, openGitRepository } from './git/repository-port.ts';
import { GithubRepositorySettings, openGithubRepository } from './github/repository-port.ts';
import type { Repository } from './port.ts';

/** A service's `repository`. */
export const RepositorySettings = z.discriminatedUnion('use', [
  GitRepositorySettings,
  GithubRepositorySettings,
]);
export type RepositorySettings = z.infer<typeof RepositorySettings>;

export function openRepository(settings: RepositorySettings, context: AdapterContext): Repository {
  switch (settings.use) {
    case 'git':
      return openGitRepository(settings, context);
    case 'github':
      return openGithubRepository(settings, context);
  }
}
