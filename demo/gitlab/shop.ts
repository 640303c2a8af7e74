import { TOKEN } from '../platform/fake-platform.ts';
import { bareRepository } from './bare.ts';
import { FakeGitlab } from './gitlab.ts';

export interface ShopOnGitlab {
  readonly gitlab: FakeGitlab;
  /** `repository` and `target` of slipway.yaml. */
  readonly repository: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
  /** Variables that the settings name. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ShopOnGitlabOptions {
  /** Whether the branch takes no pushes, so that releases go through merge requests. */
  readonly isProtected?: boolean;
  /** Settings of the repository beyond those that are needed. */
  readonly repository?: Readonly<Record<string, unknown>>;
}

/** The sample shop on a small GitLab of its own, below a path, deployed by its pipelines. */
export async function startShopOnGitlab(
  remote: { readonly path: string; readonly validated: string },
  production: string,
  options: ShopOnGitlabOptions = {},
): Promise<ShopOnGitlab> {
  const bare = bareRepository(remote.path);
  const gitlab = await new FakeGitlab(bare, { prefix: '/git' }).start();
  const { merging, pipelines } = gitlab;
  merging.method = 'ff';
  pipelines.onDeployed = (sha) => void bare.git('update-ref', 'refs/heads/production', sha);
  addPastDeployment(gitlab);
  pipelines.add(remote.validated, [
    { name: 'build', status: 'success' },
    { name: 'test', status: 'success' },
  ]);
  if (options.isProtected) gitlab.protect('main');
  const { base: url, project } = gitlab;
  return {
    gitlab,
    repository: {
      use: 'gitlab',
      url,
      project,
      token: { env: 'GITLAB_TOKEN' },
      // The job that deploys records it.
      environment: false,
      ...options.repository,
    },
    target: { use: 'gitlab-pipeline', url: production },
    env: { GITLAB_TOKEN: TOKEN },
  };
}

/** What is live when the story begins was deployed by a job. */
function addPastDeployment({ pipelines, records, remote }: FakeGitlab): void {
  const live = remote.tip('production');
  if (live === null) return;
  const job = { name: 'deploy-production', stage: 'deploy', deploys: 'production', status: 'success' };
  const pipeline = pipelines.add(live, [job], { source: 'api', ref: 'v1.2.0' });
  for (const deployed of pipeline.jobs) {
    records.began(pipeline, deployed);
    records.ended(deployed, 'success');
  }
}
