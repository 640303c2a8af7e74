import { describe, expect, test as plainTest } from 'vitest';
import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { targetContract } from '../../../contracts/target.ts';
import { backTo, carryOut, orderOf, sentenceOf } from '../platforms/platform-world.ts';
import { FILE, type GitopsWorld, gitopsWorld } from './gitops-world.ts';

targetContract({ name: 'gitops with Flux', make: () => gitopsWorld('flux') });

describe('gitops with Flux', () => {
  const test = plainTest.extend<{ shop: GitopsWorld }>({
    shop: async ({ task: _task }, use) => {
      const shop = await gitopsWorld('flux');
      await use(shop);
      expect(shop.flux.violations).toEqual([]);
      await shop.remove();
    },
  });

  /** What is said until it is over, each sentence once. */
  const followed = async (target: Target, order: Parameters<Target['follow']>[0], key = 'k') => {
    const handle = await target.start(order, key);
    const seen = new Set<string>();
    let status = await target.follow(order, handle);
    for (let look = 0; look < 12 && status.kind === 'running'; look++) {
      seen.add(status.detail);
      status = await target.follow(order, handle);
    }
    return { seen: [...seen], status };
  };

  test('a commit is there once Flux has applied it and is Ready', async ({ shop }) => {
    const { seen, status } = await followed(shop.target, orderOf(shop.first, null));
    expect(seen).toEqual(['Flux has not applied the commit yet', 'Progressing: Running health checks']);
    expect(status).toMatchObject({ kind: 'succeeded' });
    expect(shop.flux.acts).toEqual([shop.deploy.tip('main')]);
    expect(await shop.target.live()).toEqual({ commit: shop.first.commit, version: '1.0.0' });
    expect(await shop.target.preflight()).toMatch(/Flux kustomization shop has applied main@sha1:/);
  });

  test('a commit on top that cancels the wait for ours is no failure', async ({ shop }) => {
    shop.flux.staleness = 1;
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    const look = async () => (await shop.target.follow(order, handle)) as { kind: string; detail?: string };
    for (let detail = ''; detail !== 'Progressing: Running health checks'; )
      detail = (await look()).detail ?? '';
    shop.deploy.push('main', 'docs: hello', { README: 'hello again' });
    expect(await look()).toMatchObject({
      kind: 'running',
      detail: expect.stringContaining('HealthCheckCanceled: New reconciliation triggered'),
    });
    expect(await carryOut(shop.another(), order, 'k')).toMatchObject({ kind: 'succeeded' });
  });

  test('what cannot be built or does not get healthy fails, with the words of Flux', async ({ shop }) => {
    shop.flux.failing = 'BuildFailed';
    expect((await followed(shop.target, orderOf(shop.first, null))).status).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('BuildFailed: kustomize build failed'),
    });
    shop.flux.failing = 'HealthCheckFailed';
    shop.clock.ms += 120_000;
    expect((await followed(shop.target, orderOf(shop.second, shop.first), 'k2')).status).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('HealthCheckFailed: timeout waiting for'),
    });
    shop.flux.failing = null;
    shop.clock.ms += 120_000;
    expect((await followed(shop.target, orderOf(shop.second, shop.first), 'k3')).status).toMatchObject({
      kind: 'succeeded',
    });
  });

  test('what did not get healthy is gone back from', async ({ shop }) => {
    await followed(shop.target, orderOf(shop.first, null));
    shop.clock.ms += 120_000;
    shop.flux.failing = 'HealthCheckFailed';
    const { status } = await followed(shop.target, orderOf(shop.second, shop.first), 'k2');
    expect(status).toMatchObject({ kind: 'failed' });
    shop.flux.failing = null;
    shop.clock.ms += 120_000;
    const back = await backTo(shop.target, shop.first);
    expect(back.from).toMatchObject({ commit: shop.first.commit });
    expect((await followed(shop.target, back, 'k2:rollback')).status).toMatchObject({ kind: 'succeeded' });
    expect(shop.deploy.git('show', `main:${FILE}`)).toContain('newTag: v1.0.0');
  });

  test('why a commit is not even tried is said while it is waited for', async ({ shop }) => {
    shop.flux.failing = 'ArtifactFailed';
    const { seen, status } = await followed(shop.target, orderOf(shop.first, null));
    expect(status.kind).toBe('running');
    expect(seen).toContain(
      'Flux has not applied the commit yet (ArtifactFailed: kustomization path not found: ./shop)',
    );
  });

  test('of one that does not wait for health, the gate says that Ready is only applied', async ({ shop }) => {
    const exprs = [{ apiVersion: 'acme.io/v1', kind: 'Shop', current: 'true' }];
    const check = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', namespace: 'shop' };
    const gate = async (health: typeof shop.flux.health) => {
      shop.flux.health = health;
      return shop.target.preflight();
    };
    const weak = /has applied main@sha1:\w+\. It has neither `wait: true` nor `healthChecks`, so Ready says/;
    expect(await gate({ wait: true })).not.toMatch(weak);
    expect(await gate({ healthChecks: [check] })).not.toMatch(weak);
    expect(await gate({ healthCheckExprs: exprs })).toMatch(weak);
    expect(await gate({ wait: false, healthChecks: [] })).toMatch(weak);
    expect(await gate({})).toMatch(weak);
    // This is what it warns of.
    shop.flux.failing = 'HealthCheckFailed';
    const { seen, status } = await followed(shop.target, orderOf(shop.first, null));
    expect(seen).not.toContain('Progressing: Running health checks');
    expect(status).toMatchObject({ kind: 'succeeded' });
    shop.flux.health = { healthChecks: [check] };
    shop.clock.ms += 120_000;
    expect((await followed(shop.target, orderOf(shop.second, shop.first), 'k2')).status).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('HealthCheckFailed'),
    });
  });

  test('one that follows another branch is refused; a tag may be one of the branch', async ({ shop }) => {
    shop.deploy.push('staging', 'chore: begin', { README: 'hello' });
    for (const followed of ['staging', 'refs/heads/staging']) {
      shop.flux.followed = followed;
      expect(await sentenceOf(shop.target.preflight())).toContain(
        'it follows staging, and not the branch main',
      );
    }
    for (const followed of ['v1.0.0', 'refs/tags/v1.0.0', 'refs/heads/main', '']) {
      shop.flux.followed = followed;
      expect(await shop.target.preflight()).toContain('has applied');
    }
    // Its source was led to another branch, whose commit could not be applied yet.
    Object.assign(shop.flux, { followed: 'staging', attempts: 'main' });
    expect(await shop.target.preflight()).toContain('has applied staging@');
    Object.assign(shop.flux, { followed: 'main', attempts: 'staging' });
    expect(await sentenceOf(shop.target.preflight())).toContain('it follows staging');
  });

  test('an image that the Kustomization sets itself is refused, and said when that comes later', async ({
    shop,
  }) => {
    shop.flux.images = [{ name: 'envoy', newTag: '1.30' }];
    expect(await shop.target.preflight()).toContain('has applied');
    const order = orderOf(shop.first, null);
    const handle = await shop.target.start(order, 'k');
    shop.flux.images = [{ name: 'ghcr.io/acme/shop', newTag: 'v0.9.0' }];
    expect(await shop.target.follow(order, handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('it sets ghcr.io/acme/shop in its `spec.images`'),
    });
    expect(await sentenceOf(shop.target.preflight())).toContain('`spec.images`');
    shop.flux.suspended = true;
    expect(await shop.target.follow(order, handle)).toMatchObject({
      reason: expect.stringContaining('it is suspended'),
    });
  });

  test('an image whose name alone the Kustomization sets keeps the tag of a base, and not that of its own file', async ({
    shop,
  }) => {
    const name = 'ghcr.io/acme/shop';
    shop.flux.images = [{ name, newName: 'mirror.test/acme/shop' }];
    for (const path of ['./overlays/shop', 'apps', './', '']) {
      shop.flux.path = path;
      expect(await shop.target.preflight(), path).toContain('has applied');
    }
    for (const path of ['./apps/shop', 'apps/shop/']) {
      shop.flux.path = path;
      expect(await sentenceOf(shop.target.preflight()), path).toContain('it sets ghcr.io/acme/shop in');
    }
    shop.flux.path = './overlays/shop';
    shop.flux.images = [{ name, digest: `sha256:${'0'.repeat(64)}` }];
    expect(await sentenceOf(shop.target.preflight())).toContain('it sets ghcr.io/acme/shop in');
  });

  test('what is suspended, not there or not allowed is said', async ({ shop }) => {
    shop.flux.suspended = true;
    expect(await sentenceOf(shop.target.preflight())).toContain('`flux resume` it');
    shop.flux.suspended = false;
    shop.flux.acceptsToken = false;
    const said = await sentenceOf(shop.target.preflight());
    expect(said).toMatch(/Kubernetes does not accept the token of Slipway.*AGENT_TOKEN/);
    expect(said).not.toContain(TOKEN);
    shop.flux.acceptsToken = true;
    const flux = { cluster: { api: shop.flux.url, token: { env: 'AGENT_TOKEN' } }, kustomization: 'shoop' };
    expect(await sentenceOf(shop.open({ flux }).preflight())).toContain(
      'the Kustomization shoop in the namespace flux-system',
    );
    shop.flux.inject({ status: 503 }, { method: 'GET' });
    const order = orderOf(shop.first, null);
    await expect(shop.target.follow(order, await shop.target.start(order, 'k'))).rejects.toThrow(
      /Kubernetes/,
    );
    expect(await carryOut(shop.target, order, 'k')).toMatchObject({ kind: 'succeeded' });
  });
});
