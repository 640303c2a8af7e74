import { z } from 'zod';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Repository } from '../port.ts';
import type { RequestHost } from '../requests/host.ts';
import { recordFiles } from '../requests/record-files.ts';
import { hostShape } from '../settings.ts';
import { githubClientSet } from './client-set.ts';
import { GithubRepository } from './repository.ts';
import { githubShape, hasOneLogin, ONE_LOGIN } from './settings.ts';
import { GithubObjects } from './writing/objects.ts';
import { GithubRequestHost } from './writing/request-host.ts';

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
    ...hostShape,
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
  const files = recordFiles(context, `${withoutTrailing(settings.api, '/')}/${settings.repository}`);
  return new GithubRepository(settings, githubClientSet(settings, context), files);
}

/** Its pull requests, for others than the repository of a service. */
export function githubRequestHost(settings: GithubRepositorySettings, context: AdapterContext): RequestHost {
  const repository = githubClientSet(settings, context);
  const objects = new GithubObjects(repository, settings.committer ?? null);
  return new GithubRequestHost(repository, objects, settings.merge);
}
