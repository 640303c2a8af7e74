import { Refusal } from '../../../domain/refusals/refusal.ts';
import { openRemote } from '../../repositories/git/remote.ts';
import { defineKind, type Wanted } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { GitBranchSettings, openGitBranch } from './git-branch.ts';

/** The branch is moved by the same means as the repository of the service is reached: git, or GitHub's API. */
export async function gitBranchTarget(isWanted: Wanted) {
  const github = isWanted('github') ? await import('./github-branch.ts') : null;
  const gitlab = isWanted('gitlab') ? await import('../../repositories/gitlab/client-set.ts') : null;
  return defineKind({
    settings: GitBranchSettings,
    open: (settings: GitBranchSettings, context: TargetContext): Target => {
      const { repository } = context;
      if (repository.use === 'git') return openGitBranch(settings, context, openRemote(repository, context));
      if (repository.use === 'github' && github)
        return github.openGithubBranch(settings, context, repository);
      if (repository.use === 'gitlab' && gitlab)
        return openGitBranch(settings, context, gitlab.gitlabRemote(repository, context));
      throw new Refusal('target-misconfigured', {
        target: `branch ${settings.branch}`,
        reason: 'a branch can be moved in a repository of `use: git`, `use: github` or `use: gitlab`',
      });
    },
  });
}
