import { z } from 'zod';
import { protocolOf } from '../../adapters/repositories/git/remote.ts';
import { ServiceName } from '../../config/schema.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';

/** Where a repository is, as far as its CI and its pull requests can be asked for. */
export type GitHost = 'github' | 'gitlab' | 'git';

/** A repository as `slipway.yaml` has it, and the variables that it takes. */
export interface RepositoryAnswer {
  readonly host: GitHost;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly variables: readonly string[];
}

const GITHUB = /^(?:https?:\/\/|ssh:\/\/(?:[^@/]+@)?|[^@/]+@)(github\.[^/:]+)(?::\d+)?[/:]([^/]+\/[^/]+)$/i;

/** The port of an address that is not of http is that of ssh. */
const GITLAB =
  /^(?:(https?:\/\/)|ssh:\/\/(?:[^@/]+@)?|[^@/]+@)(gitlab\.[a-z0-9.-]+)(:\d+)?[/:]([\w.-]+(?:\/[\w.-]+)+)$/i;

/** `owner/name`, or the address of any git remote; null when it is neither. */
export function repositoryOf(address: string): RepositoryAnswer | null {
  const bare = withoutTrailing(address, '/').replace(/\.git$/i, '');
  const short = /^[\w.-]+\/[\w.-]+$/.test(address) && !address.startsWith('.');
  const github = GITHUB.exec(bare);
  const [, host = 'github.com', name = address] = github ?? [];
  if (short || github) {
    const own = host.toLowerCase() === 'github.com' ? {} : { api: `https://${host}/api/v3` };
    return {
      host: 'github',
      settings: { use: 'github', repository: name, token: { env: 'GITHUB_TOKEN' }, ...own },
      variables: ['GITHUB_TOKEN'],
    };
  }
  const gitlab = GITLAB.exec(bare);
  if (gitlab) return gitlabProject(gitlab);
  const protocol = protocolOf(address);
  if (address.trim() === '' || /\s/.test(address) || protocol === 'git') return null;
  const needsToken = protocol === 'http';
  return {
    host: 'git',
    settings: { use: 'git', url: address, ...(needsToken ? { token: { env: 'GIT_TOKEN' } } : {}) },
    variables: needsToken ? ['GIT_TOKEN'] : [],
  };
}

function gitlabProject([, scheme = '', host = '', port = '', project]: RegExpExecArray): RepositoryAnswer {
  const isOwn = host.toLowerCase() !== 'gitlab.com';
  const url = `${scheme || 'https://'}${host}${scheme === '' ? '' : port}`;
  const settings = { use: 'gitlab', ...(isOwn ? { url } : {}), project, token: { env: 'GITLAB_TOKEN' } };
  return { host: 'gitlab', settings, variables: ['GITLAB_TOKEN'] };
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
