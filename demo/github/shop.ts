import { type Github, startGithub } from './server.ts';

export interface ShopOnGithub {
  readonly github: Github;
  /** `repository` and `target` of slipway.yaml. */
  readonly repository: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
  /** Variables that the settings name. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ShopOnGithubOptions {
  readonly login?: 'token' | 'app';
  /** Settings of the repository beyond those that are needed. */
  readonly repository?: Readonly<Record<string, unknown>>;
}

/** The sample shop on a small GitHub of its own. */
export async function startShopOnGithub(
  remote: { readonly path: string },
  production: string,
  options: ShopOnGithubOptions = {},
): Promise<ShopOnGithub> {
  const github = await startGithub({ path: remote.path });
  const base = {
    use: 'github',
    repository: github.name,
    api: github.api,
    branch: 'main',
    ...options.repository,
  };
  const target = { use: 'git-branch', branch: 'production', url: production };
  if (options.login !== 'app') {
    const env = { GITHUB_TOKEN: github.access.token() };
    return { github, repository: { ...base, token: { env: 'GITHUB_TOKEN' } }, target, env };
  }
  const { id, installation, privateKey } = github.access.app();
  const app = { id, installation, 'private-key': { env: 'GITHUB_APP_KEY' } };
  return { github, repository: { ...base, app }, target, env: { GITHUB_APP_KEY: privateKey } };
}
