import { Refusal } from '../../../domain/refusals/refusal.ts';
import { gitlabClient } from '../../repositories/gitlab/client-set.ts';
import type { GitlabSettings } from '../../repositories/gitlab/settings.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import type { ReleaseHome } from '../shared/dispatch.ts';
import { GitlabPipelineTarget } from './gitlab-pipeline-target.ts';
import { GitlabPipelineSettings } from './settings.ts';

export const gitlabPipelineTarget = defineKind({ settings: GitlabPipelineSettings, open: openAtHome });

/** The pipeline runs in the project that the settings name, else in that of the service. */
function openAtHome(settings: GitlabPipelineSettings, context: TargetContext): Target {
  const { repository, tags } = context;
  const home = settings.repository ?? (repository.use === 'gitlab' ? repository : null);
  if (home) return openGitlabPipeline(settings, context, home, { branch: repository.branch, tags });
  throw new Refusal('target-misconfigured', {
    target: 'pipeline',
    reason: 'the repository of the service is not on GitLab; name one as target.repository',
  });
}

/** `project` is where the pipeline runs. */
export function openGitlabPipeline(
  settings: GitlabPipelineSettings,
  context: AdapterContext,
  project: GitlabSettings,
  releases: ReleaseHome,
): Target {
  return new GitlabPipelineTarget(settings, context.service, gitlabClient(project, context), releases);
}
