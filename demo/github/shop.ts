import { WORKFLOW_PATH } from '../shop/remote.ts';
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
  /** What moves production: a workflow of Actions (default), or Slipway itself. */
  readonly target?: 'github-actions' | 'git-branch';
  /** How long each step of a workflow takes, in ms. */
  readonly stepMs?: number;
  /** Settings of the repository beyond those that are needed. */
  readonly repository?: Readonly<Record<string, unknown>>;
}

/** The sample shop on a small GitHub of its own. */
export async function startShopOnGithub(
  remote: { readonly path: string; readonly validated: string },
  production: string,
  options: ShopOnGithubOptions = {},
): Promise<ShopOnGithub> {
  const github = await startGithub({ path: remote.path });
  github.actions.stepMs = options.stepMs ?? 30;
  const base = {
    use: 'github',
    repository: github.name,
    api: github.api,
    branch: 'main',
    ...options.repository,
  };
  const target =
    options.target === 'git-branch'
      ? { use: 'git-branch', branch: 'production', url: production }
      : { use: 'github-actions', workflow: 'deploy.yml', url: production };
  await addPastRun(github);
  for (const name of ['build', 'test']) github.setCheck(remote.validated, name, 'success');
  if (options.login !== 'app') {
    const env = { GITHUB_TOKEN: github.access.token() };
    return { github, repository: { ...base, token: { env: 'GITHUB_TOKEN' } }, target, env };
  }
  const { id, installation, privateKey } = github.access.app();
  const app = { id, installation, 'private-key': { env: 'GITHUB_APP_KEY' } };
  return { github, repository: { ...base, app }, target, env: { GITHUB_APP_KEY: privateKey } };
}

/** The run that deployed what is live when the story begins. */
async function addPastRun({ actions, state }: Github): Promise<void> {
  const workflow = await actions.workflowAt('main', WORKFLOW_PATH);
  const live = await state.store.resolve('refs/heads/production');
  if (!workflow || !live) return;
  const inputs = { version: '1.2.0', environment: 'production', slipway: 'by hand' };
  actions.addPast(workflow, { path: WORKFLOW_PATH, ref: 'v1.2.0', sha: live, inputs });
}
