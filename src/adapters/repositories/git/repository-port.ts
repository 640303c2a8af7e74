import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Repository } from '../port.ts';
import { repositorySettings } from '../settings.ts';
import { Clone } from './clone.ts';
import { checkTransport, openRemote, remoteShape } from './remote.ts';
import { GitRepository } from './repository.ts';
import { openSigner } from './signing/signer.ts';
import { webLinks } from './web-links.ts';
import { committerOf, writingShape } from './writing/settings.ts';

export const GitRepositorySettings = z
  .strictObject({
    use: z.literal('git'),
    ...remoteShape,
    ...writingShape,
    web: z
      .enum(['github', 'gitlab', 'bitbucket', 'gitea'])
      .optional()
      .meta({ description: 'Which web pages the host has, when its name does not tell.' }),
    ...repositorySettings,
  })
  .superRefine(checkTransport)
  .meta({ description: 'Any git remote, through the git program.' });
export type GitRepositorySettings = z.infer<typeof GitRepositorySettings>;

export const gitRepository = defineKind({ settings: GitRepositorySettings, open: openGitRepository });

export function openGitRepository(settings: GitRepositorySettings, context: AdapterContext): Repository {
  const remote = openRemote(settings, context);
  const { signing, web } = settings;
  const signer = signing === undefined ? null : openSigner(signing, context);
  return new GitRepository(
    new Clone(context, remote),
    { committer: committerOf(settings), signer },
    webLinks(remote.url, web),
    context.now,
  );
}
