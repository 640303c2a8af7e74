import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { RepositorySettings } from '../repositories/index.ts';
import type { AdapterContext } from '../shared/context.ts';
import { GitBranchSettings, openGitBranch } from './branch/git-branch.ts';
import { openGithubBranch } from './branch/github-branch.ts';
import { openCommand } from './command/command.ts';
import { CommandSettings } from './command/settings.ts';
import { openGithubActions } from './github-actions/github-actions.ts';
import { GithubActionsSettings } from './github-actions/settings.ts';
import { HerokuSettings, openHeroku } from './platforms/heroku.ts';
import { NetlifySettings, openNetlify } from './platforms/netlify.ts';
import { openVercel, VercelSettings } from './platforms/vercel.ts';
import type { Target } from './port.ts';
import { openWebhook, WebhookSettings } from './webhook/webhook.ts';

/** A service's `target`. */
export const TargetSettings = z.discriminatedUnion('use', [
  GitBranchSettings,
  GithubActionsSettings,
  VercelSettings,
  NetlifySettings,
  HerokuSettings,
  WebhookSettings,
  CommandSettings,
]);
export type TargetSettings = z.infer<typeof TargetSettings>;

/** `repository` is where the service's releases are cut; targets that deploy from git use it by default. */
export function openTarget(
  settings: TargetSettings,
  context: AdapterContext,
  repository: RepositorySettings & { readonly branch: string },
): Target {
  switch (settings.use) {
    case 'git-branch':
      return repository.use === 'github'
        ? openGithubBranch(settings, context, repository)
        : openGitBranch(settings, context, repository);
    case 'github-actions': {
      const home = settings.repository ?? (repository.use === 'github' ? repository : null);
      if (home) return openGithubActions(settings, context, home, repository.branch);
      throw new Refusal('target-misconfigured', {
        target: `workflow ${settings.workflow}`,
        reason: 'the repository of the service is not on GitHub; name one as target.repository',
      });
    }
    case 'vercel':
      return openVercel(settings, context, repository.branch);
    case 'netlify':
      return openNetlify(settings, context, repository.branch);
    case 'heroku':
      return openHeroku(settings, context);
    case 'webhook':
      return openWebhook(settings, context);
    case 'command':
      return openCommand(settings, context);
  }
}
