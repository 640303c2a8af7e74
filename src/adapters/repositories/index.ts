import { z } from 'zod';
import type { AdapterContext } from '../shared/context.ts';
import { GitForgeSettings, openGitForge } from './git/repository-port.ts';
import { GithubForgeSettings, openGithubForge } from './github/repository-port.ts';
import type { Forge } from './port.ts';

/** A service's `repository`. */
export const ForgeSettings = z.discriminatedUnion('use', [GitForgeSettings, GithubForgeSettings]);
export type ForgeSettings = z.infer<typeof ForgeSettings>;

export function openForge(settings: ForgeSettings, context: AdapterContext): Forge {
  switch (settings.use) {
    case 'git':
      return openGitForge(settings, context);
    case 'github':
      return openGithubForge(settings, context);
  }
}
