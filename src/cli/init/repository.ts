import { z } from 'zod';
import { protocolOf } from '../../adapters/repositories/git/remote.ts';
import { ServiceName } from '../../config/schema.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';

/** A repository as `slipway.yaml` has it, and the variables that it takes. */
export interface RepositoryAnswer {
  readonly isGithub: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly variables: readonly string[];
}

const GITHUB = /^(?:https?:\/\/|ssh:\/\/(?:[^@/]+@)?|[^@/]+@)(github\.[^/:]+)(?::\d+)?[/:]([^/]+\/[^/]+)$/i;

const GITLAB =
  /^(?:https?:\/\/|ssh:\/\/(?:[^@/]+@)?|[^@/]+@)(gitlab\.com)(?::\d+)?[/:]([\w.-]+(?:\/[\w.-]+)+)$/i;

/** `owner/name`, or the address of any git remote; null when it is neither. */
export function repositoryOf(address: string): RepositoryAnswer | null {
  const bare = withoutTrailing(address, '/').replace(/\.git$/i, '');
  const short = /^[\w.-]+\/[\w.-]+$/.test(address) && !address.startsWith('.');
  const github = GITHUB.exec(bare);
  const [, host = 'github.com', name = address] = github ?? [];
  if (short || github) {
    const own = host.toLowerCase() === 'github.com' ? {} : { api: `https://${host}/api/v3` };
    return {
      isGithub: true,
      settings: { use: 'github', repository: name, token: { env: 'GITHUB_TOKEN' }, ...own },
      variables: ['GITHUB_TOKEN'],
    };
  }
  const project = GITLAB.exec(bare)?.[2];
  if (project !== undefined) {
    const settings = { use: 'gitlab', project, token: { env: 'GITLAB_TOKEN' } };
    return { isGithub: false, settings, variables: ['GITLAB_TOKEN'] };
  }
  const protocol = protocolOf(address);
  if (address.trim() === '' || /\s/.test(address) || protocol === 'git') return null;
  const needsToken = protocol === 'http';
  return {
    isGithub: false,
    settings: { use: 'git', url: address, ...(needsToken ? { token: { env: 'GIT_TOKEN' } } : {}) },
    variables: needsToken ? ['GIT_TOKEN'] : [],
  };
}

/** The last part of an address or of the name of a package, as a service may be called; null when it cannot be one. */
export function serviceNameIn(address: string): string | null {
  const last =
    withoutTrailing(address, '/')
      .split(/[/:\\]/)
      .at(-1) ?? '';
  const name = last
    .replace(/\.git$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
  return z.safeParse(ServiceName, name).success ? name : null;
}
