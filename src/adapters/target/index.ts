import { z } from 'zod';
import type { AdapterContext } from '../context.ts';
import type { ForgeSettings } from '../forge/index.ts';
import { openCommand } from './command.ts';
import { CommandSettings } from './command-settings.ts';
import { GitBranchSettings, openGitBranch } from './git-branch.ts';
import { openGithubBranch } from './github-branch.ts';
import type { Target } from './port.ts';

/** A service's `target`. */
export const TargetSettings = z.discriminatedUnion('use', [GitBranchSettings, CommandSettings]);
export type TargetSettings = z.infer<typeof TargetSettings>;

/** `repository` is where the service's releases are cut; targets that deploy from git use it by default. */
export function openTarget(
  settings: TargetSettings,
  context: AdapterContext,
  repository: ForgeSettings,
): Target {
  switch (settings.use) {
    case 'git-branch':
      return repository.use === 'github'
        ? openGithubBranch(settings, context, repository)
        : openGitBranch(settings, context, repository);
    case 'command':
      return openCommand(settings, context);
  }
}
