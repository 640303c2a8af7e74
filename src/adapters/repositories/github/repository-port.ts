import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Repository } from '../port.ts';
import { repositorySettings } from '../settings.ts';
import { githubClientSet } from './client-set.ts';
import { GithubRepository } from './repository.ts';
import { githubShape, hasOneLogin, ONE_LOGIN } from './settings.ts';

export const GithubRepositorySettings = z
  .strictObject({
    use: z.literal('github'),
    ...githubShape,
    committer: z
      .strictObject({ name: z.string().min(1), email: z.string().min(3) })
      .optional()
      .meta({
        description:
          'Who the release commits and tags are by. Default: the account of the token, or the app, whose commits GitHub signs.',
      }),
    protected: z.enum(['pull-request', 'refuse']).default('pull-request').meta({
      description:
        'What to do when the branch takes no pushes: release by a pull request that is merged once its checks have passed, or refuse.',
    }),
    merge: z
      .enum(['merge', 'squash', 'rebase'])
      .default('merge')
      .meta({ description: 'How such a pull request is merged.' }),
    ci: z
      .union([z.enum(['all', 'none']), z.array(z.string().min(1)).min(1).max(50)], {
        error: 'all, none, or a list of names of checks',
      })
      .default('all')
      .meta({
        description:
          'Checks and commit statuses that the candidate must have passed: all that report, none, or these by name.',
      }),
    environment: z
      .union([z.string().min(1).max(255), z.literal(false)], {
        error: 'the name of an environment, or false',
      })
      .default('production')
      .meta({
        description:
          'Environment in which GitHub shows what Slipway deploys; false where something else records that, such as a job with `environment`.',
      }),
    'staging-environment': z.string().min(1).max(255).optional().meta({
      description:
        'Environment of staging on GitHub: it must show a successful deployment of exactly the validated commit.',
    }),
    ...repositorySettings,
  })
  .refine(hasOneLogin, { error: ONE_LOGIN })
  .meta({ description: 'A repository on GitHub, through its REST API; no git program and no clone.' });
export type GithubRepositorySettings = z.infer<typeof GithubRepositorySettings>;

export const githubRepository = defineKind({
  settings: GithubRepositorySettings,
  open: openGithubRepository,
});

export function openGithubRepository(
  settings: GithubRepositorySettings,
  context: AdapterContext,
): Repository {
  return new GithubRepository(settings, githubClientSet(settings, context));
}
