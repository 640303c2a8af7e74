import type { z } from 'zod';
import { tableOf } from '../shared/kinds.ts';
import { gitRepository } from './git/repository-port.ts';
import { githubRepository } from './github/repository-port.ts';
import { gitlabRepository } from './gitlab/repository-port.ts';

export const REPOSITORY_KINDS = [gitRepository, githubRepository, gitlabRepository] as const;

/** A service's `repository`. */
export const repositories = tableOf(REPOSITORY_KINDS);
export type RepositorySettings = z.infer<typeof repositories.settings>;
