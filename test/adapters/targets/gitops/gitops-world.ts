import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import { GitopsSettings, openGitops } from '../../../../src/adapters/targets/gitops/gitops.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import type { TargetWorld } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { FakeArgo } from '../../../fakes/platforms/argo.ts';
import { FakeFlux } from '../../../fakes/platforms/flux.ts';
import { targetContext } from '../../../support/all-adapters.ts';

export const FILE = 'apps/shop/kustomization.yaml';

export const kustomization = (tag: string) => `# The shop
resources: [deployment.yaml]
images:
  - name: ghcr.io/acme/shop   # ours
    newTag: ${tag}
  - { name: envoy, newTag: "1.30" }
`;

/** A repository of files with an agent that brings it into a cluster, and a service whose releases go there. */
export interface GitopsWorld extends TargetWorld {
  readonly argo: FakeArgo;
  readonly flux: FakeFlux;
  readonly service: GitRemote;
  readonly deploy: GitRemote;
  readonly open: (settings?: Record<string, unknown>) => Target;
  readonly clock: { ms: number };
}

/** `none`: a change of the file is the whole deployment. */
export async function gitopsWorld(agent: 'none' | 'argo' | 'flux'): Promise<GitopsWorld> {
  const [service, deploy] = [new GitRemote(), new GitRemote()];
  const releaseOf = (version: string): Release => {
    const commit = service.push('main', `chore(release): v${version}`, { VERSION: version });
    service.tag(`v${version}`, commit);
    return { version, tag: `v${version}`, commit };
  };
  const [first, second] = [releaseOf('1.0.0'), releaseOf('1.1.0')];
  deploy.push('main', 'chore: begin', { [FILE]: kustomization('unreleased'), README: 'hello' });
  const clock = { ms: 1_900_000_000_000 };
  const argo = await new FakeArgo(() => deploy.tip('main') ?? '').start();
  const flux = await new FakeFlux(() => deploy.tip('main') ?? '').start();
  argo.clock = flux.clock = () => clock.ms;
  const folders = [service.folder, deploy.folder];
  const open = (settings: Record<string, unknown> = {}): Target => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    const parsed = GitopsSettings.parse({
      use: 'gitops',
      repository: { use: 'git', url: deploy.path },
      file: FILE,
      kustomize: 'ghcr.io/acme/shop',
      write: 'v{version}',
      ...{ none: {}, argo: { argo: argoSettings(argo) }, flux: { flux: fluxSettings(flux) } }[agent],
      ...settings,
    });
    const context = adapterContext({ dataDir, env: { AGENT_TOKEN: TOKEN }, now: () => clock.ms });
    return openGitops(parsed, targetContext(context, { use: 'git', url: service.path }));
  };
  return {
    argo,
    flux,
    service,
    deploy,
    open,
    clock,
    target: open(),
    another: () => open(),
    first,
    second,
    unknown: { version: '9.0.0', tag: 'v9.0.0', commit: 'deadbeef'.repeat(5) },
    deployments: () =>
      deploy
        .git('log', '--format=%s', 'main')
        .split('\n')
        .filter((one) => /^(deploy|rollback)/.test(one)).length,
    loseNextAnswer: () => deploy.loseNextAnswer(),
    intrude: async () => {
      deploy.push('main', 'fix: by hand', { [FILE]: kustomization('hotfix-7') });
      argo.settle();
      flux.settle();
    },
    remove: async () => {
      await argo.close();
      await flux.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export function argoSettings({ url }: FakeArgo) {
  return { url, token: { env: 'AGENT_TOKEN' }, application: 'shop' };
}

function fluxSettings({ url }: FakeFlux) {
  return { cluster: { api: url, token: { env: 'AGENT_TOKEN' } }, kustomization: 'shop' };
}
