import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { TagForm } from '../../../domain/release/tag-form.ts';
import { githubClientSet } from '../../repositories/github/client-set.ts';
import type { GithubSettings } from '../../repositories/github/settings.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import type { ReleaseHome } from '../shared/dispatch.ts';
import { GithubActionsTarget } from './github-actions-target.ts';
import { GithubActionsSettings } from './settings.ts';

export const githubActionsTarget = defineKind({ settings: GithubActionsSettings, open: openAtHome });

/** The workflow lives in the repository that the settings name, else in that of the service. */
function openAtHome(settings: GithubActionsSettings, context: TargetContext): Target {
  const { repository, tags } = context;
  const home = settings.repository ?? (repository.use === 'github' ? repository : null);
  if (home) return openGithubActions(settings, context, home, { branch: repository.branch, tags });
  throw new Refusal('target-misconfigured', {
    target: `workflow ${settings.workflow}`,
    reason: 'the repository of the service is not on GitHub; name one as target.repository',
  });
}

/** `repository` is where the workflow lives. */
export function openGithubActions(
  settings: GithubActionsSettings,
  context: AdapterContext,
  repository: GithubSettings,
  releases: ReleaseHome,
): Target {
  const { service, shared } = context;
  const place = [repository.api, repository.repository.toLowerCase(), settings.workflow];
  const sharers = shared.get('workflow-services', place, () => new Map<string, TagForm>());
  sharers.set(service, releases.tags);
  return new GithubActionsTarget(settings, context, githubClientSet(repository, context), releases, sharers);
}
