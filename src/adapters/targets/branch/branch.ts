import { Refusal } from '../../../domain/refusals/refusal.ts';
import { openRemote } from '../../repositories/git/remote.ts';
import { gitlabRemote } from '../../repositories/gitlab/client-set.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { GitBranchSettings, openGitBranch } from './git-branch.ts';
import { openGithubBranch } from './github-branch.ts';

export const gitBranchTarget = defineKind({ settings: GitBranchSettings, open: openBranch });

/** The branch is moved by the same means as the repository of the service is reached: git, or GitHub's API. */
function openBranch(settings: GitBranchSettings, context: TargetContext): Target {
  const { repository } = context;
  switch (repository.use) {
    case 'github':
      return openGithubBranch(settings, context, repository);
    case 'git':
      return openGitBranch(settings, context, openRemote(repository, context));
    case 'gitlab':
      return openGitBranch(settings, context, gitlabRemote(repository, context));
    default:
      throw new Refusal('target-misconfigured', {
        target: `branch ${settings.branch}`,
        reason: 'a branch can be moved in a repository of `use: git`, `use: github` or `use: gitlab`',
      });
  }
}
