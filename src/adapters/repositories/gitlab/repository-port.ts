import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import { Clone } from '../git/clone.ts';
import { openSigner } from '../git/signing/signer.ts';
import { committerOf, writingShape } from '../git/writing/settings.ts';
import type { Repository } from '../port.ts';
import type { RequestHost } from '../requests/host.ts';
import { recordFiles } from '../requests/record-files.ts';
import { hostShape } from '../settings.ts';
import { gitlabClient, gitlabRemote } from './client-set.ts';
import { GitlabRepository } from './repository.ts';
import { GitlabRequestHost } from './request-host.ts';
import { gitlabShape, projectPage } from './settings.ts';

export const GitlabRepositorySettings = z
  .strictObject({
    use: z.literal('gitlab'),
    ...gitlabShape,
    ...writingShape,
    protected: z.enum(['merge-request', 'refuse']).default('merge-request').meta({
      description:
        'What to do when the branch takes no pushes: release by a merge request that is merged once its checks and approvals are there, or refuse.',
    }),
    squash: z.boolean().default(false).meta({
      description: 'Whether such a merge request is squashed; how it is merged is a setting of the project.',
    }),
    ...hostShape,
  })
  .meta({ description: 'A project on GitLab: its commits by the git program, all else by its REST API.' });
export type GitlabRepositorySettings = z.infer<typeof GitlabRepositorySettings>;

export const gitlabRepository = defineKind({
  settings: GitlabRepositorySettings,
  open: openGitlabRepository,
});

export function openGitlabRepository(
  settings: GitlabRepositorySettings,
  context: AdapterContext,
): Repository {
  const signer = settings.signing === undefined ? null : openSigner(settings.signing, context);
  const clone = new Clone(context, gitlabRemote(settings, context));
  const hand = { committer: committerOf(settings), signer };
  const files = recordFiles(context, projectPage(settings));
  return new GitlabRepository(settings, gitlabClient(settings, context), clone, hand, files);
}

/** Its merge requests, for others than the repository of a service. */
export function gitlabRequestHost(settings: GitlabRepositorySettings, context: AdapterContext): RequestHost {
  const signer = settings.signing === undefined ? null : openSigner(settings.signing, context);
  const clone = new Clone(context, gitlabRemote(settings, context));
  const hand = { committer: committerOf(settings), signer };
  return new GitlabRequestHost(gitlabClient(settings, context), clone, hand, settings.squash);
}
