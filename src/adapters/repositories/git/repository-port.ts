import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Repository } from '../port.ts';
import { repositorySettings } from '../settings.ts';
import { Clone } from './clone.ts';
import { checkTransport, openRemote, remoteShape } from './remote.ts';
import { GitRepository } from './repository.ts';
import { SigningSettings } from './signing/settings.ts';
import { openSigner } from './signing/signer.ts';
import { webLinks } from './web-links.ts';

const DEFAULT_COMMITTER = { name: 'Slipway', email: 'slipway@users.noreply.invalid' };
export const GitRepositorySettings = z
  .strictObject({
    use: z.literal('git'),
    ...remoteShape,
    committer: z
      .strictObject({ name: z.string().min(1), email: z.string().min(3) })
      .optional()
      .meta({
        description: 'Who the release commits and tags are by. Default: Slipway, with a neutral address.',
      }),
    signing: SigningSettings.optional(),
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
  const { committer = DEFAULT_COMMITTER, signing, web } = settings;
  const signer = signing === undefined ? null : openSigner(signing, context);
  return new GitRepository(
    new Clone(context, remote),
    { committer, signer },
    webLinks(remote.url, web),
    context.now,
  );
}
