import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as plainTest } from 'vitest';
import { repositories } from '../../../../src/adapters/repositories/index.ts';
import { GitopsSettings, openGitops } from '../../../../src/adapters/targets/gitops/gitops.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import { type TargetWorld, targetContract } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { FakeArgo } from '../../../fakes/platforms/argo.ts';
import { TOKEN } from '../../../fakes/platforms/fake-platform.ts';
import { carryOut, orderOf, sentenceOf } from '../platforms/platform-world.ts';

const FILE = 'apps/shop/kustomization.yaml';

const kustomization = (tag: string) => `# The shop
resources: [deployment.yaml]
images:
  - name: ghcr.io/acme/shop   # ours
    newTag: ${tag}
  - { name: envoy, newTag: "1.30" }
`;

interface World extends TargetWorld {
  readonly argo: FakeArgo;
  readonly service: GitRemote;
  readonly deploy: GitRemote;
  readonly open: (settings?: Record<string, unknown>) => Target;
  readonly clock: { ms: number };
}

async function world(withArgo: boolean): Promise<World> {
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
  argo.clock = () => clock.ms;
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
      ...(withArgo ? { argo: { url: argo.url, token: { env: 'ARGO_TOKEN' }, application: 'shop' } } : {}),
      ...settings,
    });
    const repository = repositories.settings.parse({ use: 'git', url: service.path });
    const context = adapterContext({ dataDir, env: { ARGO_TOKEN: TOKEN }, now: () => clock.ms });
    return openGitops(parsed, { ...context, repository });
  };
  return {
    argo,
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
    },
    remove: async () => {
      await argo.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

targetContract({ name: 'gitops', make: () => world(false) });
targetContract({ name: 'gitops with Argo CD', make: () => world(true) });

describe('gitops', () => {
  const test = plainTest.extend<{ shop: World }>({
    shop: async ({ task: _task }, use) => {
      const shop = await world(true);
      await use(shop);
      expect(shop.argo.violations).toEqual([]);
      await shop.remove();
    },
  });

  const fileNow = ({ deploy }: World) => deploy.git('show', `main:${FILE}`);

  test('changes the one value, and leaves the rest of the file and what others change as it is', async ({
    shop,
  }) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'p1');
    await carryOut(shop.target, orderOf(shop.second, shop.first), 'p2');
    expect(`${fileNow(shop)}\n`).toBe(kustomization('v1.1.0'));
    expect(shop.deploy.git('show', '-s', '--format=%B', 'main')).toMatch(
      /^deploy\(shop\): v1\.1\.0\n[\s\S]*Slipway-Record: p2$/,
    );
    const theirs = kustomization('v1.1.0').replace('"1.30"', '"1.31"').replace('# The shop', '# Our shop');
    shop.deploy.push('main', 'feat: a newer envoy', { [FILE]: theirs, other: 'thing' });
    const status = await carryOut(shop.target, orderOf(shop.first, shop.second, 'rollback'), 'p2:rollback');
    expect(status).toMatchObject({ kind: 'succeeded' });
    expect(`${fileNow(shop)}\n`).toBe(theirs.replace('v1.1.0', 'v1.0.0'));
    expect(shop.deploy.git('show', '--format=', '--name-only', 'main')).toBe(FILE);
  });

  test('Synced and Healthy at the commit before, or with the health of before the sync, is no success', async ({
    shop,
  }) => {
    shop.argo.staleness = 3;
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    const seen: string[] = [];
    let status = await shop.target.follow(order, handle);
    for (; status.kind === 'running'; status = await shop.target.follow(order, handle))
      seen.push(status.detail);
    expect([...new Set(seen)]).toEqual([
      'Argo CD has not seen the commit yet',
      'Argo CD has seen the commit, and is OutOfSync',
      'Argo CD syncs: successfully synced',
      'Argo CD has not looked at its health since the sync',
      'it is Progressing',
    ]);
    expect(status).toMatchObject({
      kind: 'succeeded',
      deployment: { logUrl: `${shop.argo.url}/applications/argocd/shop` },
    });
    expect(shop.argo.acts).toEqual([shop.deploy.tip('main')]);
  });

  test('what Argo CD has deployed is live, not what the file says', async ({ shop }) => {
    await carryOut(shop.target, orderOf(shop.first, null), 'p1');
    await shop.target.start(orderOf(shop.second, shop.first), 'p2');
    expect(await shop.target.live()).toEqual({ commit: shop.first.commit, version: '1.0.0' });
  });

  test('a commit of somebody else on top is a commit that has ours', async ({ shop }) => {
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.deploy.push('main', 'docs: hello', { README: 'hello again' });
    expect(await carryOut(shop.another(), order, 'k')).toMatchObject({ kind: 'succeeded' });
    expect(shop.deployments?.()).toBe(1);
    shop.deploy.push('main', 'fix: by hand', { [FILE]: kustomization('hotfix-7') });
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: `${FILE} says hotfix-7 now, not v1.0.0: somebody else has changed it.`,
    });
  });

  test('a sync that fails names what failed; health that is lost names what is degraded', async ({
    shop,
  }) => {
    shop.argo.nextSync = 'Failed';
    expect(await carryOut(shop.target, orderOf(shop.first, null), 'k1')).toMatchObject({
      kind: 'failed',
      reason:
        'Argo CD application shop: the sync failed: one or more objects failed to apply; Service shop: port is taken.',
    });
    expect(await carryOut(shop.target, orderOf(shop.first, null), 'k1b')).toMatchObject({
      kind: 'succeeded',
    });
    expect(shop.deployments?.()).toBe(1);
    shop.argo.nextSync = 'Degraded';
    shop.clock.ms += 60_000;
    const order = orderOf(shop.second, shop.first);
    const handle = await shop.target.start(order, 'k2');
    for (let look = 0; look < 8; look++)
      expect((await shop.target.follow(order, handle)).kind).toBe('running');
    shop.clock.ms += 31_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(
        'Deployment shop is Degraded (Deployment "shop" exceeded its progress deadline)',
      ),
    });
  });

  test('what does not render fails once that lasts', async ({ shop }) => {
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.argo.condition = {
      type: 'ComparisonError',
      message: 'kustomize build failed',
      lastTransitionTime: new Date(shop.clock.ms).toISOString(),
    };
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('kustomize build failed'),
    });
    shop.clock.ms += 121_000;
    expect(await shop.target.follow(order, handle)).toMatchObject({ kind: 'failed' });
  });

  test('an application that does not sync by itself is refused, or synced', async ({ shop }) => {
    shop.argo.automated = null;
    expect(await sentenceOf(shop.target.preflight())).toContain(
      'turn auto-sync on, or set `argo.sync: true`',
    );
    const argo = { url: shop.argo.url, token: { env: 'ARGO_TOKEN' }, application: 'shop', sync: true };
    const target = shop.open({ argo });
    expect(await target.preflight()).toMatch(
      /says unreleased and can be changed\. Argo CD application shop is Synced/,
    );
    expect(await carryOut(target, orderOf(shop.first, null), 'k')).toMatchObject({ kind: 'succeeded' });
    expect(shop.argo.acts).toHaveLength(1);
    shop.argo.followed = 'release';
    expect(await sentenceOf(target.preflight())).toContain('it follows release, and not the branch main');
  });

  test('outages are waited for, refusals say what to do, and no token is repeated', async ({ shop }) => {
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.argo.inject({ status: 429, headers: { 'retry-after': '9' } }, { method: 'GET' });
    await expect(shop.target.follow(order, handle)).rejects.toMatchObject({ retryAfterMs: 9_000 });
    shop.argo.acceptsToken = false;
    const said = await sentenceOf(shop.target.follow(order, handle));
    expect(said).toMatch(/Argo CD does not accept the token of Slipway.*ARGO_TOKEN/);
    expect(said).not.toContain(TOKEN);
    shop.argo.acceptsToken = true;
    const elsewhere = shop.open({
      argo: { url: shop.argo.url, token: { env: 'ARGO_TOKEN' }, application: 'shoop' },
    });
    expect(await sentenceOf(elsewhere.preflight())).toMatch(/applications, get.*also of what is not there/);
    expect(await carryOut(shop.target, order, 'k')).toMatchObject({ kind: 'succeeded' });
  });
});
